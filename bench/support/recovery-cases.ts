/**
 * How suite `recovery` causes each type of incident for real: in the page (decoders, buffers, senders, devices,
 * tokens, sockets, processor), in the tab's network by the browser's own emulation of UDP and TCP, or at the server.
 */
import type { FaultKind } from '../../src/testing/faults.js'
import { CARRIERS, type CarrierKind, type Lane, type NetworkChange, type Seat } from './recovery-lane.js'

/** Ends a cause; null where the fault could not be caused. */
export type Ending = (() => Promise<void>) | null

/** One way to cause one type. */
export interface FaultCase {
  readonly kind: FaultKind
  /** What exactly is done. */
  readonly name: string
  readonly on: readonly CarrierKind[]
  /** Why it cannot happen on the others; null where it happens on all. */
  readonly notElsewhere: string | null
  /** Whose trouble it is: of one person, and then the call stays; or of the provider, and then all move. */
  readonly whose: 'one' | 'provider'
  /**
   * How it can end: only by a repair; by itself once the cause has ended, after `lastsMs`; only by what a person does,
   * because of `unrepairable`, so that it must be told within `lastsMs`.
   */
  readonly ends: 'repair' | 'itself' | 'person'
  readonly lastsMs: number
  /** Why a page cannot, or must not, repair it by itself; null where being told is not enough. */
  readonly unrepairable: string | null
  /** What a person asks for who was told; then it has to be well. Null: what the person does is not in the call. */
  readonly byHand: string | null
  /** The cause takes the connections with it: what comes after its end is a repair too. */
  readonly isPathLost: boolean
  /** Nothing more is to be learned once it was told: it ends then. */
  readonly isOverOnceTold: boolean
  /** Alerts and incidents of which one must be told where it does not recover. */
  readonly told: readonly string[]
  cause(lane: Lane, victim: Seat): Promise<Ending>
}

/** A person would have left the page by then. */
export const LIMIT_MS = 15_000
const SERVED: readonly CarrierKind[] = ['whip', 'janus']

type Details = Parameters<Window['rig']['faults']['inject']>[1]

/** Causes a fault inside the victim's page. */
const inside =
  (kind: FaultKind, details: Details): FaultCase['cause'] =>
  async (_lane, { page }) => {
    const isCaused = await page.evaluate(
      ([what, how]) => window.rig.faults.inject(what, how).then((fault) => fault !== null),
      [kind, details] as const,
    )
    return isCaused ? () => page.evaluate(() => window.rig.faults.heal()) : null
  }

/** The same in every page at once. */
const everywhere =
  (kind: FaultKind, details: Details): FaultCase['cause'] =>
  async (lane, _victim) => {
    const ends = await Promise.all(lane.seats.map((seat) => inside(kind, details)(lane, seat)))
    return async () => {
      await Promise.all(ends.map((end) => end?.()))
    }
  }

const onNetwork =
  (change: NetworkChange): FaultCase['cause'] =>
  async (_lane, victim) => {
    await victim.impair(change)
    return () => victim.impair({})
  }

const atServer =
  (action: 'kill' | 'hang'): FaultCase['cause'] =>
  async (lane) => {
    const [{ provider } = { provider: null }] = await lane.look()
    if (provider === null) return null
    await lane.servers[action](provider)
    return () => lane.servers.heal()
  }

const PLAIN = {
  on: CARRIERS,
  notElsewhere: null,
  whose: 'one',
  unrepairable: null,
  byHand: null,
  isPathLost: false,
  isOverOnceTold: false,
} as const
const REPAIRED = { ...PLAIN, ends: 'repair', lastsMs: LIMIT_MS } as const
const PASSING = { ...PLAIN, ends: 'itself', lastsMs: 5_000 } as const
/** Media goes on, so nobody feels it: it has to last until the ways of the document are known to be closed and told. */
const UNHEARD = { ...PASSING, lastsMs: 12_000, isOverOnceTold: true } as const
const OUTAGE = { ...REPAIRED, on: SERVED, notElsewhere: 'a mesh has no server', whose: 'provider' } as const
const UNPLUGGED = {
  ...PLAIN,
  kind: 'device-failure',
  ends: 'person',
  lastsMs: 5_000,
  unrepairable: 'no page can plug a device in; the person has to',
} as const

