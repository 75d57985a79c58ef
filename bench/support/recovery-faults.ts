/** The faults of suite `recovery` one by one: a call on each carrier, side by side, until all runs are done or time is up. */
import { seededRandom } from '../../test/simulation/random.js'
import { NotWell } from './recovery-calm.js'
import type { FaultCase } from './recovery-cases.js'
import type { Misses } from './recovery-figures.js'
import { CARRIERS, type CarrierKind, type Lane } from './recovery-lane.js'
import { type Plan, shiftsOf } from './recovery-plan.js'
import { isGood, type Run, runFault } from './recovery-run.js'
import { Late, type Progress, within } from './rig.js'

/** Opens a call on a carrier; one that need not be broken from inside costs less. */
export type OpenLane = (carrier: CarrierKind, isBreakable?: boolean) => Promise<Lane>
/** Runs and what could not be run; it fills while faults are run, so that what is cut off has its figures. */
export interface Book extends Misses {
  readonly runs: Run[]
  notCaused: number
  notRun: number
}

/** Longer than every limit inside a run together: a page that answers nothing must not hold up the rest. */
const RUN_LIMIT_MS = 75_000

/** What takes longer is told with its story: the bar of the slowest twentieth. */
const SLOW_MS = 3_000

/** Runs the schedule of each carrier. */
export async function runFaults(
  plan: Plan,
  carriers: readonly CarrierKind[],
  open: OpenLane,
  deadlineMs: number,
  progress: Progress,
  book: Book,
): Promise<void> {
  await sideBySide(plan.lanes, shiftsOf(plan, carriers), async ({ carrier, faults }) => {
    if (performance.now() > deadlineMs) return
    const again = (error: unknown): Promise<Lane> => {
      say(error, progress)
      return open(carrier)
    }
    const lane = await open(carrier)
      .catch(again)
      .catch((error: unknown) => say(error, progress))
    if (!lane) return
    await runLane(plan, lane, faults, book, deadlineMs, progress)
    await within('closing a call', RUN_LIMIT_MS, lane.close()).catch((error: unknown) => say(error, progress))
  })
}

/** As many at a time; each takes the next when it is done. */
export async function sideBySide<Task>(
  count: number,
  tasks: readonly Task[],
  work: (task: Task) => Promise<void>,
): Promise<void> {
  const left = [...tasks]
  const take = async (): Promise<void> => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await work(task)
  }
  await Promise.all(Array.from({ length: count }, take))
}

async function runLane(
  plan: Plan,
  lane: Lane,
  schedule: readonly FaultCase[],
  book: Book,
  deadlineMs: number,
  progress: Progress,
): Promise<void> {
  const random = seededRandom(CARRIERS.indexOf(lane.carrier) + 1)
  let last: Run | null = null
  for (const [turn, fault] of schedule.entries()) {
    if (performance.now() > deadlineMs) {
      progress(`${lane.carrier}: time is up after ${turn} of ${schedule.length}`)
      return
    }
    const victim = random.between(0, lane.seats.length - 1)
    const run = await runOnce(
      lane,
      fault,
      victim,
      ({ message, dead }) => {
        if (last === null || !isGood(last) || !dead.includes(last.victim)) return
        // What came right for a second and is dead again was not repaired.
        book.runs[book.runs.indexOf(last)] = { ...last, outcome: 'lost', story: message }
        progress(`${lane.carrier} ${turn}: taken back, ${message}`)
      },
      progress,
    )
    last = run === 'not caused' || run === 'not run' ? null : run
    if (run === 'not caused') book.notCaused += 1
    else if (run === 'not run') book.notRun += 1
    else book.runs.push(run)
    progress(
      `${lane.carrier} ${turn + 1}/${schedule.length} ${fault.kind}, ${fault.name}: ${last ? wordsOf(last) : run}`,
    )
    if (plan.isTold || isOdd(last)) await tell(lane, progress).catch((error: unknown) => say(error, progress))
    // The next fault shall meet a call that is well: what this one has left behind is not its doing.
    if (last === null || !isGood(last)) {
      await lane.rejoin().catch((error: unknown) => say(error, progress))
      last = null
    }
  }
}

/** Once more in a fresh call where the first one was not well before anything was done to it. */
async function runOnce(
  lane: Lane,
  fault: FaultCase,
  victim: number,
  onNotWell: (error: NotWell) => void,
  progress: Progress,
): Promise<Run | 'not caused' | 'not run'> {
  for (const isLast of [false, true])
    try {
      const seat = lane.seats[victim]
      if (seat === undefined) throw new NotWell('nobody is in the call', [])
      return (await within('a run', RUN_LIMIT_MS, runFault(lane, fault, seat))) ?? 'not caused'
    } catch (error) {
      say(lane.isCrashed ? 'a page or the browser has crashed' : error, progress)
      // A page that lives and does not answer any more is what became of the call.
      if (error instanceof Late && !lane.isCrashed) return lateRun(lane, fault, victim, error)
      if (error instanceof NotWell) await tell(lane, progress).catch((reason: unknown) => say(reason, progress))
      if (!isLast && error instanceof NotWell) onNotWell(error)
      if (isLast) break
      await lane.rejoin().catch((reason: unknown) => say(reason, progress))
    }
  return 'not run'
}

function lateRun(lane: Lane, fault: FaultCase, victim: number, { message }: Late): Run {
  return {
    ...{ fault, carrier: lane.carrier, victim: lane.seats[victim]?.id ?? '', outcome: 'lost', story: message },
    ...{ tookMs: null, afterMs: null, repairedMs: null, isWrong: false, silent: [], told: [] },
    ...{ attempts: [], decisions: 0, explained: 0, phasesMs: [] },
  }
}

function say(error: unknown, progress: Progress): null {
  progress(`could not be run: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  return null
}

/** Whoever reads the figures asks what happened in these; afterwards nobody can tell. */
function isOdd(run: Run | null): boolean {
  return run !== null && (!isGood(run) || run.isWrong || run.silent.length > 0 || (run.tookMs ?? 0) > SLOW_MS)
}

/** What the pages have noted lately. */
export async function tell(lane: Lane, progress: Progress): Promise<void> {
  for (const { id, page } of lane.seats)
    for (const line of await page.evaluate(() => window.watch.story())) progress(`    ${id}: ${line}`)
}

function wordsOf(run: Run): string {
  const took = run.tookMs === null ? '' : ` after ${run.tookMs.toFixed(0)} ms`
  const after = run.afterMs === null ? '' : `, ${run.afterMs.toFixed(0)} ms after its cause had ended`
  const phases = run.phasesMs.map((ms) => (ms / 1_000).toFixed(1)).join(' + ')
  const strategies = run.attempts.map(({ strategy, outcome }) => `${strategy} ${outcome}`).join(', ')
  return [
    `${run.outcome}${took}${after} (${phases} s)`,
    ...(strategies ? [strategies] : []),
    ...(run.told.length > 0 ? [`alerts ${run.told.join(' ')}`] : []),
    ...(run.isWrong ? ['WRONG ACTION'] : []),
    ...(run.silent.length > 0 ? ['SILENT'] : []),
    ...(run.story ? [run.story] : []),
  ].join(' | ')
}
