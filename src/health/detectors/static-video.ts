/**
 * A picture that shows nothing: black, or without any change, while frames keep coming. Told by the size of the
 * frames: an encoder spends a few bytes on what did not change, at its best quality. A slide or an empty room looks the same, so it
 * is a note and never more, unless the app asks for it.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView } from '../scene.js'
import { type Detector, evidence, noteSince } from './detector.js'
import { isSettled } from './settled.js'

/** Measured on unchanged pictures: 20 to 60 bytes a frame with VP8 and H.264; noise of a camera costs 500. */
const EMPTY_FRAME_BYTES = 90
/** Of what it cannot improve any more a quantizer says so: it rests at its floor (2 of 127 measured with VP8). */
const FLOOR_QP_RATIO = 0.03
/** And hardly anything is spent; live pictures at such quality cost ten times that. */
const FLOOR_BITS_PER_PIXEL = 0.1
const FPS_MIN = 4
const HEIGHT_MIN = 120

/** See the module comment. */
export const staticVideo: Detector = {
  kind: 'static-video',
  unit: 'ms',
  direction: 'above',
  limit: { low: 5_000, medium: null, high: null, critical: null, raiseAfterMs: 0, clearAfterMs: 1_000 },
  detect(memory, { atMs, inbound, outbound }) {
    const theirs = inbound.filter(isEmptyInbound)
    const mine = outbound.filter(isEmptyOutbound)
    const since = noteSince(
      memory,
      [...theirs, ...mine].map(({ key }) => key),
      atMs,
    )
    const found = [
      ...theirs.map((view) => ({ view, about: aboutPeer(view.peer, 'video'), bytes: view.bytesPerFrame })),
      ...mine.map((view) => ({ view, about: aboutMe('video'), bytes: bytesOf(view) })),
    ]
    return {
      memory: since,
      findings: found.map(({ view, about, bytes }) => {
        const lastsMs = atMs - (since[view.key] ?? atMs)
        return {
          about,
          connectionId: view.connectionId,
          value: lastsMs,
          evidence: evidence(['lastsMs', lastsMs, 'ms'], ['bytesPerFrame', bytes, 'bytes']),
        }
      }),
    }
  },
}

function isEmptyInbound(view: InboundView): boolean {
  if (view.kind !== 'video' || view.isMuted !== false || !isSettled(view)) return false
  return view.decodedFps >= FPS_MIN && !(view.frameHeight < HEIGHT_MIN) && isEmpty(view, view.bytesPerFrame)
}

function isEmptyOutbound(view: OutboundView): boolean {
  if (view.kind !== 'video' || view.isMuted || !isSettled(view)) return false
  return view.sentFps >= FPS_MIN && !(view.frameHeight < HEIGHT_MIN) && isEmpty(view, bytesOf(view))
}

function isEmpty({ qpRatio, frameWidth, frameHeight }: InboundView | OutboundView, bytes: number): boolean {
  if (bytes < EMPTY_FRAME_BYTES) return true
  return qpRatio <= FLOOR_QP_RATIO && (bytes * 8) / (frameWidth * frameHeight) < FLOOR_BITS_PER_PIXEL
}

function bytesOf(view: OutboundView): number {
  return view.bitrateBps / 8 / view.sentFps
}
