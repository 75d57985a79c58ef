/**
 * When media last reached each receiver, by its synchronization sources: one question to each receiver and tick,
 * which all who want to know share, because it waits for the browser's threads of media while these are busy.
 * Chromium stamps a picture's source when a frame leaves the decoder: a picture that stops is seen here first.
 */
import type { Clock } from '../clock.js'
import { TRACK_BITS } from '../health/layout.js'
import type { TrackFacts } from '../health/stat-rows.js'
import type { SampledConnection } from './sampler.js'

/** Browser stamps against our clock, per receiver. */
interface Stamp {
  stamp: number
  /** Smallest difference seen: the freshest look. Chromium's stamps are off by a constant (1.7 s measured). */
  offsetMs: number
  atMs: number
  lookedAtMs: number
  /** Looks in a row that saw something new. */
  moves: number
}

/** Told at every look at every receiver of a peer: when its media was last known to arrive. */
export type OnMedia = (peer: string, atMs: number) => void

/** What receivers tell without statistics. */
export interface MediaTimes {
  /**
   * When media last reached any receiver of this connection; NaN when the browser does not say. Who may be told
   * what was seen up to `keptMs` ago gets that.
   */
  newestMs(source: SampledConnection, onMedia?: OnMedia, keptMs?: number): number
  /** A picture that usually moves has just stopped. */
  hasStopped(source: SampledConnection): boolean
  /** What tracks say of themselves, by their id, and how old the last frame was at the latest look. */
  tracksOf(pc: RTCPeerConnection): ReadonlyMap<string, TrackFacts>
}

/** A moving picture brings a frame to nearly every look, from its first second on; a slide show does not. */
const MOVING_LOOKS = 2
/** A picture is called stopped from here on: three frames of a slow one are missing. */
const STOPPED_MS = 300
/** After this long a closer look finds nothing that the others have not. */
const LOOK_CLOSER_MS = 5_000
/** Within one tick nothing is asked twice: ticks are at least 25 ms apart. */
const SAME_TICK_MS = 20

/** Makes the memory of one page's receivers. */
export function createMediaTimes(clock: Clock): MediaTimes {
  const stamps = new WeakMap<RTCRtpReceiver, Stamp>()
  const timeOf = (receiver: RTCRtpReceiver, keptMs = 0): number => {
    const nowMs = clock.now()
    const known = stamps.get(receiver)
    return known && nowMs - known.lookedAtMs < keptMs ? known.atMs : mediaTime(stamps, nowMs, receiver)
  }
  const ageThen = (receiver: RTCRtpReceiver): number => {
    const { lookedAtMs, atMs } = stamps.get(receiver) ?? NEVER
    return lookedAtMs - atMs
  }
  return {
    newestMs(source, onMedia, keptMs) {
      const peers = new Map<string, string | null>()
      if (onMedia) for (const { track, peer } of source.tracks ?? []) peers.set(track.id, peer)
      let newestMs = Number.NaN
      for (const { receiver, peer } of receiversOf(source)) {
        const atMs = timeOf(receiver, keptMs)
        if (Number.isNaN(atMs)) continue
        if (!(atMs <= newestMs)) newestMs = atMs
        const sender = peer ?? peers.get(receiver.track.id) ?? null
        if (sender !== null) onMedia?.(sender, atMs)
      }
      return newestMs
    },
    hasStopped: (source) =>
      receiversOf(source).some(({ receiver }) => {
        if (receiver.track?.kind !== 'video') return false
        const ageMs = clock.now() - timeOf(receiver, SAME_TICK_MS)
        const known = stamps.get(receiver)
        return (
          known !== undefined && known.moves >= MOVING_LOOKS && ageMs > STOPPED_MS && ageMs < LOOK_CLOSER_MS
        )
      }),
    tracksOf(pc) {
      const facts = new Map<string, TrackFacts>()
      for (const { track } of pc.getSenders?.() ?? [])
        if (track) facts.set(track.id, { state: stateOf(track), sinceFrameMs: Number.NaN })
      for (const receiver of pc.getReceivers?.() ?? [])
        if (receiver.track)
          facts.set(receiver.track.id, { state: stateOf(receiver.track), sinceFrameMs: ageThen(receiver) })
      return facts
    },
  }
}

const NEVER = { lookedAtMs: Number.NaN, atMs: Number.NaN }

function stateOf({ enabled, muted, readyState }: MediaStreamTrack): number {
  const { disabled, muted: silenced, ended } = TRACK_BITS
  return (enabled ? 0 : disabled) | (muted ? silenced : 0) | (readyState === 'ended' ? ended : 0)
}

/** A receiver, and whose media comes through it where one peer connection carries one participant. */
interface HeardReceiver {
  readonly receiver: RTCRtpReceiver
  readonly peer: string | null
}

/** Those that something may have reached. */
function receiversOf({ entries }: SampledConnection): readonly HeardReceiver[] {
  return entries.flatMap(({ role, pc, peer }) =>
    role === 'send' || pc.signalingState === 'closed'
      ? []
      : pc
          .getReceivers()
          .filter(isUp)
          .map((receiver) => ({ receiver, peer })),
  )
}

/** Each question waits for the browser's network thread, which is busiest while something connects. */
function isUp({ transport }: RTCRtpReceiver): boolean {
  return transport?.state !== 'new' && transport?.state !== 'connecting'
}

function mediaTime(stamps: WeakMap<RTCRtpReceiver, Stamp>, nowMs: number, receiver: RTCRtpReceiver): number {
  if (typeof receiver.getSynchronizationSources !== 'function') return Number.NaN
  let stamp = Number.NaN
  for (const source of receiver.getSynchronizationSources())
    if (!(source.timestamp <= stamp)) stamp = source.timestamp
  const known = stamps.get(receiver)
  if (Number.isNaN(stamp)) {
    // Sources are forgotten after ten seconds, and nothing is known of the last frame then.
    if (known) known.lookedAtMs = Number.NaN
    return Number.NaN
  }
  const offsetMs = Math.min(known?.offsetMs ?? Number.POSITIVE_INFINITY, nowMs - stamp)
  if (known?.stamp === stamp) {
    known.offsetMs = offsetMs
    known.lookedAtMs = nowMs
    return known.atMs
  }
  const atMs = stamp + offsetMs
  // What stood still for long has to prove again that it moves.
  const moves = known && atMs - known.atMs < LOOK_CLOSER_MS ? known.moves + 1 : 1
  stamps.set(receiver, { stamp, offsetMs, atMs, lookedAtMs: nowMs, moves })
  return atMs
}
