/**
 * One WebSocket per signaling server and page, shared by every room of the page. Speaks y-webrtc's signaling
 * protocol (subscribe, publish, ping); y-webrtc's own socket is not used, because it notices a black hole after
 * 30 to 45 seconds and throws when it sends too early.
 */
import type { Clock } from '../clock.js'
import { keepConnected } from './kept-connection.js'

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
  /** When the server last said anything; null before. */
  readonly heardAtMs: number | null
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

/** The network may have changed: every socket of the page has to show that it lives. */
export function checkSockets(): void {
  for (const socket of sockets.values()) socket.check()
}

interface SharedSocket {
  check(): void
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
    check: connection.check,
    join(topic, listener) {
      const listeners = topics.get(topic) ?? new Set()
      if (listeners.size === 0) connection.send({ type: 'subscribe', topics: [topic] })
      topics.set(topic, listeners.add(listener))
      if (connection.isOpen) queueMicrotask(() => listeners.has(listener) && listener.onOpen())
      return {
        get isOpen() {
          return connection.isOpen
        },
        get heardAtMs() {
          return connection.heardAtMs
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
