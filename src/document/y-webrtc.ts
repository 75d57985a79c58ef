/**
 * The only file that touches y-webrtc's provider, because it wedges after ICE failures and its flags lie
 * (docs/decisions.md). Here: explicit signaling and ICE servers; one offerer per pair; every connection
 * watched until it is connected; data checked before it is decoded; BroadcastChannel, the beforeunload
 * handler and the password left unused; disconnect before destroy.
 */
import type { Awareness } from 'y-protocols/awareness'
import type * as YWebrtc from 'y-webrtc'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import { adviseOnAnnounce, adviseOnSignal } from './offerer.js'
import type { Reject } from './rejections.js'
import type { Seal } from './seal.js'
import { type Attempts, createAttempts, type StockRoom } from './y-webrtc-attempts.js'
import { delayGossip, type SendingRoom } from './y-webrtc-gossip.js'
import { hookSocket, type RoomHook, type RtcMessage, type StockSocket } from './y-webrtc-signaling.js'

/** The running mesh of data channels. */
export interface WebrtcLink {
  /** This page's id in the mesh. */
  readonly id: string
  /** Ids of pages with an open data channel. */
  readonly linked: readonly string[]
  /** Gives up what does not connect and announces while somebody known is not linked; once a second. */
  sweep(known: readonly string[]): void
  /** A page left for good: its connection goes at once. */
  forget(id: string): void
  close(): void
}

/** What {@link startWebrtcLink} needs. */
export interface WebrtcLinkOptions {
  readonly module: typeof YWebrtc
  readonly yjs: typeof Yjs
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly room: string
  readonly urls: readonly string[]
  readonly iceServers: readonly RTCIceServer[]
  readonly seal: Seal | null
  readonly clock: Clock
  readonly onChange: () => void
  readonly onId: (id: string) => void
  /** Whether everybody is linked with everybody. */
  readonly isWhole: () => boolean
  readonly reject: Reject
}

/** Starts the mesh. */
export function startWebrtcLink(options: WebrtcLinkOptions): WebrtcLink {
  const { clock } = options
  let attempts: Attempts | null = null
  let id = ''
  let isClosed = false
  let endGossip = (): void => undefined
  const provider = new options.module.WebrtcProvider(options.room, options.doc, {
    signaling: [...options.urls],
    awareness: options.awareness,
    maxConns: CONNECTIONS_MAX,
    filterBcConns: false,
    peerOpts: { config: { iceServers: [...options.iceServers] } },
  })
  whenRoomIsMade(provider, (room) => {
    if (isClosed) return
    quieten(room)
    endGossip = delayGossip(room, clock, options.yjs.mergeUpdates, options.isWhole)
    id = room.peerId
    const onChange = (): void => {
      if (!isClosed) options.onChange()
    }
    attempts = createAttempts({ room, clock, onChange, reject: options.reject })
    options.onId(id)
  })
  const sockets = provider.signalingConns as StockSocket[]
  const announce = (socket: StockSocket, to: string | null): void => {
    const data = { type: 'announce', from: id, ...(to === null ? {} : { to }) }
    socket.send({ type: 'publish', topic: options.room, data })
  }
  const hook: RoomHook = {
    seal: options.seal,
    reject: options.reject,
    incoming: gate(clock, announce, () => (isClosed || attempts === null ? null : { id, attempts })),
    outgoing(data) {
      if (isClosed || attempts === null) return null
      if (data.type !== 'announce') return { ...data, attempt: attempts.facts(String(data.to))?.attempt ?? '-' }
      return { ...data, linked: attempts.linked, trying: attempts.ids }
    },
  }
  const unhook = sockets.map((socket) => hookSocket(socket, options.room, hook))
  const mayAnnounce = createBackoff(clock)

  return {
    get id() {
      return id
    },
    get linked() {
      return attempts?.linked ?? []
    },
    sweep(known) {
      if (attempts === null) return
      for (const other of attempts.ids) {
        const attempt = attempts.facts(other)
        if (attempt !== null && !attempt.isConnected && attempt.ageMs > CONNECT_MAX_MS) attempts.drop(other)
      }
      const tried = new Set(attempts.ids)
      if (mayAnnounce(known.some((other) => other !== id && !tried.has(other))))
        for (const socket of sockets) announce(socket, null)
    },
    forget: (other) => attempts?.drop(other),
    close() {
      isClosed = true
      endGossip()
      for (const other of attempts?.ids ?? []) attempts?.drop(other)
      provider.disconnect()
      provider.destroy()
      for (const undo of unhook) undo()
    },
  }
}

