/**
 * Small messages between participants, by topic, on the room's bus. May be lost, may be repeated, and the
 * sender is whoever it says it is. What is sent before a server was reached waits for it a few seconds.
 */
import * as v from 'valibot'
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import type { Reject } from './rejections.js'
import type { RoomBus } from './room-bus.js'

/** All channels of a room in this page. */
export interface RoomChannels {
  /** The channel `topic` as one participant of this page has it. */
  channel(topic: string, participant: string, session: string): Channel
  receive(body: unknown): void
  /** The bus opened: send what waited. */
  open(): void
}

/** One topic of one participant. */
export interface Channel {
  readonly isOpen: boolean
  send(to: string | null, message: Json): void
  subscribe(listener: (from: string, message: Json) => void): () => void
}

/** What {@link createRoomChannels} needs. */
export interface RoomChannelsOptions {
  readonly bus: RoomBus
  readonly clock: Clock
  readonly reject: Reject
}

interface Subscriber {
  readonly topic: string
  readonly participant: string
  readonly session: string
  readonly listener: (from: string, message: Json) => void
}

/** Makes the channels. */
export function createRoomChannels(options: RoomChannelsOptions): RoomChannels {
  const { bus, clock, reject } = options
  const subscribers = new Set<Subscriber>()
  let waiting: { readonly body: Json; readonly untilMs: number }[] = []

  const deliver = (body: v.InferOutput<typeof BODY>): void => {
    for (const { topic, participant, session, listener } of [...subscribers])
      if (topic === body.topic && session !== body.session && (body.to === null || body.to === participant))
        listener(body.from, body.message as Json)
  }
  return {
    receive(value) {
      const parsed = v.safeParse(BODY, value)
      if (parsed.success) deliver(parsed.output)
      else reject('signaling-garbage', 'channel')
    },
    open() {
      const now = clock.now()
      const fresh = waiting.filter((one) => one.untilMs >= now)
      waiting = []
      for (const one of fresh) bus.send('channel', null, one.body)
    },
    channel: (topic, participant, session) => ({
      get isOpen() {
        return bus.isOpen
      },
      send(to, message) {
        const body = { topic, from: participant, session, to, message }
        if (JSON.stringify(body).length > MESSAGE_MAX_CHARACTERS) {
          reject('signaling-garbage', participant)
          return
        }
        // Other participants of this page are not reached over the bus, which drops its own messages.
        queueMicrotask(() => deliver(body))
        if (bus.isOpen) bus.send('channel', null, body)
        else waiting = [...waiting, { body, untilMs: clock.now() + WAIT_MAX_MS }].slice(-WAITING_MAX)
      },
      subscribe(listener) {
        const subscriber = { topic, participant, session, listener }
        subscribers.add(subscriber)
        return () => {
          subscribers.delete(subscriber)
        }
      },
    }),
  }
}

/** Sealed and in base64 it stays below the signaling server's 64 kB. */
const MESSAGE_MAX_CHARACTERS = 32 * 1024
/** A later answer is about a situation that has passed. */
const WAIT_MAX_MS = 5000
const WAITING_MAX = 64

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128))
const BODY = v.object({
  topic: id,
  from: id,
  session: id,
  to: v.nullable(id),
  message: v.unknown(),
})
