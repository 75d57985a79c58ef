/** Rows of suite `recovery` about the provider that dies under calls of two to six people. */
import type { Browser } from 'playwright'
import type { PageServer } from '../../test/support/page-server.js'
import type { Figure } from '../figure.js'
import { openLane } from './recovery-lane.js'
import { CALM_MS, lastAgreed, type Progress, settle, until } from './rig.js'
import { atMost, longestGap, median, quantile } from './statistics.js'

const PEOPLE = ['ana', 'bob', 'cleo', 'dan', 'eve', 'fay']
const SIZES = [2, 3, 4, 5, 6]
const ROUNDS = 3
/** Everything later than this after a failure has its own name: not recovered. */
const WINDOW_MS = 9_000

/** Kills the agreed provider and measures the gap of every pair, and how far apart people agreed. */
export async function switchFigures(
  browser: Browser,
  pages: PageServer,
  progress: Progress,
): Promise<readonly Figure[]> {
  const gaps: number[] = []
  const spreads: number[] = []
  const lane = await openLane(browser, pages, 'whip', progress)
  for (const size of SIZES)
    for (let round = 0; round < ROUNDS; round += 1) {
      await lane.rejoin(PEOPLE.slice(0, size))
      await settle(CALM_MS)
      const [{ provider, atMs } = { provider: null, atMs: 0 }] = await lane.look()
      const next = provider === 'east' ? 'west' : 'east'
      await lane.servers.kill(provider ?? '')
      await settle(WINDOW_MS / 3)
      await until('everybody has moved', async () =>
        (await lane.look()).every(
          (look) => look.provider === next && look.arrivals.every(({ fps }) => fps > 5),
        ),
      )
      const logs = await Promise.all(lane.seats.map(({ page }) => page.evaluate(() => window.rig.frames())))
      const own = logs.flatMap((log) =>
        Object.values(log).map(({ times }) => longestGap(times, atMs - 300, atMs + WINDOW_MS)),
      )
      const agreed = await Promise.all(lane.seats.map(({ page }) => page.evaluate(lastAgreed, next)))
      gaps.push(...own)
      spreads.push(Math.max(...agreed) - Math.min(...agreed))
      progress(`switch of ${size}, ${round + 1}/${ROUNDS}: gap p50 ${median(own).toFixed(0)} ms`)
    }
  await lane.close()
  return [
    atMost('unplanned provider switch, 2 to 6 people: gap p50', median(gaps), 'ms', 1_500, gaps.length),
    atMost('unplanned provider switch, 2 to 6 people: gap p95', quantile(gaps, 0.95), 'ms', 3_000, gaps.length),
    atMost(
      'unplanned provider switch: spread between people, worst',
      Math.max(...spreads),
      'ms',
      300,
      spreads.length,
    ),
  ]
}
