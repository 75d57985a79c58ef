/**
 * y-webrtc's signaling socket with its traps taken out: sends that would throw are dropped, every message is
 * checked, sealed and opened, and each room decides what reaches y-webrtc's handlers. Its sockets are shared
 * by all rooms of the page, so the hook is set once per socket and looks rooms up by topic.
 */
import * as v from 'valibot'
import type { Reject } from './rejections.js'
import type { Seal } from './seal.js'

/** The parts of y-webrtc's socket that are used. */
export interface StockSocket {
  readonly connected: boolean
  emit(name: string, values: unknown[]): unknown
  send(message: unknown): void
}

/** A checked signaling message. */
export type RtcMessage =
  | {
      readonly type: 'announce'
      readonly from: string
      readonly to?: string
      readonly linked: string[]
      readonly trying: string[]
    }
  | {
      readonly type: 'signal'
      readonly from: string
      readonly to: string
      readonly attempt: string
      readonly token?: number
      readonly signal:
        | { readonly type: 'offer' | 'answer'; readonly sdp: string }
        | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit }
    }

/** How one room takes part. */
export interface RoomHook {
  readonly seal: Seal | null
  /** Null drops the message. */
  outgoing(data: Record<string, unknown>): Record<string, unknown> | null
  /** Calls `pass` to hand the message to y-webrtc. */
  incoming(message: RtcMessage, pass: () => void, socket: StockSocket): void
  readonly reject: Reject
}

/** Puts a room's hook on a socket; call the result to take it off. */
export function hookSocket(socket: StockSocket, topic: string, hook: RoomHook): () => void {
  const rooms = hooked.get(socket) ?? install(socket)
  rooms.set(topic, queued(hook))
  return () => {
    rooms.delete(topic)
  }
}

interface QueuedHook {
  outgoing(data: unknown, send: (data: unknown) => void): void
  incoming(data: unknown, pass: (data: unknown) => void, socket: StockSocket): void
}

const hooked = new WeakMap<StockSocket, Map<string, QueuedHook>>()

function install(socket: StockSocket): Map<string, QueuedHook> {
  const rooms = new Map<string, QueuedHook>()
  hooked.set(socket, rooms)
  const emit = socket.emit.bind(socket)
  const send = socket.send.bind(socket)
  socket.send = (message) => {
    // lib0 checks only that a socket object exists, and a connecting socket throws.
    if (!socket.connected) return
    const hook = isPublish(message) ? rooms.get(message.topic) : undefined
    if (hook === undefined || !isPublish(message)) send(message)
    else hook.outgoing(message.data, (data) => socket.connected && send({ ...message, data }))
  }
  socket.emit = (name, values) => {
    const [message] = values
    const hook = name === 'message' && isPublish(message) ? rooms.get(message.topic) : undefined
    if (hook === undefined || !isPublish(message)) return emit(name, values)
    hook.incoming(message.data, (data) => emit(name, [{ ...message, data }, socket]), socket)
    return undefined
  }
  return rooms
}

/** Sealing is asynchronous; one queue each way keeps an offer before its candidates. */
function queued(hook: RoomHook): QueuedHook {
  const { seal } = hook
  let outgoing: Promise<unknown> = Promise.resolve()
  let incoming: Promise<unknown> = Promise.resolve()
  const receive = (data: unknown, pass: (data: unknown) => void, socket: StockSocket): void => {
    const parsed = v.safeParse(MESSAGE, data)
    if (!parsed.success) {
      hook.reject('signaling-garbage', 'webrtc')
      return
    }
    const message = parsed.output as RtcMessage
    try {
      hook.incoming(message, () => pass(message), socket)
    } catch {
      // simple-peer throws for signals that come after its end; the watchdog begins anew.
      hook.reject('signaling-garbage', message.from)
    }
  }
  return {
    outgoing(data, send) {
      const ready = hook.outgoing(data as Record<string, unknown>)
      if (ready === null) return
      if (seal === null) send(ready)
      else outgoing = outgoing.then(async () => send({ sealed: await seal.close(ready) }))
    },
    incoming(data, pass, socket) {
      if (seal === null) receive(data, pass, socket)
      else {
        const { sealed } = (data ?? {}) as { sealed?: unknown }
        incoming = incoming.then(async () => receive(await seal.open(sealed), pass, socket))
      }
    },
  }
}

function isPublish(value: unknown): value is { type: 'publish'; topic: string; data: unknown } {
  const message = value as { type?: unknown; topic?: unknown } | null
  return typeof message === 'object' && message?.type === 'publish' && typeof message.topic === 'string'
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
/** More pages than a mesh can have. */
const ids = v.pipe(v.array(id), v.maxLength(64))
/** A description with data channels only has about 0.5 kB; anything larger than this is none. */
const sdp = v.pipe(v.string(), v.maxLength(32 * 1024))
const CANDIDATE = v.object({
  candidate: v.pipe(v.string(), v.maxLength(2048)),
  sdpMLineIndex: v.optional(v.nullable(v.number())),
  sdpMid: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(64)))),
})
const MESSAGE = v.variant('type', [
  v.object({
    type: v.literal('announce'),
    from: id,
    to: v.optional(id),
    linked: v.optional(ids, []),
    trying: v.optional(ids, []),
  }),
  v.object({
    type: v.literal('signal'),
    from: id,
    to: id,
    attempt: v.optional(id, '-'),
    token: v.optional(v.number()),
    signal: v.variant('type', [
      v.object({ type: v.picklist(['offer', 'answer']), sdp }),
      v.object({ type: v.literal('candidate'), candidate: CANDIDATE }),
    ]),
  }),
])
