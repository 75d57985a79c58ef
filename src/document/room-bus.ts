/**
 * Messages between the pages of one room over all its signaling servers: own `data.type` on a sibling topic,
 * so that y-webrtc's sockets do not hear them. Repeats from a second server are dropped, and so is what a
 * stalled connection delivers late. Sealed when the room has a password. Senders are not authenticated.
 */
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import type { Reject } from './rejections.js'
import { type BusMessage, createEnvelopes } from './room-envelope.js'
import type { Seal } from './seal.js'
import { joinTopic, type SignalingListener, type SignalingTopic } from './signaling-socket.js'

/** The bus of one room. */
export interface RoomBus {
  readonly isOpen: boolean
  /** Monotonic time at which a server was first reached; null before. */
  readonly openedAtMs: number | null
  /** When any server last said anything; null before. */
  readonly heardAtMs: number | null
  /** From now on these servers and no others; the old ones go when one of the new is open. */
  setServers(urls: readonly string[]): void
  /** Sends to one page, or to all when `to` is null; dropped while no server is open. */
  send(kind: string, to: string | null, body: Json): void
  close(): void
}

/** What {@link openRoomBus} needs. */
export interface RoomBusOptions {
  readonly urls: readonly string[]
  readonly room: string
  readonly page: string
  readonly seal: Seal | null
  readonly clock: Clock
  readonly onMessage: (message: BusMessage) => void
  /** A server opened or closed. */
  readonly onState: (isOpen: boolean) => void
  readonly reject: Reject
  /** Whether a page has shown itself already. Default: nobody has. */
  readonly isKnown?: (page: string) => boolean
}

/** Connects to every server. */
export function openRoomBus(options: RoomBusOptions): RoomBus {
  const { clock } = options
  let openedAtMs: number | null = null
  let isClosed = false
  const topics = new Map<string, SignalingTopic>()
  /** Servers that are no longer listed, until one that is can be reached. */
  const leaving = new Set<SignalingTopic>()
  const all = (): SignalingTopic[] => [...topics.values(), ...leaving]
  const isOpen = (): boolean => all().some((topic) => topic.isOpen)
  const envelopes = createEnvelopes({
    ...options,
    publish(data, to) {
      // What is for one page goes to a topic of its own: in a large room most messages are, and nobody else reads them.
      const suffix = to !== null && PAGE_ID.test(to) ? PAGE_MARK + to : ''
      for (const topic of all()) topic.publish(data, suffix)
    },
  })
  const leaveOld = (): void => {
    for (const topic of leaving) topic.leave()
    leaving.clear()
  }
  const join = (url: string): SignalingTopic => {
    const listener: SignalingListener = {
      onData: envelopes.receive,
      onOpen() {
        openedAtMs ??= clock.now()
        if (topics.has(url)) leaveOld()
        if (!isClosed) options.onState(true)
      },
      onClose() {
        if (!isClosed) options.onState(isOpen())
      },
    }
    return joinTopic(url, `${options.room}${TOPIC_SUFFIX}`, PAGE_MARK + options.page, listener, clock)
  }
  for (const url of options.urls) topics.set(url, join(url))
  return {
    get isOpen() {
      return isOpen()
    },
    get openedAtMs() {
      return openedAtMs
    },
    get heardAtMs() {
      const heard = all().map((topic) => topic.heardAtMs ?? Number.NEGATIVE_INFINITY)
      const newestMs = Math.max(Number.NEGATIVE_INFINITY, ...heard)
      return Number.isFinite(newestMs) ? newestMs : null
    },
    setServers(urls) {
      if (isClosed) return
      for (const [url, topic] of [...topics]) {
        if (urls.includes(url)) continue
        topics.delete(url)
        leaving.add(topic)
      }
      for (const url of urls) if (!topics.has(url)) topics.set(url, join(url))
      if ([...topics.values()].some((topic) => topic.isOpen)) leaveOld()
    },
    send: envelopes.send,
    close() {
      isClosed = true
      envelopes.close(() => {
        for (const topic of all()) topic.leave()
      })
    },
  }
}

/** Not the room's own topic: y-webrtc's socket of every page listens there. */
const TOPIC_SUFFIX = '#holdfast'
/** Between that and a page's id: the topic that only this page listens to. The server knows it too. */
const PAGE_MARK = '/'
/** What servers with tokens let through. Ids are claims of their senders: no other may make us ask for more. */
const PAGE_ID = /^[\w-]{1,64}$/
