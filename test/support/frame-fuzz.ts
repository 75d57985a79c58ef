/**
 * Random and mutated WebSocket frames: whole ones with strange messages inside, and broken ones. By seed, so that
 * a run can be repeated.
 */
import { randomFillSync } from 'node:crypto'

/** Makes frames. */
export interface FrameFuzz {
  /** A frame as it goes over the wire, masked; most are legal frames, most of these illegal messages. */
  next(): Buffer
}

const OPCODE_TEXT = 0x1
const FINAL = 0x80
const MASKED = 0x80
/** RFC 6455 section 5.2: lengths above 125 follow in two bytes, above 65,535 in eight. */
const LENGTH_16 = 126
const LENGTH_64 = 127

const messagesIn = (room: string): readonly unknown[] => [
  { type: 'ping' },
  { type: 'subscribe', topics: [room, `${room}#holdfast`] },
  { type: 'unsubscribe', topics: [room] },
  { type: 'publish', topic: room, data: { type: 'announce', from: '3f2a', linked: [], trying: [] } },
  {
    type: 'publish',
    topic: room,
    data: { type: 'signal', to: 'a', from: 'b', signal: { type: 'offer', sdp: 'v=0\r\n' } },
  },
  {
    type: 'publish',
    topic: `${room}#holdfast`,
    data: { type: 'holdfast', from: 'p', id: 1, at: 2, kind: 'update', body: { u: 'AAECAw==' } },
  },
]
const ODDITIES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '__proto__',
  '\u0000',
  '\ud800',
  '🎥',
  [],
  {},
  [[[[[]]]]],
  'x'.repeat(600),
]

/** Frames from a seed, about one room where they make sense. */
export function frameFuzz(seed: number, room = 'room'): FrameFuzz {
  const seeds = messagesIn(room)
  const random = randomOf(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const oneOf = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item

  const mutatedValue = (value: unknown, depth: number): unknown => {
    if (random() < 0.04) return oneOf(ODDITIES)
    if (Array.isArray(value)) return value.map((one) => mutatedValue(one, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).filter(() => random() > 0.03)
    if (random() < 0.1) entries.push([String(oneOf(ODDITIES)), oneOf(ODDITIES)])
    // Types stay in half of the cases: otherwise nearly nothing would get past the first check.
    return Object.fromEntries(
      entries.map(([key, one]) => [key, key === 'type' && random() < 0.5 ? one : mutatedValue(one, depth + 1)]),
    )
  }
  const mutatedBytes = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes)
    for (let count = 1 + below(4); count > 0 && copy.length > 0; count -= 1)
      copy[below(copy.length)] = below(256)
    return random() < 0.3 ? copy.subarray(0, below(copy.length + 1)) : copy
  }
  const noise = (most: number): Buffer => {
    const bytes = Buffer.alloc(below(most))
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = below(256)
    return bytes
  }
  const text = (): Buffer => Buffer.from(JSON.stringify(mutatedValue(oneOf(seeds), 0)))
  const deep = (): Buffer => {
    const depth = below(20_000)
    return Buffer.from(`{"type":"publish","topic":"room","data":${'['.repeat(depth)}${']'.repeat(depth)}}`)
  }
  return {
    next() {
      const kind = random()
      if (kind < 0.94) return frameOf(text(), FINAL | OPCODE_TEXT)
      if (kind < 0.97) return frameOf(mutatedBytes(text()), FINAL | OPCODE_TEXT)
      if (kind < 0.975) return frameOf(noise(200), FINAL | OPCODE_TEXT)
      if (kind < 0.98) return frameOf(noise(200), below(256))
      if (kind < 0.984) return frameOf(noise(126), FINAL | oneOf([0x9, 0xa, 0x8]))
      if (kind < 0.985) return frameOf(deep(), FINAL | OPCODE_TEXT)
      if (kind < 0.986) return frameOf(Buffer.alloc(66_000, 0x20), FINAL | OPCODE_TEXT)
      if (kind < 0.995) return mutatedBytes(frameOf(text(), FINAL | OPCODE_TEXT))
      return noise(64)
    },
  }
}

/** A masked frame, as clients send them. */
export function frameOf(payload: Buffer, firstByte: number): Buffer {
  const extra = payload.length < LENGTH_16 ? 0 : payload.length < 0x1_0000 ? 2 : 8
  const frame = Buffer.alloc(2 + extra + 4 + payload.length)
  frame[0] = firstByte
  if (extra === 0) frame[1] = MASKED | payload.length
  else if (extra === 2) {
    frame[1] = MASKED | LENGTH_16
    frame.writeUInt16BE(payload.length, 2)
  } else {
    frame[1] = MASKED | LENGTH_64
    frame.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  const mask = frame.subarray(2 + extra, 2 + extra + 4)
  randomFillSync(mask)
  for (let index = 0; index < payload.length; index += 1)
    frame[6 + extra + index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0)
  return frame
}

/** mulberry32: small, fast, and good enough to spread mutations. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
