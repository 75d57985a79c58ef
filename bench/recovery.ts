/**
 * Suite `recovery`: every type of incident, caused for real in real Chromium on every kind of provider, again and
 * again, in several calls side by side. A run is good when media is back by frames, or when the call says rightly
 * what only a person can do. For development: `--only KIND --on whip --runs N --story`.
 */
import { chromium } from 'playwright'
import { seededRandom } from '../test/simulation/random.js'
import { CHROMIUM_FLAGS, chromiumPath } from '../test/support/chromium.js'
import { whyNoJanus } from '../test/support/janus.js'
import { servePages } from '../test/support/page-server.js'
import type { RunSuite } from './figure.js'
import { run as runHistory } from './history.js'
import { learningFigures } from './learning.js'
import { preventionFigures } from './support/prevention.js'
import { CASES, type FaultCase } from './support/recovery-cases.js'
import { recoveryFigures } from './support/recovery-figures.js'
import { CARRIERS, type CarrierKind, type Lane, openLane } from './support/recovery-lane.js'
import { type Run, runFault } from './support/recovery-run.js'
import { switchFigures } from './support/recovery-switch.js'

/** Runs of each carrier; together a little over 300. */
const RUNS = 108

interface Plan {
  readonly only: string | null
  readonly on: readonly CarrierKind[]
  readonly runs: number
  readonly isPart: boolean
  /** With what each page noted. */
  readonly isTold: boolean
}

/** Measures all rows, or the part that the command line names. */
export const run: RunSuite = async (progress) => {
  const plan = planOf(process.argv)
  const reason = plan.on.includes('janus') ? whyNoJanus() : undefined
  if (reason !== undefined) progress(`janus is left out: ${reason}`)
  const carriers = plan.on.filter((one) => one !== 'janus' || reason === undefined)
  const pages = await servePages()
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...CHROMIUM_FLAGS],
  })
  const startedAtMs = performance.now()
  try {
    const lanes = carriers.map(async (carrier, index) => {
      const runs: Run[] = []
      const lane = await openLane(browser, pages, carrier, onceEach(progress))
      const random = seededRandom(index + 1)
      const schedule = scheduleOf(plan, carrier, random)
      for (const [turn, fault] of schedule.entries()) {
        const tryIt = (): Promise<Run | null> => runFault(lane, fault, random.pick(lane.seats))
        // Once more in a fresh call where the first one was not well before anything was done to it.
        const result = await tryIt().catch(async (error: unknown) => {
          progress(`again: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
          await attempt(() => lane.rejoin(), progress)
          return attempt(tryIt, progress)
        })
        if (result) runs.push(result)
        progress(`${carrier} ${turn + 1}/${schedule.length} ${fault.kind}, ${fault.name}: ${wordsOf(result)}`)
        if (plan.isTold) await attempt(() => tell(lane, progress), progress)
        // The next fault shall meet a call that is well: what this one has left behind is not its doing.
        if (result === null || result.outcome === 'lost' || fault.whose === 'provider')
          await attempt(() => lane.rejoin(), progress)
      }
      await lane.close()
      return runs
    })
    const runs = (await Promise.all(lanes)).flat()
    progress(`${runs.length} runs in ${((performance.now() - startedAtMs) / 60_000).toFixed(1)} min`)
    const figures = recoveryFigures(runs)
    if (plan.isPart) return figures
    return [
      ...figures,
      ...(await switchFigures(browser, pages, progress)),
      ...learningFigures(),
      ...preventionFigures(progress),
      ...(await runHistory(progress)),
    ]
  } finally {
    await browser.close()
    await pages.close()
  }
}

/** What a page did not expect is said once: a thousand times would hide everything else. */
function onceEach(progress: (line: string) => void): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (!said.has(text)) progress(`a page reports: ${text}`)
    said.add(text)
  }
}

/** A run that cannot be carried out is said and left out, and so is seen in the number of runs. */
async function attempt<Value>(
  work: () => Promise<Value>,
  progress: (line: string) => void,
): Promise<Value | null> {
  try {
    return await work()
  } catch (error) {
    progress(`could not be run: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    return null
  }
}

/** What the pages have noted lately. */
async function tell(lane: Lane, progress: (line: string) => void): Promise<void> {
  for (const { id, page } of lane.seats)
    for (const line of await page.evaluate(() => window.watch.story())) progress(`    ${id}: ${line}`)
}

function planOf(words: readonly string[]): Plan {
  const after = (name: string): string | null => {
    const at = words.indexOf(name)
    return at < 0 ? null : (words[at + 1] ?? null)
  }
  const on = after('--on')
  return {
    only: after('--only'),
    on: CARRIERS.filter((one) => on === null || on.split(',').includes(one)),
    runs: Number(after('--runs') ?? RUNS),
    isPart: ['--only', '--on', '--runs'].some((name) => words.includes(name)),
    isTold: words.includes('--story'),
  }
}

/** Each way of each type equally often, in an order of its own for each carrier. */
function scheduleOf(
  plan: Plan,
  carrier: CarrierKind,
  random: ReturnType<typeof seededRandom>,
): readonly FaultCase[] {
  const cases = CASES.filter(
    (one) => one.on.includes(carrier) && (plan.only === null || plan.only.split(',').includes(one.kind)),
  )
  const rounds = Math.ceil(plan.runs / Math.max(1, cases.length))
  return Array.from({ length: rounds }, () => random.shuffle(cases))
    .flat()
    .slice(0, plan.runs)
}

function wordsOf(run: Run | null): string {
  if (run === null) return 'not caused'
  const took = run.tookMs === null ? '' : ` after ${run.tookMs.toFixed(0)} ms`
  const how = run.isRepaired ? ' by a repair' : ''
  const strategies = run.attempts.map(({ strategy, outcome }) => `${strategy} ${outcome}`).join(', ')
  return [
    `${run.outcome}${took}${how}`,
    ...(strategies ? [strategies] : []),
    ...(run.told.length > 0 ? [`alerts ${run.told.join(' ')}`] : []),
    ...(run.isWrong ? ['WRONG ACTION'] : []),
    ...(run.isSilent ? ['SILENT'] : []),
    ...(run.story ? [run.story] : []),
  ].join(' | ')
}
