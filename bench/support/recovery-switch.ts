/**
 * Rows of suite `recovery` about the provider that dies under calls of two to six people. A round that fails is told,
 * counts with the window as its gap, and the next one goes on.
 */
import type { Figure } from '../figure.js'
import { type OpenLane, tell } from './recovery-faults.js'
import { isSeenByAll, type Lane, WAIT_LOOK_EVERY_MS } from './recovery-lane.js'
import { wordsOf } from './recovery-look.js'
import type { Plan } from './recovery-plan.js'
import { CALM_MS, lastAgreed, type Progress, settle, until, within } from './rig.js'
import { atMost, longestGap, median, quantile } from './statistics.js'

const PEOPLE = ['ana', 'bob', 'cleo', 'dan', 'eve', 'fay']
const ROUNDS = 3
/** Everything later than this after a failure has its own name: not recovered. */
const WINDOW_MS = 9_000
/** Pages tell times of what they noted without the digits above. */
const STORY_TIMES_MS = 100_000
/** Twice what joining and everything after it may take. */
const ROUND_LIMIT_MS = 90_000

interface Switches {
  readonly gaps: number[]
  readonly spreads: number[]
  failed: number
  rounds: number
}

/** Kills the agreed provider and measures the gap of every pair, and how far apart people agreed. */
export async function switchFigures(
  plan: Plan,
  open: OpenLane,
  deadlineMs: number,
  progress: Progress,
): Promise<readonly Figure[]> {
  const switches: Switches = { gaps: [], spreads: [], failed: 0, rounds: 0 }
  const lane = await open('whip', false)
  // Every size once before any size twice: whatever time there is, all sizes are in it.
  for (let round = 0; round < ROUNDS; round += 1)
    for (const size of plan.people) {
      if (performance.now() > deadlineMs) continue
      await playRound(lane, size, switches, plan.isTold, progress)
    }
  await within('closing the call', ROUND_LIMIT_MS, lane.close()).catch(() => progress('a call stayed open'))
  return figuresOf(switches)
}

async function playRound(
  lane: Lane,
  size: number,
  switches: Switches,
  isTold: boolean,
  progress: Progress,
): Promise<void> {
  const joined = await within('joining', ROUND_LIMIT_MS, lane.rejoin(PEOPLE.slice(0, size))).catch(
    (error: unknown) => progress(`switch of ${size}: could not join, ${String(error)}`) ?? 'failed',
  )
  if (joined === 'failed') return
  switches.rounds += 1
  try {
    const { gaps, spread } = await within('a round', ROUND_LIMIT_MS, measure(lane))
    switches.gaps.push(...gaps)
    switches.spreads.push(spread)
    progress(
      `switch of ${size}: gap p50 ${median(gaps).toFixed(0)}, worst ${Math.max(...gaps).toFixed(0)} ms; apart ${spread.toFixed(0)} ms`,
    )
    if (isTold) await tell(lane, progress)
  } catch (error) {
    switches.failed += 1
    switches.gaps.push(...Array.from({ length: size * (size - 1) }, () => WINDOW_MS))
    progress(`switch of ${size} FAILED: ${error instanceof Error ? error.message : String(error)}`)
    await within('the story', ROUND_LIMIT_MS, tellFailure(lane, progress)).catch((reason: unknown) =>
      progress(String(reason)),
    )
  }
}

/** What arrives where, and what each page has noted: such a round is seldom, and has to say all it knows. */
async function tellFailure(lane: Lane, progress: Progress): Promise<void> {
  progress(`  ${wordsOf(await lane.look())}`)
  await tell(lane, progress)
}

async function measure(lane: Lane): Promise<{ readonly gaps: readonly number[]; readonly spread: number }> {
  await settle(CALM_MS)
  const [{ provider, atMs } = { provider: null, atMs: 0 }] = await lane.look()
  const next = provider === 'east' ? 'west' : 'east'
  await lane.servers.kill(provider ?? '')
  await settle(WINDOW_MS / 3)
  const moved = `everybody has moved from ${provider}, killed at ${(atMs % STORY_TIMES_MS).toFixed(0)}, to ${next}`
  await until(moved, () => isSeenByAll(lane.seats, next), WAIT_LOOK_EVERY_MS)
  const logs = await Promise.all(lane.seats.map(({ page }) => page.evaluate(() => window.rig.frames())))
  const gaps = logs.flatMap((log) =>
    Object.values(log).map(({ times }) => Math.min(WINDOW_MS, longestGap(times, atMs - 300, atMs + WINDOW_MS))),
  )
  const agreed = await Promise.all(lane.seats.map(({ page }) => page.evaluate(lastAgreed, next)))
  return { gaps, spread: Math.max(...agreed) - Math.min(...agreed) }
}

function figuresOf({ gaps, spreads, failed, rounds }: Switches): readonly Figure[] {
  const name = 'unplanned provider switch, 2 to 6 people'
  return [
    atMost(`${name}: gap p50`, median(gaps), 'ms', 1_500, gaps.length),
    atMost(`${name}: gap p95`, quantile(gaps, 0.95), 'ms', 3_000, gaps.length),
    atMost(`${name}: spread between people, worst`, Math.max(...spreads), 'ms', 300, spreads.length),
    atMost(`${name}: spread between people, p50`, median(spreads), 'ms', null, spreads.length),
    atMost(`${name}: calls that did not all move`, failed, 'calls', 0, rounds),
  ]
}
