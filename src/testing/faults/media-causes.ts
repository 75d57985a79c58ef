/** Faults of what is heard and seen: on receivers, senders and devices of the page's own connections. */
import type { Connection, RemoteTrack } from '../../providers/provider.js'
import type { Carrier } from './carrier.js'
import type { Cause, FaultTarget, Undo } from './fault.js'
import type { FrameBreak, FrameBreaker } from './frames.js'
import { countLosses } from './losses.js'
import { oneOf, type Random } from './random.js'

/** Sound and picture this far apart are beyond what any player evens out (P58: above a second). */
const APART_MS = 2_000
/** A picture falls behind, it does not stop: at two thirds of its frames a second it still moves. */
const APART_GROWTH = 0.5
/** A jitter buffer may be asked for at most this. */
const BUFFER_MS = 4_000
/** What a call over a bad train connection loses. */
const LOST_SHARE = 0.3
/** Two frames a second at 20 kbit/s: a picture that nobody wants. */
const STARVED = { maxBitrate: 20_000, maxFramerate: 2, scaleResolutionDownBy: 4 }

/** The causes that are about media. */
export interface MediaCauses {
  readonly 'frame-corruption': Cause
  readonly 'codec-failure': Cause
  readonly 'sync-loss': Cause
  readonly 'packet-loss': Cause
  readonly 'buffer-overflow': Cause
  readonly 'quality-degradation': Cause
  readonly timeout: Cause
  readonly 'device-failure': Cause
}

/** Makes them. */
export function createMediaCauses(carrier: Carrier, frames: FrameBreaker, random: Random): MediaCauses {
  const arriving = (target: FaultTarget, media: 'audio' | 'video' | null): readonly RTCRtpReceiver[] =>
    receiversOf(carrier, target, target.media ?? media, random)
  const broken =
    (media: 'audio' | 'video' | null, how: () => FrameBreak): Cause =>
    (target) =>
      frames.break(arriving(target, media), how())
  return {
    'frame-corruption': broken('video', () => ({ how: 'corrupt' })),
    'codec-failure': broken('video', () => ({ how: 'garble' })),
    'sync-loss': broken('video', () => ({ how: 'delay', byMs: APART_MS, growth: APART_GROWTH })),
    'packet-loss'(target) {
      const receivers = arriving(target, null)
      const how = { how: 'drop', share: LOST_SHARE, seed: Math.ceil(random() * 1e6) } as const
      const whole = frames.break(receivers, how)
      if (whole === null) return null
      const uncounted = countLosses(pcsOf(carrier), receivers, LOST_SHARE)
      return () => {
        void whole()
        uncounted()
      }
    },
    'buffer-overflow': (target) => hoard(arriving(target, null)),
    'quality-degradation': (target) => change(sendersOf(carrier, target, 'video'), starve),
    timeout: (target) => change(sendersOf(carrier, target, null), silence),
    'device-failure'(target) {
      const track = oneOf(sendersOf(carrier, target, null), random)?.track
      if (!track) return null
      track.stop()
      // A device that is pulled out fires it, a page that stops its track does not.
      track.dispatchEvent(new Event('ended'))
      // Only the app can give another device.
      return () => undefined
    },
  }
}

/** Everything of one person that arrives now: a fault hits one of them, not the room. */
function receiversOf(
  carrier: Carrier,
  target: FaultTarget,
  media: 'audio' | 'video' | null,
  random: Random,
): readonly RTCRtpReceiver[] {
  const arriving = carrier
    .connections(target.provider)
    .map((connection) => [...connection.tracks.values()].filter(isArriving))
    .find((tracks) => tracks.length > 0)
  const peers = [...new Set(arriving?.map(({ peer }) => peer))].sort()
  const peer = target.peer ?? oneOf(peers, random)
  return (arriving ?? [])
    .filter((one) => one.peer === peer && (media === null || one.track.kind === media))
    .flatMap(({ receiver }) => (receiver ? [receiver] : []))
}

function isArriving({ track }: RemoteTrack): boolean {
  return track.readyState === 'live' && !track.muted
}

function pcsOf(carrier: Carrier): readonly RTCPeerConnection[] {
  return carrier.connections().flatMap((connection) => pcsIn(connection))
}

function pcsIn(connection: Connection): readonly RTCPeerConnection[] {
  return (connection.peerConnections?.() ?? []).map(({ pc }) => pc)
}

function sendersOf(
  carrier: Carrier,
  target: FaultTarget,
  media: 'audio' | 'video' | null,
): readonly RTCRtpSender[] {
  const kind = target.media ?? media
  const sending = carrier.connections(target.provider).map((connection) =>
    pcsIn(connection)
      .flatMap((pc) => pc.getSenders())
      .filter(({ track }) => track !== null && (kind === null || track.kind === kind)),
  )
  return sending.find((senders) => senders.length > 0) ?? []
}

function hoard(receivers: readonly RTCRtpReceiver[]): Undo | null {
  const able = receivers.filter((receiver) => 'jitterBufferTarget' in receiver)
  for (const receiver of able) receiver.jitterBufferTarget = BUFFER_MS
  if (able.length === 0) return null
  return () => {
    for (const receiver of able) receiver.jitterBufferTarget = null
  }
}

/** Changes how senders encode; each is as it was afterwards, unless somebody has changed it since. */
async function change(
  senders: readonly RTCRtpSender[],
  encoding: (before: RTCRtpEncodingParameters) => RTCRtpEncodingParameters,
): Promise<Undo | null> {
  const undos: Undo[] = []
  for (const sender of senders) {
    const before = sender.getParameters()
    const encodings = before.encodings.map((one) => ({ ...one }))
    if (encodings.length === 0) continue
    await sender.setParameters({ ...before, encodings: encodings.map(encoding) })
    undos.push(() => sender.setParameters({ ...sender.getParameters(), encodings }))
  }
  if (undos.length === 0) return null
  return async () => {
    // A sender whose connection has gone meanwhile has nothing to be put back.
    await Promise.allSettled(undos.map((undo) => undo()))
  }
}

const starve = (before: RTCRtpEncodingParameters): RTCRtpEncodingParameters => ({ ...before, ...STARVED })
const silence = (before: RTCRtpEncodingParameters): RTCRtpEncodingParameters => ({ ...before, active: false })
