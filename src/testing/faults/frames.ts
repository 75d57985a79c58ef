/**
 * Breaks encoded frames on their way between network and decoder, by WebRTC Encoded Transform. What is broken is one
 * decoder: a receiver that is made anew is whole again, and so is one whose stream has ended in between, because a
 * browser lets go of its decoder then (the track says `mute`, WebRTC section 5.1.2).
 */
import type { Undo } from './fault.js'

/** What is done to frames. */
export type FrameBreak =
  /** Bytes of the picture are changed, those that the decoder checks first among them. */
  | { readonly how: 'corrupt' }
  /** Frames become something that is no frame of any codec. */
  | { readonly how: 'garble' }
  /** Frames fall behind, by `growth` of the time that passes, up to this; in the end what waits comes at once. */
  | { readonly how: 'delay'; readonly byMs: number; readonly growth: number }
  /** This share of the frames never arrives. */
  | { readonly how: 'drop'; readonly share: number; readonly seed: number }

/**
 * The worker of the transforms, as text because it runs from a blob. Bytes 0 to 2 of a VP8 frame are its tag and
 * 3 to 9 of a key frame its size: changing these makes a decoder give up, changing later ones blurs.
 */
const WORKER = `
const broken = {
  corrupt(frame) {
    const bytes = new Uint8Array(frame.data)
    for (let at = bytes.length > 40 ? 1 : 0; at < bytes.length; at += at < 12 ? 2 : 7) bytes[at] ^= 0x5a
  },
  garble(frame) {
    new Uint8Array(frame.data).fill(0xff)
  },
}
const seeded = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0
  return seed / 4294967296
}
self.onrtctransform = ({ transformer }) => {
  const { port } = transformer.options
  const late = []
  let fault = null
  let sinceMs = 0
  let random = seeded(1)
  const release = () => {
    const next = late.shift()
    try { next?.controller.enqueue(next.frame) } catch { /* The receiver has gone meanwhile. */ }
  }
  port.onmessage = ({ data }) => {
    fault = data
    sinceMs = performance.now()
    random = seeded(data?.seed || 1)
    while (late.length > 0) release()
  }
  const change = (frame, controller) => {
    if (fault === null) return controller.enqueue(frame)
    if (fault.how === 'drop') return random() < fault.share ? undefined : controller.enqueue(frame)
    if (fault.how !== 'delay') { broken[fault.how](frame); return controller.enqueue(frame) }
    late.push({ frame, controller })
    setTimeout(release, Math.min(fault.byMs, (performance.now() - sinceMs) * fault.growth))
  }
  transformer.readable.pipeThrough(new TransformStream({ transform: change })).pipeTo(transformer.writable).catch(() => undefined)
}
`

/** Breaks frames of receivers. */
export interface FrameBreaker {
  /** Has to be called for everything that sends or receives, as soon as it is there: later a transform does nothing. */
  prepare(half: RTCRtpReceiver | RTCRtpSender): void
  /** Null where no receiver of these can be broken, e.g. in a browser without encoded transforms. */
  break(receivers: readonly RTCRtpReceiver[], how: FrameBreak): Undo | null
  close(): void
}

/** Makes one; its worker starts with the first connection, and frames pass through it unchanged until they are broken. */
export function createFrameBreaker(): FrameBreaker {
  let worker: Worker | null = null
  const ports = new WeakMap<RTCRtpReceiver | RTCRtpSender, MessagePort>()
  const started = (): Worker => {
    if (worker === null) {
      const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
      worker = new Worker(url)
      URL.revokeObjectURL(url)
    }
    return worker
  }
  return {
    prepare(half) {
      if (typeof RTCRtpScriptTransform === 'undefined' || ports.has(half)) return
      const { port1, port2 } = new MessageChannel()
      half.transform = new RTCRtpScriptTransform(started(), { port: port2 }, [port2])
      ports.set(half, port1)
    },
    break(receivers, how) {
      const ends = receivers.flatMap((receiver) => {
        const port = ports.get(receiver)
        return port === undefined ? [] : [breakOne(receiver.track, port, how)]
      })
      if (ends.length === 0) return null
      return () => {
        for (const end of ends) end()
      }
    },
    close() {
      worker?.terminate()
      worker = null
    },
  }
}

function breakOne(track: MediaStreamTrack, port: MessagePort, how: FrameBreak): () => void {
  const end = (): void => {
    track.removeEventListener('mute', end)
    port.postMessage(null)
  }
  track.addEventListener('mute', end)
  port.postMessage(how)
  return end
}
