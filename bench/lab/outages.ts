/**
 * The failure table: what is broken for how long, and when data flows again afterwards, in Holdfast's rooms and
 * in bare y-webrtc's beside them in the same pages.
 */
import type { Figure } from '../figure.js'
import { atMost, quantile } from '../support/statistics.js'
import { closeTrials, type Ends, openTrials, readArrivals, type Trial } from './pairs.js'
import { inAll, type LabContext, openStage, pause, type Scenario, type Stage } from './stage.js'

/** Whoever is not back by then counts as parted for good; stock y-webrtc stays so for ever. */
const WATCH_MS = 12_000
/** The bar for the time from the heal to the first data. */
const HEAL_BAR_MS = 3000
const MS_PER_SECOND = 1000

/** A black hole: one host is cut off from everything. */
export const blackHole = (seconds: number, isInSubset = false): Scenario =>
  outage(`black hole ${seconds} s`, isInSubset, async (stage) => {
    const heal = stage.network.blackHole('a')
    await pause(seconds * MS_PER_SECOND)
    return heal()
  })

/** The hosts do not reach each other, but both reach the signaling server. */
export const p2pBlocked = (seconds: number): Scenario =>
  outage(`P2P blocked ${seconds} s`, false, async ({ network }) => {
    const heal = network.cut('a', 'b')
    await pause(seconds * MS_PER_SECOND)
    return heal()
  })

/** The bridge port of a host goes down. */
export const portDown = (seconds: number): Scenario =>
  outage(`port down ${seconds} s`, false, async ({ network }) => {
    const heal = network.portDown('a')
    await pause(seconds * MS_PER_SECOND)
    return heal()
  })

/** Peer connections are destroyed at one end, or at both in the same moment. */
export const destroyed = (ends: 1 | 2): Scenario =>
  outage(ends === 2 ? 'both ends destroy' : 'one end destroys', ends === 2, async (_stage, trials) => {
    await inAll(
      trials.flatMap(({ pages }) => pages.slice(0, ends)),
      (page) => page.evaluate(() => window.lab.destroyPeers()),
    )
    return Date.now()
  })

/** `breakAndHeal` returns the moment of the heal, milliseconds since 1970. */
function outage(
  name: string,
  isInSubset: boolean,
  breakAndHeal: (stage: Stage, trials: readonly Trial[]) => Promise<number>,
): Scenario {
  return {
    name,
    isInSubset,
    isCrowded: true,
    async run(context: LabContext) {
      const stage = await openStage(context.pages, ['a', 'b'])
      try {
        const trials = await openTrials(stage, context)
        const healedAtMs = await breakAndHeal(stage, trials)
        await pause(WATCH_MS)
        const figures = figuresOf(name, await readArrivals(trials), healedAtMs)
        await closeTrials(trials)
        return figures
      } finally {
        await stage.close()
      }
    },
  }
}

function figuresOf(name: string, rooms: readonly Ends[], healedAtMs: number): readonly Figure[] {
  const own = rooms.map(({ own }) => flowsAfter(own, healedAtMs))
  const bare = rooms.map(({ bare }) => flowsAfter(bare, healedAtMs))
  const links = rooms.map(({ links }) => Math.max(...links.map((times) => backAt(times, healedAtMs))))
  const cameBack = bare.filter((ms) => ms <= WATCH_MS)
  const bareName = `${name}: bare y-webrtc, heal until data flows, p50 of those that came back`
  return [
    missing(`${name}: rooms without data ${WATCH_MS / MS_PER_SECOND} s after the heal`, own),
    atMost(`${name}: heal until data flows both ways, p95`, quantile(own, 0.95), 'ms', HEAL_BAR_MS, own.length),
    atMost(`${name}: heal until data flows, p50`, quantile(own, 0.5), 'ms', null, own.length),
    atMost(
      `${name}: heal until the data channel is back, p95`,
      quantile(links, 0.95),
      'ms',
      null,
      links.length,
    ),
    atMost(`${name}: bare y-webrtc, rooms that came back`, cameBack.length, 'rooms', null, bare.length),
    ...(cameBack.length === 0 ? [] : [atMost(bareName, quantile(cameBack, 0.5), 'ms', null, cameBack.length)]),
  ]
}

const missing = (name: string, times: readonly number[]): Figure =>
  atMost(name, times.filter((ms) => ms > WATCH_MS).length, 'rooms', 0, times.length)

/** Until both ends have heard something new. */
function flowsAfter(ends: Ends['own'], healedAtMs: number): number {
  const firsts = ends.map((arrivals) => arrivals.find(({ atMs }) => atMs >= healedAtMs)?.atMs ?? NEVER_MS)
  return Math.max(...firsts) - (firsts.includes(NEVER_MS) ? 0 : healedAtMs)
}

/** Until the link was there and stayed. */
function backAt(changes: Ends['links'][number], healedAtMs: number): number {
  const last = changes.at(-1)
  if (last === undefined || last.atMs < healedAtMs) return last && last.peers.length === 0 ? NEVER_MS : 0
  return last.peers.length > 0 ? last.atMs - healedAtMs : NEVER_MS
}

/** Sorts behind everything and stays a number in JSON. */
const NEVER_MS = 9_999_999
