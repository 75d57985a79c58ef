/**
 * Messages on a media provider's data channel, in frames of the size that it takes. A server in between may drop,
 * repeat or reorder frames; a message that never becomes whole is forgotten.
 */

/** Puts the frames of one sender's messages together; null while a message is not whole, and for what is no frame. */
export type FrameJoiner = (from: string, frame: Uint8Array) => Uint8Array | null

/** The frames of a message; `id` tells the sender's messages apart. */
export function dataFrames(message: Uint8Array, id: number, maxBytes: number): readonly Uint8Array[] {
  const size = Math.max(1, maxBytes - HEADER_BYTES)
  const count = Math.max(1, Math.ceil(message.length / size))
  return Array.from({ length: count }, (_, at) => {
    const part = message.subarray(at * size, (at + 1) * size)
    const frame = new Uint8Array(HEADER_BYTES + part.length)
    const view = new DataView(frame.buffer)
    view.setUint16(0, MAGIC)
    view.setUint16(2, id & 0xffff)
    view.setUint16(4, at)
    view.setUint16(6, count)
    frame.set(part, HEADER_BYTES)
    return frame
  })
}

/** Makes a joiner for one channel. */
export function createFrameJoiner(): FrameJoiner {
  const open = new Map<string, { readonly parts: Map<number, Uint8Array>; bytes: number }>()
  return (from, frame) => {
    if (frame.length < HEADER_BYTES) return null
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const at = view.getUint16(4)
    const count = view.getUint16(6)
    if (view.getUint16(0) !== MAGIC || at >= count || count > FRAMES_MAX) return null
    if (count === 1) return frame.slice(HEADER_BYTES)
    const key = `${view.getUint16(2)} ${count} ${from}`
    const message = open.get(key) ?? { parts: new Map<number, Uint8Array>(), bytes: 0 }
    if (!open.has(key) && open.size >= OPEN_MAX) open.delete([...open.keys()][0] ?? '')
    if (!message.parts.has(at)) message.bytes += frame.length - HEADER_BYTES
    message.parts.set(at, frame.slice(HEADER_BYTES))
    open.set(key, message)
    if (message.bytes > MESSAGE_MAX_BYTES) open.delete(key)
    if (message.parts.size < count || message.bytes > MESSAGE_MAX_BYTES) return null
    open.delete(key)
    const whole = new Uint8Array(message.bytes)
    let offset = 0
    for (let index = 0; index < count; index += 1) {
      const part = message.parts.get(index) ?? new Uint8Array()
      whole.set(part, offset)
      offset += part.length
    }
    return whole
  }
}

/** Tells our frames from an app's own use of the channel. */
const MAGIC = 0x4846
const HEADER_BYTES = 8
/** Frames of one message: half a megabyte where a frame is as small as 512 bytes. */
const FRAMES_MAX = 1024
/** More than twice the largest update that is accepted. */
const MESSAGE_MAX_BYTES = 1024 * 1024
/** Messages under way at once, from everybody. */
const OPEN_MAX = 16
