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
import { type AttemptFacts, adviseOnAnnounce, adviseOnSignal } from './offerer.js'
import type { Reject } from './rejections.js'
import type { Seal } from './seal.js'
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
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly room: string
  readonly urls: readonly string[]
  readonly iceServers: readonly RTCIceServer[]
  readonly seal: Seal | null
  readonly clock: Clock
  readonly onChange: () => void
  readonly onId: (id: string) => void
  readonly reject: Reject
}

interface StockPeer {
  listeners(name: string): ((value: Uint8Array) => void)[]
  removeAllListeners(name?: string): void
  on(name: string, listener: (value: Uint8Array) => void): void
  destroy(): void
}
interface StockConn {
  connected: boolean
  closed: boolean
  readonly peer: StockPeer
}
interface StockRoom {
  readonly peerId: string
  readonly webrtcConns: Map<string, StockConn>
  bcconnected: boolean
  connect(): void
  _bcSubscriber: () => Promise<void>
  _beforeUnloadHandler: () => void
}

/** Starts the mesh. */
export function startWebrtcLink(options: WebrtcLinkOptions): WebrtcLink {
  const { clock } = options
  const births = new Map<StockConn, { attempt: string; sinceMs: number }>()
  let room: StockRoom | null = null
  let offeredAttempt: string | null = null
  let isClosed = false
  let announceAtMs = 0
  let announces = 0
  const helloAtMs = new Map<string, number>()

  const adopt = (fresh: StockRoom): void => {
    room = fresh
    quieten(fresh)
    watchConns(fresh.webrtcConns, (conn) => {
      births.set(conn, { attempt: offeredAttempt ?? randomId(), sinceMs: clock.now() })
      guard(conn, options.reject)
      conn.peer.on('connect', () => {
        births.set(conn, { attempt: births.get(conn)?.attempt ?? '', sinceMs: clock.now() })
        options.onChange()
      })
      conn.peer.on('close', () => {
        births.delete(conn)
        if (!isClosed) options.onChange()
      })
    })
    options.onId(fresh.peerId)
  }
  const provider = new options.module.WebrtcProvider(options.room, options.doc, {
    signaling: [...options.urls],
    awareness: options.awareness,
    maxConns: CONNECTIONS_MAX,
    filterBcConns: false,
    peerOpts: { config: { iceServers: [...options.iceServers] } },
  })
  // The room is made a microtask later and connects in the same turn: the setter is the moment in between.
  Object.defineProperty(provider, 'room', { get: () => room, set: adopt })

  const facts = (id: string): AttemptFacts | null => {
    const conn = room?.webrtcConns.get(id)
    const birth = conn && births.get(conn)
    if (!conn || !birth) return null
    return { isConnected: conn.connected, attempt: birth.attempt, ageMs: clock.now() - birth.sinceMs }
  }
  const drop = (id: string): void => {
    const conn = room?.webrtcConns.get(id)
    if (!conn) return
    room?.webrtcConns.delete(id)
    births.delete(conn)
    // Its own close handler would delete the successor's entry and announce.
    conn.peer.removeAllListeners()
    conn.peer.on('error', () => undefined)
    conn.connected = false
    conn.closed = true
    conn.peer.destroy()
    options.onChange()
  }
  const linked = (): string[] =>
    [...(room?.webrtcConns ?? [])].filter(([, conn]) => conn.connected).map(([id]) => id)
  const announce = (socket: StockSocket, to: string | null): void => {
    const data = { type: 'announce', from: room?.peerId, ...(to === null ? {} : { to }) }
    socket.send({ type: 'publish', topic: options.room, data })
  }
  const sayHello = (socket: StockSocket, to: string): void => {
    const now = clock.now()
    if (now - (helloAtMs.get(to) ?? Number.NEGATIVE_INFINITY) < HELLO_EVERY_MS) return
    if (helloAtMs.size >= HELLOS_MAX) helloAtMs.clear()
    helloAtMs.set(to, now)
    announce(socket, to)
  }
  const incoming = (message: RtcMessage, pass: () => void, socket: StockSocket): void => {
    const { from } = message
    if (room === null || from === room.peerId || (message.to !== undefined && message.to !== room.peerId))
      return
    const advice =
      message.type === 'announce'
        ? adviseOnAnnounce(room.peerId, from, message, facts(from))
        : adviseOnSignal(room.peerId, from, message.signal.type, message.attempt, facts(from))
    if (advice.drop) drop(from)
    if (advice.hello) sayHello(socket, from)
    if (!advice.pass) return
    offeredAttempt = message.type === 'signal' ? message.attempt : null
    try {
      pass()
    } finally {
      offeredAttempt = null
    }
  }
  const hook: RoomHook = {
    seal: options.seal,
    reject: options.reject,
    incoming,
    outgoing(data) {
      if (isClosed) return null
      if (data.type === 'announce')
        return { ...data, linked: linked(), trying: [...(room?.webrtcConns.keys() ?? [])] }
      return { ...data, attempt: facts(String(data.to))?.attempt ?? '-' }
    },
  }
  const sockets = provider.signalingConns as StockSocket[]
  const unhook = sockets.map((socket) => hookSocket(socket, options.room, hook))

  return {
    get id() {
      return room?.peerId ?? ''
    },
    get linked() {
      return linked()
    },
    sweep(known) {
      const now = clock.now()
      for (const id of [...(room?.webrtcConns.keys() ?? [])]) {
        const attempt = facts(id)
        if (attempt !== null && !attempt.isConnected && attempt.ageMs > CONNECT_MAX_MS) drop(id)
      }
      const isMissing = known.some((id) => id !== room?.peerId && facts(id) === null)
      if (!isMissing) announces = 0
      if (!isMissing || now < announceAtMs) return
      announceAtMs = now + Math.min(ANNOUNCE_MAX_MS, ANNOUNCE_MIN_MS * 2 ** announces) * (0.5 + Math.random())
      announces += 1
      for (const socket of sockets) announce(socket, null)
    },
    forget: drop,
    close() {
      isClosed = true
      for (const id of [...(room?.webrtcConns.keys() ?? [])]) drop(id)
      provider.disconnect()
      provider.destroy()
      for (const undo of unhook) undo()
    },
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

function watchConns(conns: Map<string, StockConn>, onNew: (conn: StockConn) => void): void {
  const set = conns.set.bind(conns)
  conns.set = (id, conn) => {
    onNew(conn)
    return set(id, conn)
  }
}

/** Malformed data makes the decoder throw inside an event handler, where nobody would catch it. */
function guard(conn: StockConn, reject: Reject): void {
  const stock = conn.peer.listeners('data')
  conn.peer.removeAllListeners('data')
  conn.peer.on('data', (data) => {
    if (!MESSAGE_KINDS.has(data[0] ?? -1)) {
      reject('signaling-garbage', 'data-channel')
      return
    }
    try {
      for (const listener of stock) listener(data)
    } catch {
      // Half a message or a broken one: nothing of it is used.
      reject('signaling-garbage', 'data-channel')
    }
  })
}

function randomId(): string {
  return Math.random().toString(36).slice(2, 14)
}

/** Sync, awareness, awareness query; y-webrtc answers others with an empty message and prints to the console. */
const MESSAGE_KINDS = new Set([0, 1, 3])
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
