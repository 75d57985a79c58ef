/** The rows of suite `failover` that break nothing: agreeing, joining, sampling. */
import type { Page } from 'playwright'
import type { Figure } from '../figure.js'
import {
  CALM_MS,
  callFrames,
  closePages,
  freshRoom,
  IDS,
  isSettled,
  joinCall,
  lastAgreed,
  type Progress,
  type Rig,
  settle,
  until,
} from './rig.js'
import { atMost, median } from './statistics.js'

/** Each decision is one sample of what threads and cores make of it: a dozen said 1.4 and 1.6 of the same code. */
const DECISIONS = 30

/** Single joins on two full cores differ by a factor of two: the median of six said 2.5 and 3.9 of the same code. */
const JOINS = 18

/** Presence that changed twice has gone out on every way, and was read. */
const ECHOES_OVER_MS = 500

/** Longer than any decision took. */
const UNDISTURBED_MS = 500

/** From a wish to one record on every tab, against one round trip of the document. */
export async function agreement(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  await rig.heal()
  const room = freshRoom()
  const pages = await joinCall(rig, room, IDS, { standby: 'hot', watchesBlack: false })
  const voters = await Promise.all(
    pages.map((page, index) =>
      page.evaluate(([name, me, signaling]) => window.probes.openDocument(name, me, signaling), [
        `${room}-trip`,
        IDS[index] ?? '',
        [rig.dev.signalingUrl],
      ] as const),
    ),
  )
  await settle(CALM_MS + 2500)
  const asker = pages[0] as Page
  const others = voters.slice(1)
  /** A signed register there, signed registers of everybody back: what a decision has to do at least. */
  const trips: number[] = []
  /** A presence there and back to one: neither signed nor verified. */
  const echoes: number[] = []
  const took: number[] = []
  for (let round = 0; round < DECISIONS; round += 1) {
    trips.push(await asker.evaluate((voters) => window.probes.writtenRoundTripMs(voters), others))
    for (const voter of others) echoes.push(await asker.evaluate((id) => window.probes.roundTripMs(id), voter))
    // Both are measured at rest: what the echoes leave behind is on the relay for 150 ms more.
    await settle(ECHOES_OVER_MS)
    const to = round % 2 === 0 ? 'west' : 'east'
    const startedAt = await asker.evaluate((id) => {
      const at = performance.timeOrigin + performance.now()
      void window.rig.call.switchTo(id, { reason: 'bench' }).catch(() => undefined)
      return at
    }, to)
    // Nobody asks the pages anything while they agree: the round trip is left alone as well.
    await settle(UNDISTURBED_MS)
    await until('everybody has moved', async () => (await Promise.all(pages.map(isSettled))).every(Boolean))
    await settle(3500)
    const agreedAt = await Promise.all(pages.map((page) => page.evaluate(lastAgreed, to)))
    took.push(Math.max(...agreedAt) - startedAt)
  }
  await closePages(pages)
  progress(`agreement: ${median(took).toFixed(1)} ms against a round trip of ${median(trips).toFixed(1)} ms`)
  return [
    atMost(
      'agreement: want to committed on all against one round trip, p50',
      median(took) / median(trips),
      'x',
      1.5,
      took.length,
    ),
    atMost('agreement: want to committed on all, p50', median(took), 'ms', null, took.length),
    atMost('document round trip, p50', median(trips), 'ms', null, trips.length),
    atMost('presence round trip, p50', median(echoes), 'ms', null, echoes.length),
  ]
}

/** From `join()` to the first remote frame, against a bare pair of peer connections. */
export async function joining(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  await rig.heal()
  const room = freshRoom()
  const pages = await joinCall(rig, room, ['ana', 'bob'])
  const took: number[] = []
  const bare: number[] = []
  for (let round = 0; round < JOINS; round += 1) {
    const page = await rig.openPage()
    await page.evaluate(() => window.rig.openCamera())
    bare.push(await page.evaluate(() => window.plain.barePair(window.rig.camera)))
    await settle(500)
    await page.evaluate((spec) => void window.rig.start(spec), {
      room,
      me: { id: `late-${round}` },
      providers: rig.providers,
      signaling: [rig.dev.signalingUrl],
      watchesBlack: false,
    })
    await until('the first frame is there', async () =>
      Object.values(await callFrames(page)).some((times) => times.length > 0),
    )
    const startedAt = await page.evaluate(
      () => window.rig.moments().find((moment) => moment.name === 'joining')?.atMs ?? Number.NaN,
    )
    const first = Math.min(...Object.values(await callFrames(page)).flatMap((times) => times.slice(0, 1)))
    took.push(first - startedAt)
    await page.evaluate(() => window.rig.call.leave())
    await closePages([page])
  }
  await closePages(pages)
  progress(`join: ${median(took).toFixed(0)} ms against ${median(bare).toFixed(0)} ms`)
  return [
    atMost(
      'join of a running call to first remote frame against a bare pair, p50',
      median(took) / median(bare),
      'x',
      2.5,
      took.length,
    ),
    atMost('join of a running call to first remote frame, p50', median(took), 'ms', null, took.length),
    atMost('bare pair to first frame, p50', median(bare), 'ms', null, bare.length),
  ]
}

/** What health costs the page. */
export async function sampling(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  const pages = await joinCall(rig, freshRoom(), IDS)
  const costs = await (pages[0] as Page).evaluate(() => window.probes.samplerCostsMs(40))
  await closePages(pages)
  progress(`sampling: ${median(costs).toFixed(3)} ms per peer and sample`)
  return [atMost('main-thread time per peer and sample, p50', median(costs), 'ms', 0.3, costs.length)]
}
