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
  /** Publishes on the topic with this suffix, which may be empty; dropped while the socket is not open. */
  publish(data: unknown, suffix: string): void
  leave(): void
}

/**
 * Joins a topic, and the same with a suffix, on the page's socket to `url`; the socket closes after its last topic
 * was left.
 */
export function joinTopic(
  url: string,
  topic: string,
  suffix: string,
  listener: SignalingListener,
  clock: Clock,
): SignalingTopic {
  return socketTo(url, clock).join(topic, topic + suffix, listener)
}

/** Opens the page's socket to `url` before it is known what to listen to; call the result to let go of it. */
export function holdSocket(url: string, clock: Clock): () => void {
  return socketTo(url, clock).hold()
}

function socketTo(url: string, clock: Clock): SharedSocket {
  const socket = sockets.get(url) ?? openSocket(url, clock)
  sockets.set(url, socket)
  return socket
}

/** The network may have changed: every socket of the page has to show that it lives. */
export function checkSockets(): void {
  for (const socket of sockets.values()) socket.check()
}

interface SharedSocket {
  check(): void
  join(topic: string, own: string, listener: SignalingListener): SignalingTopic
  /** Keeps it open without a topic. */
  hold(): () => void
}

/** Live sockets by URL. Module state on purpose: rooms and calls of one page share them. */
const sockets = new Map<string, SharedSocket>()

function openSocket(url: string, clock: Clock): SharedSocket {
  const topics = new Map<string, Set<SignalingListener>>()
  /** Whoever listens to several topics is one listener. */
  const all = (): Set<SignalingListener> => new Set([...topics.values()].flatMap((some) => [...some]))
  const connection = keepConnected(url, clock, {
    onOpen() {
      if (topics.size > 0) connection.send({ type: 'subscribe', topics: [...topics.keys()] })
      for (const listener of all()) listener.onOpen()
    },
    onClose() {
      for (const listener of all()) listener.onClose()
    },
    onMessage(message) {
      if (message.type !== 'publish' || typeof message.topic !== 'string') return
      for (const listener of [...(topics.get(message.topic) ?? [])]) listener.onData(message.data)
    },
  })
  let holders = 0
  const closeUnused = (): void => {
    if (topics.size > 0 || holders > 0) return
    connection.close()
    sockets.delete(url)
  }
  return {
    check: connection.check,
    hold() {
      holders += 1
      return () => {
        holders -= 1
        closeUnused()
      }
    },
    join(topic, own, listener) {
      const names = [topic, own]
      const fresh = names.filter((name) => !topics.has(name))
      if (fresh.length > 0) connection.send({ type: 'subscribe', topics: fresh })
      for (const name of names) topics.set(name, (topics.get(name) ?? new Set()).add(listener))
      if (connection.isOpen) queueMicrotask(() => topics.get(topic)?.has(listener) && listener.onOpen())
      return {
        get isOpen() {
          return connection.isOpen
        },
        get heardAtMs() {
          return connection.heardAtMs
        },
        publish: (data, suffix) => connection.send({ type: 'publish', topic: topic + suffix, data }),
        leave() {
          if (!topics.get(topic)?.has(listener)) return
          for (const name of names) topics.get(name)?.delete(listener)
          const empty = names.filter((name) => topics.get(name)?.size === 0)
          for (const name of empty) topics.delete(name)
          if (empty.length > 0) connection.send({ type: 'unsubscribe', topics: empty })
          closeUnused()
        },
      }
    },
  }
}
