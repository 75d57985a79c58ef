/**
 * Breaks encoded frames on their way between network and decoder, by WebRTC Encoded Transform. The transform is
 * on the receiver object, so a receiver that is made anew is whole again, as after a real failure of a decoder.
 */
import type { Undo } from './fault.js'

/** What is done to frames. */
export type FrameBreak =
  /** Bytes of the picture are changed, those that the decoder checks first among them. */
  | { readonly how: 'corrupt' }
  /** Frames become something that is no frame of any codec. */
  | { readonly how: 'garble' }
  /** Each frame comes this much later. */
  | { readonly how: 'delay'; readonly byMs: number }
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
  const { how, byMs, share, seed, port } = transformer.options
  let isActive = true
  port.onmessage = () => { isActive = false }
  const random = seeded(seed || 1)
  const change = (frame, controller) => {
    if (!isActive) return controller.enqueue(frame)
    if (how === 'drop') return random() < share ? undefined : controller.enqueue(frame)
    if (how !== 'delay') { broken[how](frame); return controller.enqueue(frame) }
    setTimeout(() => { try { controller.enqueue(frame) } catch { /* The receiver has gone meanwhile. */ } }, byMs)
  }
  transformer.readable.pipeThrough(new TransformStream({ transform: change })).pipeTo(transformer.writable).catch(() => undefined)
}
`

/** Breaks frames of receivers. */
export interface FrameBreaker {
  /** Null where the browser has no encoded transforms. */
  break(receivers: readonly RTCRtpReceiver[], how: FrameBreak): Undo | null
  close(): void
}

/** Makes one; its worker starts with the first fault. */
export function createFrameBreaker(): FrameBreaker {
  let worker: Worker | null = null
  const started = (): Worker => {
    if (worker === null) {
      const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
      worker = new Worker(url)
      URL.revokeObjectURL(url)
    }
    return worker
  }
  return {
    break(receivers, how) {
      if (typeof RTCRtpScriptTransform === 'undefined' || receivers.length === 0) return null
      const ports = receivers.map((receiver) => {
        const { port1, port2 } = new MessageChannel()
        receiver.transform = new RTCRtpScriptTransform(started(), { ...how, port: port2 }, [port2])
        return port1
      })
      // Passing on is enough: taking a transform away in mid-stream makes some browsers drop the stream.
      return () => {
        for (const port of ports) port.postMessage('whole')
      }
    },
    close() {
      worker?.terminate()
      worker = null
    },
  }
}
