/**
 * Random and mutated frames, from a process of its own: many bare connections that each send a few frames at a time
 * and are dialled again when the server has ended them.
 */
import { connect, type Socket } from 'node:net'
import { type FrameFuzz, frameFuzz } from '../../test/support/frame-fuzz.js'
import { takeOrders } from './signaling-rig.js'

/** Sends frames for a while. */
export interface FuzzOrder {
  readonly url: string
  readonly seconds: number
}

/** What was sent since the start; frames that were still under way when the server closed are among them. */
export interface Fuzzed {
  readonly frames: number
  readonly connections: number
}

const LANES = 64
/** Small, so that few frames follow the one that ends the connection. */
const FRAMES_AT_ONCE = 8
/** Rooms are shared by a few lanes, so that mutated messages also reach others. */
const ROOMS = 16
/** A server that has nothing to say to a frame says nothing. */
const NO_ANSWER_MS = 2
const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

let frames = 0
let connections = 0
const fuzzes = Array.from({ length: LANES }, (_, lane) => frameFuzz(lane + 1, `room-${lane % ROOMS}`))

void takeOrders<FuzzOrder>(async ({ url, seconds }) => {
  const endsMs = performance.now() + seconds * 1000
  await Promise.all(fuzzes.map((fuzz) => runLane(fuzz, Number(new URL(url).port), endsMs)))
  return { frames, connections } satisfies Fuzzed
})

async function runLane(fuzz: FrameFuzz, port: number, endsMs: number): Promise<void> {
  while (performance.now() < endsMs) {
    const lane = await dial(port)
    connections += 1
    while (!lane.hasEnded() && performance.now() < endsMs) {
      lane.socket.cork()
      for (let count = 0; count < FRAMES_AT_ONCE; count += 1) lane.socket.write(fuzz.next())
      lane.socket.uncork()
      frames += FRAMES_AT_ONCE
      await lane.answered()
    }
    lane.socket.destroy()
  }
}

interface Lane {
  readonly socket: Socket
  hasEnded(): boolean
  /** Resolves when the server has said something, or after a moment. */
  answered(): Promise<void>
}

function dial(port: number): Promise<Lane> {
  return new Promise((resolve) => {
    let hasEnded = false
    let wake = (): void => undefined
    const socket = connect(port, '127.0.0.1', () => socket.write(HANDSHAKE))
    const lane: Lane = {
      socket,
      hasEnded: () => hasEnded,
      answered: () =>
        new Promise((answered) => {
          const timer = setTimeout(answered, NO_ANSWER_MS)
          wake = () => {
            clearTimeout(timer)
            answered()
          }
        }),
    }
    socket.on('data', () => {
      resolve(lane)
      wake()
    })
    for (const name of ['end', 'close', 'error'] as const)
      socket.on(name, () => {
        hasEnded = true
        resolve(lane)
        wake()
      })
  })
}
