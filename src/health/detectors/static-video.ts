/**
 * A picture that shows nothing: black, or without any change, while frames keep coming. Told by the size of the
 * frames: an encoder spends a few bytes on what did not change. A slide or an empty room looks the same, so it
 * is a note and never more, unless the app asks for it.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView } from '../scene.js'
import { type Detector, evidence, noteSince } from './detector.js'
import { isSettled } from './settled.js'

/** Measured on unchanged pictures: 20 to 60 bytes a frame with VP8 and H.264; noise of a camera costs 500. */
const EMPTY_FRAME_BYTES = 90
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
  return (
    view.decodedFps >= FPS_MIN && !(view.frameHeight < HEIGHT_MIN) && view.bytesPerFrame < EMPTY_FRAME_BYTES
  )
}

function isEmptyOutbound(view: OutboundView): boolean {
  if (view.kind !== 'video' || view.isMuted || !isSettled(view)) return false
  return view.sentFps >= FPS_MIN && !(view.frameHeight < HEIGHT_MIN) && bytesOf(view) < EMPTY_FRAME_BYTES
}

function bytesOf(view: OutboundView): number {
  return view.bitrateBps / 8 / view.sentFps
}