/** All of them; every type once at least. */
export const CASES: readonly FaultCase[] = [
  {
    ...{ ...PASSING, lastsMs: 1_500, kind: 'frame-corruption', name: 'a burst of damaged frames' },
    told: ['frame-corruption', 'decoder-stall', 'freeze'],
    cause: inside('frame-corruption', { lastsMs: null }),
  },
  {
    ...{ ...REPAIRED, kind: 'frame-corruption', name: 'a receiver that damages every frame' },
    told: ['frame-corruption', 'decoder-stall', 'freeze'],
    cause: inside('frame-corruption', { lastsMs: null }),
  },
  {
    ...{ ...REPAIRED, kind: 'codec-failure', name: 'a decoder that gets no frame it can read' },
    told: ['codec-failure', 'decoder-stall', 'frame-corruption', 'freeze'],
    cause: inside('codec-failure', { lastsMs: null }),
  },
  {
    ...{ ...PLAIN, kind: 'sync-loss', name: 'a picture 2 s behind its sound', ends: 'person', lastsMs: 14_000 },
    unrepairable: 'only receiving anew helps, which interrupts media that flows: it is left to people',
    byHand: 'resync-full',
    // Browsers hold the sound back for the picture: then it is the sound's buffer that has grown, and little drifts.
    told: ['sync-loss', 'buffer-overflow'],
    async cause(lane, victim) {
      // Who is muted, the last, has no sound that the picture could be apart from.
      const peer = lane.seats.slice(0, -1).find(({ id }) => id !== victim.id)?.id ?? ''
      return inside('sync-loss', { peer, lastsMs: null })(lane, victim)
    },
  },
  {
    ...{ ...REPAIRED, kind: 'buffer-overflow', name: 'jitter buffers of 4 s' },
    told: ['buffer-overflow', 'sync-loss'],
    cause: inside('buffer-overflow', { lastsMs: null }),
  },
  {
    ...{ ...PASSING, kind: 'packet-loss', name: '25 % of all packets of a tab lost for 5 s' },
    told: ['packet-loss', 'freeze', 'low-bandwidth', 'jitter', 'frame-corruption', 'decoder-stall'],
    cause: onNetwork({ packetLoss: 25 }),
  },
  {
    ...{ ...PASSING, lastsMs: 4_000, kind: 'timeout', name: 'no media packet in or out of a tab for 4 s' },
    told: ['timeout', 'freeze', 'one-way-media', 'network-disconnect'],
    cause: onNetwork({ packetLoss: 100 }),
  },
  {
    ...{ ...REPAIRED, kind: 'timeout', name: 'senders that have stopped sending' },
    told: ['timeout', 'freeze', 'one-way-media'],
    cause: inside('timeout', { lastsMs: null }),
  },
  {
    ...{ ...PASSING, kind: 'network-disconnect', name: 'a tab without any network for 5 s' },
    told: ['network-disconnect', 'freeze', 'one-way-media', 'stale-peer'],
    cause: onNetwork({ offline: true, packetLoss: 100 }),
  },
  {
    ...{
      ...PASSING,
      lastsMs: 3_000,
      kind: 'network-disconnect',
      name: 'every connection of a tab cut, back after 3 s',
      isPathLost: true,
    },
    told: ['network-disconnect', 'freeze', 'one-way-media', 'stale-peer'],
    cause: inside('network-disconnect', { lastsMs: null }),
  },
  {
    ...{
      ...REPAIRED,
      on: SERVED,
      notElsewhere: 'no server of a mesh asks for a token',
      kind: 'auth-failure',
      name: 'a token that ran out; the next is good',
    },
    told: ['auth-failure'],
    cause: async (lane, victim) => {
      const provider = (await lane.look())[0]?.provider ?? ''
      return inside('auth-failure', { provider, lastsMs: null })(lane, victim)
    },
  },
  {
    ...{
      ...PASSING,
      kind: 'resource-exhaustion',
      name: 'a page that is busy for 9 of 10 milliseconds for 5 s',
    },
    told: ['encoder-limited', 'freeze', 'stale-peer', 'resource-exhaustion'],
    cause: inside('resource-exhaustion', { lastsMs: 5_000 }),
  },
  {
    ...{ ...PASSING, kind: 'quality-degradation', name: 'an uplink of 16 kbit/s for 5 s' },
    told: ['low-bandwidth', 'high-rtt', 'packet-loss', 'freeze', 'jitter', 'buffer-overflow', 'one-way-media'],
    cause: onNetwork({ uploadThroughput: 2_000 }),
  },
  {
    ...{ ...PASSING, kind: 'quality-degradation', name: 'senders starved to 2 frames a second for 5 s' },
    told: ['freeze', 'low-bandwidth', 'static-video', 'encoder-limited'],
    cause: inside('quality-degradation', { lastsMs: null }),
  },
  {
    ...{ ...OUTAGE, kind: 'provider-outage', name: 'the server is killed' },
    told: ['provider-outage', 'provider-hang'],
    cause: atServer('kill'),
  },
  {
    ...{ ...OUTAGE, kind: 'provider-outage', name: 'the server hangs' },
    told: ['provider-outage', 'provider-hang'],
    cause: atServer('hang'),
  },
  {
    ...{ ...UNPLUGGED, name: 'the camera is pulled out' },
    told: ['dead-device', 'device-failure'],
    async cause(lane, victim) {
      const end = await inside('device-failure', { media: 'video', lastsMs: null })(lane, victim)
      return end && (() => victim.page.evaluate(() => window.rig.replug('camera')))
    },
  },
  {
    ...{ ...UNPLUGGED, name: 'the microphone is pulled out' },
    told: ['dead-device', 'device-failure'],
    async cause(lane, victim) {
      const end = await inside('device-failure', { media: 'audio', lastsMs: null })(lane, victim)
      return end && (() => victim.page.evaluate(() => window.rig.replug('microphone')))
    },
  },
  {
    ...{ ...REPAIRED, kind: 'device-failure', name: 'a device is pulled out and there again' },
    told: ['dead-device', 'device-failure'],
    async cause(lane, victim) {
      await victim.page.evaluate(() => window.rig.setSpare(true))
      const end = await inside('device-failure', { lastsMs: null })(lane, victim)
      return end && (() => victim.page.evaluate(() => window.rig.setSpare(false)))
    },
  },
  {
    ...{ ...UNHEARD, kind: 'stale-peer', name: 'a tab whose document reaches nobody for 12 s' },
    told: ['stale-peer', 'control-plane-loss'],
    cause: inside('stale-peer', { lastsMs: null }),
  },
  {
    ...{ ...UNHEARD, kind: 'control-plane-loss', name: 'nobody’s document reaches anybody for 12 s' },
    told: ['stale-peer', 'control-plane-loss'],
    cause: everywhere('control-plane-loss', { lastsMs: null }),
  },
]
