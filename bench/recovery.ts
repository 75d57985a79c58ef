/**
 * Suite `recovery`: every type of incident, caused for real in real Chromium on every kind of provider, again and
 * again, in a call for every two cores. A run is good when media is back by frames, or when the call says rightly
 * what only a person can do. For development: `--only KIND --on whip --runs N --story`, `--silent N`, `--switch`,
 * `--minutes N`. A part that fails is said, and the others are measured.
 */
import { type Browser, chromium } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../test/support/chromium.js'
import { whyNoJanus } from '../test/support/janus.js'
import { servePages } from '../test/support/page-server.js'
import type { Figure, RunSuite } from './figure.js'
import { run as runHistory } from './history.js'
import { learningFigures } from './learning.js'
import { preventionFigures } from './support/prevention.js'
import { type Book, type OpenLane, runFaults } from './support/recovery-faults.js'
import { recoveryFigures, tableOf } from './support/recovery-figures.js'
import { type BrowserSource, type CarrierKind, openLane } from './support/recovery-lane.js'
import { leftOut, type Plan, planOf } from './support/recovery-plan.js'
import { emptyTally, type SilentTally, searchSilent, silentFigures } from './support/recovery-silent.js'
import { switchFigures } from './support/recovery-switch.js'
import { type Progress, within } from './support/rig.js'

/** Of the time there is: faults one by one, and what is begun by then; the rest is for the search, which comes last. */
const FAULTS_UNTIL = 0.84
const SWITCHES_UNTIL = 0.93
/** The last round of a search and closing everything. */
const END_MS = 60_000
const CLOSE_LIMIT_MS = 15_000
/** Every part ends by itself before; this is for what nobody thought of. */
const HANGS_AFTER_MS = 90_000
const MINUTE_MS = 60_000

interface Suite {
  readonly plan: Plan
  readonly carriers: readonly CarrierKind[]
  readonly open: OpenLane
  /** The moment at a share of the time there is. */
  readonly until: (share: number) => number
  readonly progress: Progress
  /** What there is so far. */
  readonly book: Book
  readonly tally: SilentTally
  readonly figures: Figure[]
}

/** Measures all rows, or the part that the command line names. */
export const run: RunSuite = async (progress) => {
  const plan = planOf(process.argv)
  // A promise of a page that has gone meanwhile is nobody's; it must not take the figures with it.
  const leaveBehind = (reason: unknown): void => progress(`left behind: ${String(reason).split('\n')[0]}`)
  process.on('unhandledRejection', leaveBehind).on('uncaughtException', leaveBehind)
  const reason = plan.on.includes('janus') ? whyNoJanus() : undefined
  if (reason !== undefined) progress(`janus is left out: ${reason}`)
  const startedAtMs = performance.now()
  const [browsers, pages] = await Promise.all([keepBrowser(), servePages()])
  const suite: Suite = {
    plan,
    progress,
    carriers: plan.on.filter((one) => one !== 'janus' || reason === undefined),
    open: (carrier, isBreakable = true) =>
      openLane({ browser: browsers.get, pages, carrier, onProblem: onceEach(progress), isBreakable }),
    until: (share) => startedAtMs + plan.minutes * MINUTE_MS * share,
    ...{ book: { runs: [], notCaused: 0, notRun: 0 }, tally: emptyTally(), figures: [] },
  }
  for (const line of leftOut(suite.carriers)) progress(line)
  await Promise.race([measure(suite), cutOff(suite)])
  progress(`${((performance.now() - startedAtMs) / MINUTE_MS).toFixed(1)} min`)
  const figures = figuresOf(suite)
  const closed = Promise.all([browsers.close(), pages.close()])
  await within('closing', CLOSE_LIMIT_MS, closed).catch((error: unknown) => progress(String(error)))
  return figures
}

/** When the suite is stopped, or something hangs beyond the end: what there is has to be told. */
function cutOff({ plan, progress }: Suite): Promise<void> {
  return new Promise((resolve) => {
    const stop = (why: string) => (): void => {
      progress(`cut off: ${why}`)
      resolve()
    }
    setTimeout(stop('it hangs'), plan.minutes * MINUTE_MS + HANGS_AFTER_MS).unref()
    process.once('SIGTERM', stop('stopped')).once('SIGINT', stop('stopped'))
  })
}

async function measure(suite: Suite): Promise<void> {
  const { plan, carriers, open, until, progress, figures, book } = suite
  const part = async (what: string, work: () => Promise<readonly Figure[]>): Promise<void> => {
    try {
      figures.push(...(await work()))
    } catch (error) {
      progress(`FAILED: ${what}: ${error instanceof Error ? error.message : String(error)}`)
      const unit = { value: 0, unit: 'runs', bar: '> 0', holds: false, n: 0 }
      figures.push({ name: `${what}: could not be measured`, ...unit })
    }
  }
  const isIn = (name: Plan['part']): boolean => plan.part === 'all' || plan.part === name
  if (isIn('faults'))
    await part('faults one by one', async () => {
      await runFaults(plan, carriers, open, until(plan.part === 'all' ? FAULTS_UNTIL : 1), progress, book)
      for (const line of tableOf(book.runs)) progress(line)
      return []
    })
  if (isIn('switch'))
    await part('unplanned switch', () =>
      switchFigures(plan, open, until(plan.part === 'all' ? SWITCHES_UNTIL : 1), progress),
    )
  if (plan.part === 'all') {
    await part('learning', async () => learningFigures())
    await part('prevention', async () => preventionFigures(progress))
    await part('history', () => runHistory(progress))
  }
  if (isIn('silent'))
    await part('silent half recoveries', async () => {
      await search(suite)
      return []
    })
}

function figuresOf({ plan, book, tally, figures }: Suite): readonly Figure[] {
  const isFaults = plan.part === 'all' || plan.part === 'faults'
  return [
    ...(isFaults ? recoveryFigures(book.runs, book) : []),
    ...figures,
    ...silentFigures(tally, besides(book)),
  ]
}

function besides({ runs }: Book): { readonly faults: number; readonly found: number } {
  return {
    faults: runs.filter(({ outcome }) => outcome !== 'no effect').length,
    found: runs.reduce((sum, { silent }) => sum + silent.length, 0),
  }
}

function search({ plan, carriers, open, until, progress, book, tally }: Suite): Promise<void> {
  const { lanes, silent, only, isTold } = plan
  const wanted = silent - besides(book).faults
  const deadlineMs = until(1) - END_MS
  return searchSilent({ ...{ carriers, open, lanes, wanted, deadlineMs }, only, isTold, progress }, tally)
}

/** One browser for all calls, and the next one when it has crashed. */
async function keepBrowser(): Promise<{ readonly get: BrowserSource; close(): Promise<void> }> {
  let current = launch()
  await current
  return {
    async get() {
      const browser = await current
      if (browser.isConnected()) return browser
      current = launch()
      return current
    },
    close: async () => (await current).close(),
  }
}

function launch(): Promise<Browser> {
  const executablePath = chromiumPath()
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...CHROMIUM_FLAGS],
  })
}

/** What a page did not expect is said once: a thousand times would hide everything else. */
function onceEach(progress: Progress): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (!said.has(text)) progress(`a page reports: ${text}`)
    said.add(text)
  }
}
