/** The signaling server dies for a minute: data goes on, and newcomers are let in soon after it is back. */
import type { Page } from 'playwright'
import { atMost, quantile } from '../support/statistics.js'
import { closeTrials, openTrials, readArrivals } from './pairs.js'
import type { Arrival } from './room-page.js'
import { inAll, openStage, pause, type Scenario, until } from './stage.js'

/** Newcomers begin to knock while it is dead. */
export const signalingDeath = (seconds: number, isInSubset = false): Scenario => ({
  name: `signaling dead ${seconds} s`,
  isInSubset,
  isCrowded: true,
  async run(given) {
    const context = { ...given, trials: Math.min(given.trials, ROOMS_MAX) }
    const stage = await openStage(context.pages, ['a', 'b', 'c'], [], false)
    try {
      const trials = await openTrials(stage, context, false)
      const joiners = await Promise.all(trials.map(() => stage.browser('c').open(ENTRY)))
      stage.killSignaling()
      const deadAtMs = Date.now()
      await pause((seconds - KNOCK_BEFORE_S) * 1000)
      const log = await readArrivals(trials)
      const gaps = log.flatMap(({ own }) => own.map((arrivals) => longestPause(arrivals, deadAtMs)))
      await inAll(joiners, (page, at) =>
        page.evaluate((spec) => window.lab.openOwn(spec), {
          ...{ me: 'newcomer', room: `own-${trials[at]?.room}`, signaling: stage.signaling },
          ...(trials[at]?.password === undefined ? {} : { password: trials[at]?.password }),
        }),
      )
      await pause(KNOCK_BEFORE_S * 1000)
      await stage.startSignaling()
      const backAtMs = Date.now()
      const served = await Promise.all(joiners.map((page) => servedAt(page)))
      await closeTrials(trials)
      const waits = served.map((atMs) => atMs - backAtMs)
      return [
        atMost(
          `signaling dead ${seconds} s: longest pause of data meanwhile`,
          Math.max(...gaps),
          'ms',
          PAUSE_BAR_MS,
          gaps.length,
        ),
        atMost(
          `signaling dead ${seconds} s: restart until a newcomer is served, p95`,
          quantile(waits, 0.95),
          'ms',
          SERVED_BAR_MS,
          waits.length,
        ),
        atMost(
          `signaling dead ${seconds} s: restart until a newcomer is served, p50`,
          quantile(waits, 0.5),
          'ms',
          null,
          waits.length,
        ),
      ]
    } finally {
      await stage.close()
    }
  },
})

/** When the newcomer had heard both people of its room, milliseconds since 1970. */
async function servedAt(page: Page): Promise<number> {
  const heard: Arrival[] = []
  const people = (): Set<string> => new Set(heard.map(({ from }) => from))
  await until('the newcomer has heard both', async () => {
    heard.push(...(await page.evaluate(() => window.lab.arrivals().own)))
    return people().size === PEOPLE
  })
  const firsts = [...people()].map((from) => heard.find((one) => one.from === from)?.atMs ?? 0)
  return Math.max(...firsts)
}

function longestPause(arrivals: readonly Arrival[], sinceMs: number): number {
  const times = [sinceMs, ...arrivals.map(({ atMs }) => atMs).filter((atMs) => atMs > sinceMs)]
  const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? atMs))
  return gaps.length === 0 ? NEVER_MS : Math.max(...gaps)
}

const ENTRY = 'bench/lab/room-page.ts'
const PEOPLE = 2
/** Each page has a process of its own here: 24 of them share two cores, 60 starve (a newcomer then waits 4.2 s, p95). */
const ROOMS_MAX = 8
const KNOCK_BEFORE_S = 4
/** Four times the pace at which the rooms are written to; 40 pages share two cores. */
const PAUSE_BAR_MS = 1600
/** The bar. */
const SERVED_BAR_MS = 3000
const NEVER_MS = 9_999_999
