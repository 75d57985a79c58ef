/**
 * What travels on a data channel beside y-webrtc's messages: probes with their answers, and messages in parts,
 * because a browser refuses one above 256 KiB and y-webrtc would never notice. The first byte tells the kind;
 * the channel is ordered and reliable, so parts need no numbers.
 */

/** What a received frame is. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'probe' | 'answer'; readonly question: number }
  /** A part of a message that is not whole yet. */
  | { readonly kind: 'part' }
  | { readonly kind: 'garbage' }

/** The frames of one message. */
export function framesOf(message: Uint8Array): readonly Uint8Array[] {
  if (message.length <= PART_BYTES) return [message]
  const frames: Uint8Array[] = []
  for (let at = 0; at < message.length; at += PART_BYTES) {
    const isLast = at + PART_BYTES >= message.length
    frames.push(withKind(isLast ? LAST_PART : PART, message.subarray(at, at + PART_BYTES)))
  }
  return frames
}

/** A question, or the answer to one. */
export function probeFrame(kind: 'probe' | 'answer', question: number): Uint8Array {
  const frame = new Uint8Array(1 + QUESTION_BYTES)
  frame[0] = kind === 'probe' ? PROBE : ANSWER
  new DataView(frame.buffer).setUint32(1, question)
  return frame
}

/** Reads the frames of one channel, in the order in which they come. */
export function createFrameReader(): (frame: Uint8Array) => Frame {
  let parts: Uint8Array[] = []
  let length = 0
  const drop = (): void => {
    parts = []
    length = 0
  }
  return (frame) => {
    const kind = frame[0] ?? -1
    if (MESSAGE_KINDS.has(kind)) return { kind: 'message', bytes: frame }
    if (kind === PROBE || kind === ANSWER) return readProbe(frame)
    if (kind !== PART && kind !== LAST_PART) return { kind: 'garbage' }
    length += frame.length - 1
    if (length > MESSAGE_MAX_BYTES) {
      drop()
      return { kind: 'garbage' }
    }
    parts.push(frame.slice(1))
    if (kind === PART) return { kind: 'part' }
    const bytes = joined(parts, length)
    drop()
    return MESSAGE_KINDS.has(bytes[0] ?? -1) ? { kind: 'message', bytes } : { kind: 'garbage' }
  }
}

function readProbe(frame: Uint8Array): Frame {
  if (frame.length !== 1 + QUESTION_BYTES) return { kind: 'garbage' }
  const question = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
  return { kind: frame[0] === PROBE ? 'probe' : 'answer', question }
}

function withKind(kind: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 1)
  frame[0] = kind
  frame.set(bytes, 1)
  return frame
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Sync, awareness, awareness query; y-webrtc answers others with an empty message and prints to the console. */
const MESSAGE_KINDS = new Set([0, 1, 3])
/** Far from y-webrtc's numbers, of one byte in its encoding too. */
const PROBE = 100
const ANSWER = 101
const PART = 102
const LAST_PART = 103
const QUESTION_BYTES = 4
/** What every browser's channel takes at once without holding up what comes after it for long. */
const PART_BYTES = 16 * 1024
/** Forty documents of the size that a call should have; more is an attack on memory. */
const MESSAGE_MAX_BYTES = 4 * 1024 * 1024
