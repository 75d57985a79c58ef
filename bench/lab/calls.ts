/** What a real network cut does to a call with media: a provider's host cut off, a participant cut off, no P2P. */
import type { Page } from 'playwright'
import type { Figure } from '../figure.js'
import { atMost, longestGap, median, quantile } from '../support/statistics.js'
import { agreedAt, type CallStage, frameTimes, isLive, openCall, PEOPLE } from './call-stage.js'
import { type LabContext, pause, type Scenario, type Stage, until } from './stage.js'

/** The host of the provider in use vanishes: nothing is closed, nothing answers. */
export const providerCutOff: Scenario = {
  name: 'provider cut off',
  isInSubset: false,
  isCrowded: false,
  run: (context) =>
    withCall(context, async ({ stage, pages }) => {
      const cutAtMs = Date.now()
      stage.network.blackHole('east')
      await until('everybody is on west', () => isLive(pages, 'west'))
      await pause(SETTLE_MS)
      const gaps = (await frameTimes(pages)).map((times) => longestGap(times, cutAtMs - SETTLE_MS, Date.now()))
      const agreed = await agreedAt(pages, 'west')
      return [
        atMost('provider cut off: gap of pictures, p50', median(gaps), 'ms', HANG_GAP_MS, gaps.length),
        atMost('provider cut off: gap of pictures, worst', Math.max(...gaps), 'ms', null, gaps.length),
        atMost('provider cut off: spread of the agreement', spread(agreed), 'ms', SPREAD_MS, agreed.length),
      ]
    }),
}

/** One participant vanishes for a while; the others must stay where they are. */
export const participantCutOff: Scenario = {
  name: 'participant cut off',
  isInSubset: false,
  isCrowded: false,
  run: (context) =>
    withCall(context, async ({ stage, pages }) => {
      const heal = stage.network.blackHole('a')
      await pause(AWAY_MS)
      const left = await Promise.all(
        pages.slice(1).map((page) => page.evaluate(() => window.rig.snapshot().provider)),
      )
      const healedAtMs = heal()
      await until('everybody is back on east', () => isLive(pages, 'east'))
      return [
        atMost(
          'participant cut off: others who changed the provider',
          left.filter((provider) => provider !== 'east').length,
          'people',
          0,
          left.length,
        ),
        atMost('participant cut off: heal until all is as before', Date.now() - healedAtMs, 'ms', null, 1),
      ]
    }),
}

/** One participant goes from Wi-Fi to cellular: its address is gone, and it has another one at once (promise P24). */
export const newAddress: Scenario = {
  name: 'new address',
  isInSubset: false,
  isCrowded: false,
  run: (context) =>
    withCall(context, async ({ stage, pages }) => {
      const changedAtMs = stage.network.newAddress('a')
      await pause(SETTLE_MS)
      await until('everybody sees everybody on east', () => isLive(pages, 'east'))
      await pause(SETTLE_MS)
      const seen = await frameTimes(pages.slice(0, 1))
      const gaps = seen.map((times) => longestGap(times, changedAtMs - SETTLE_MS, Date.now()))
      return [
        atMost('new address: gap of pictures, p50', median(gaps), 'ms', ROAMING_GAP_MS, gaps.length),
        atMost('new address: gap of pictures, worst', Math.max(...gaps), 'ms', null, gaps.length),
      ]
    }),
}

/** Nobody reaches anybody but the servers: agreement goes over the signaling server alone. */
export const relaySwitch: Scenario = switching('relay switch', true, async ({ stage, pages }) => {
  cutAllPairs(stage)
  await until('no data channel lives', () => reachNobody(pages, ['webrtc']))
})

/** Signaling is dead too: agreement goes through the media provider. */
export const inBandSwitch: Scenario = switching('in-band switch', false, async ({ stage, pages }) => {
  stage.killSignaling()
  cutAllPairs(stage)
  await until('neither data channels nor signaling live', () => reachNobody(pages, ['webrtc', 'signaling']))
})

function switching(
  name: string,
  isInSubset: boolean,
  breakLinks: (call: CallStage) => Promise<void>,
): Scenario {
  const play = async (call: CallStage): Promise<readonly Figure[]> => {
    await breakLinks(call)
    const times = await switchBackAndForth(call, ROUNDS)
    const what = `${name}: asked until committed everywhere`
    return [
      atMost(`${what}, p95`, quantile(times, 0.95), 'ms', SWITCH_BAR_MS, times.length),
      atMost(`${what}, p50`, median(times), 'ms', null, times.length),
    ]
  }
  return { name, isInSubset, isCrowded: false, run: (context) => withCall(context, play, { standby: 'hot' }) }
}

function cutAllPairs({ network }: Stage): void {
  for (const [at, one] of PEOPLE.entries()) for (const other of PEOPLE.slice(at + 1)) network.cut(one, other)
}

async function reachNobody(pages: readonly Page[], kinds: readonly string[]): Promise<boolean> {
  const links = await Promise.all(pages.map((page) => page.evaluate(() => window.rig.snapshot().links)))
  return links.flat().every(({ kind, peers }) => !kinds.includes(kind) || peers.length === 0)
}

/** Asks for the other provider in turn; milliseconds from asking until the last page has the record. */
export async function switchBackAndForth({ pages }: CallStage, rounds: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const to = round % 2 === 0 ? 'west' : 'east'
    await pause(SETTLE_MS)
    const askedAtMs = await pages[round % pages.length]?.evaluate((id) => {
      const now = window.rig.now()
      void window.rig.call.switchTo(id, { reason: 'lab' })
      return now
    }, to)
    await until(`everybody is on ${to}`, () => isLive(pages, to))
    times.push(Math.max(...(await agreedAt(pages, to))) - (askedAtMs ?? 0))
  }
  return times
}

async function withCall(
  context: LabContext,
  task: (call: CallStage) => Promise<readonly Figure[]>,
  change: Parameters<typeof openCall>[1] = {},
): Promise<readonly Figure[]> {
  const call = await openCall(context, change)
  try {
    await pause(SETTLE_MS)
    return await task(call)
  } finally {
    await call.close()
  }
}

const spread = (moments: readonly number[]): number => Math.max(...moments) - Math.min(...moments)

/** Standby connections are up and scores have settled. */
const SETTLE_MS = 2500
/** Longer than it takes to be counted out. */
const AWAY_MS = 6000
const ROUNDS = 6
/** The bar. */
const SWITCH_BAR_MS = 1000
/** As for a hung provider in the failover bench: a black hole looks the same from outside. */
const HANG_GAP_MS = 1300
const SPREAD_MS = 300
/** As docs/promises.md has it (P24). */
const ROAMING_GAP_MS = 2000
