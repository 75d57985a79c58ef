/**
 * One WebSocket per signaling server and page, shared by every room of the page and kept apart from
 * y-webrtc's own: it opens before y-webrtc has been loaded, never throws on garbage and never sends into a
 * socket that is not open. Speaks y-webrtc's signaling protocol (subscribe, publish, ping).
 */
import type { Clock } from '../clock.js'

/** What a user of the socket hears. */
export interface SignalingListener {
  /** The socket opened (again) and the topic is subscribed. */
  onOpen(): void
  onClose(): void
  onData(data: unknown): void
}

/** A subscription to one topic on one server. */
export interface SignalingTopic {
  readonly isOpen: boolean
  /** Dropped while the socket is not open. */
  publish(data: unknown): void
  leave(): void
}

/** Joins a topic on the page's socket to `url`; the socket closes after its last topic was left. */
export function joinTopic(
  url: string,
  topic: string,
  listener: SignalingListener,
  clock: Clock,
): SignalingTopic {
  const socket = sockets.get(url) ?? openSocket(url, clock)
  sockets.set(url, socket)
  return socket.join(topic, listener)
}

interface SharedSocket {
  join(topic: string, listener: SignalingListener): SignalingTopic
}

/** Live sockets by URL. Module state on purpose: rooms and calls of one page share them. */
const sockets = new Map<string, SharedSocket>()

function openSocket(url: string, clock: Clock): SharedSocket {
  const topics = new Map<string, Set<SignalingListener>>()
  const connection = keepConnected(url, clock, {
    onOpen() {
      connection.send({ type: 'subscribe', topics: [...topics.keys()] })
      for (const listeners of topics.values()) for (const listener of [...listeners]) listener.onOpen()
    },
    onClose() {
      for (const listeners of topics.values()) for (const listener of [...listeners]) listener.onClose()
    },
    onMessage(message) {
      if (message.type !== 'publish' || typeof message.topic !== 'string') return
      for (const listener of [...(topics.get(message.topic) ?? [])]) listener.onData(message.data)
    },
  })
  return {
    join(topic, listener) {
      const listeners = topics.get(topic) ?? new Set()
      if (listeners.size === 0) connection.send({ type: 'subscribe', topics: [topic] })
      topics.set(topic, listeners.add(listener))
      if (connection.isOpen) queueMicrotask(() => listeners.has(listener) && listener.onOpen())
      return {
        get isOpen() {
          return connection.isOpen
        },
        publish: (data) => connection.send({ type: 'publish', topic, data }),
        leave() {
          if (!listeners.delete(listener) || listeners.size > 0) return
          topics.delete(topic)
          connection.send({ type: 'unsubscribe', topics: [topic] })
          if (topics.size > 0) return
          connection.close()
          sockets.delete(url)
        },
      }
    },
  }
}

interface ConnectionListener {
  onOpen(): void
  onClose(): void
  onMessage(message: { readonly type?: unknown; readonly topic?: unknown; readonly data?: unknown }): void
}

interface KeptConnection {
  readonly isOpen: boolean
  send(message: unknown): void
  close(): void
}

function keepConnected(url: string, clock: Clock, listener: ConnectionListener): KeptConnection {
  let socket: WebSocket | null = null
  let isClosed = false
  let failures = 0
  let lastHeardAt = clock.now()
  let cancelTimer = (): void => undefined

  const isOpen = (): boolean => socket?.readyState === WebSocket.OPEN
  const send = (message: unknown): void => {
    if (isOpen()) socket?.send(JSON.stringify(message))
  }
  const lose = (lost: WebSocket, wasOpen: boolean): void => {
    if (socket !== lost) return
    socket = null
    cancelTimer()
    if (wasOpen) listener.onClose()
    if (isClosed) return
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures) * (0.5 + Math.random())
    failures += 1
    cancelTimer = clock.after(delayMs, connect)
  }
  const watch = (): void => {
    cancelTimer = clock.after(PING_EVERY_MS, () => {
      const current = socket
      if (current !== null && clock.now() - lastHeardAt > SILENT_MAX_MS) {
        // A half-open socket may take minutes to close by itself.
        current.close()
        lose(current, true)
        return
      }
      send({ type: 'ping' })
      watch()
    })
  }
  const connect = (): void => {
    const fresh = new WebSocket(url)
    socket = fresh
    let wasOpen = false
    fresh.onopen = () => {
      if (socket !== fresh) return
      wasOpen = true
      failures = 0
      lastHeardAt = clock.now()
      watch()
      listener.onOpen()
    }
    fresh.onmessage = (event: MessageEvent) => {
      if (socket !== fresh) return
      lastHeardAt = clock.now()
      const message = parseMessage(event.data)
      if (message !== null) listener.onMessage(message)
    }
    fresh.onclose = () => lose(fresh, wasOpen)
  }
  connect()
  return {
    get isOpen() {
      return isOpen()
    },
    send,
    close() {
      isClosed = true
      cancelTimer()
      socket?.close()
      socket = null
    },
  }
}

function parseMessage(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    // A server that sends no JSON speaks another protocol; what it says is dropped.
    return null
  }
}

/** A restarted server is back within a second; spread by 0.5 to 1.5 so that a whole call does not knock at once. */
const RETRY_MIN_MS = 150
/** As y-webrtc's own client. */
const RETRY_MAX_MS = 2500
/** Two pings fit into the silence that closes the socket. */
const PING_EVERY_MS = 5000
const SILENT_MAX_MS = 12_000