/** The room is made a microtask later and connects in the same turn: the setter is the moment in between. */
function whenRoomIsMade(provider: object, task: (room: StockRoom & SendingRoom) => void): void {
  let room: (StockRoom & SendingRoom) | null = null
  Object.defineProperty(provider, 'room', {
    get: () => room,
    set(made: StockRoom & SendingRoom) {
      room = made
      task(made)
    },
  })
}

/** Decides what reaches y-webrtc's handlers. */
function gate(
  clock: Clock,
  announce: (socket: StockSocket, to: string) => void,
  present: () => { readonly id: string; readonly attempts: Attempts } | null,
): RoomHook['incoming'] {
  const helloAtMs = new Map<string, number>()
  const sayHello = (socket: StockSocket, to: string): void => {
    const now = clock.now()
    if (now - (helloAtMs.get(to) ?? Number.NEGATIVE_INFINITY) < HELLO_EVERY_MS) return
    if (helloAtMs.size >= HELLOS_MAX) helloAtMs.clear()
    helloAtMs.set(to, now)
    announce(socket, to)
  }
  return (message: RtcMessage, pass, socket) => {
    const own = present()
    const { from, to } = message
    if (own === null || from === own.id || (to !== undefined && to !== own.id)) return
    const { id, attempts } = own
    const advice =
      message.type === 'announce'
        ? adviseOnAnnounce(id, from, message, attempts.facts(from))
        : adviseOnSignal(id, from, message.signal.type, message.attempt, attempts.facts(from))
    if (advice.drop) attempts.drop(from)
    if (advice.hello) sayHello(socket, from)
    if (advice.pass) attempts.during(message.type === 'signal' ? message.attempt : null, pass)
  }
}

/** Whether to call once more; ever more rarely while it does not help. */
function createBackoff(clock: Clock): (isNeeded: boolean) => boolean {
  let nextAtMs = 0
  let calls = 0
  return (isNeeded) => {
    if (!isNeeded) calls = 0
    const now = clock.now()
    if (!isNeeded || now < nextAtMs) return false
    nextAtMs = now + Math.min(ANNOUNCE_MAX_MS, ANNOUNCE_MIN_MS * 2 ** calls) * (0.5 + Math.random())
    calls += 1
    return true
  }
}

/** Takes BroadcastChannel and the unload handler out of a room before it connects. */
function quieten(room: StockRoom): void {
  // Unencrypted and never forgetting a crashed tab; tabs of one browser use data channels as all others do.
  room._bcSubscriber = () => Promise.resolve()
  const connect = room.connect.bind(room)
  room.connect = () => {
    connect()
    room.bcconnected = false
  }
  // It disconnects every room of the page even when the user stays; pagehide is handled by the call.
  if (typeof window !== 'undefined') window.removeEventListener('beforeunload', room._beforeUnloadHandler)
}

/** Above the largest room a full mesh can carry. */
const CONNECTIONS_MAX = 32
/** ICE on a slow network takes some seconds; simple-peer itself waits for ever. */
const CONNECT_MAX_MS = 8000
/** Answers to one page's repeated announcements. */
const HELLO_EVERY_MS = 300
const HELLOS_MAX = 256
/** A lost announcement costs two seconds; a page that cannot be reached is called ever more rarely. */
const ANNOUNCE_MIN_MS = 2000
const ANNOUNCE_MAX_MS = 12_000
