/**
 * Who hears what: the subscribers of each topic in this process, and the bus to those in other processes. A room
 * of Holdfast has two topics, one of y-webrtc and one of its own.
 */
import type { BusSubscription, SignalingBus } from './bus.js'
import type { CloseReason } from './close-codes.js'
import { frameOf, publication } from './message.js'
import type { Tally } from './tally.js'
import { type TokenBucket, tokenBucket } from './token-bucket.js'

/** One who hears a topic. */
export interface Subscriber {
  send(frame: Buffer): void
}

/** The limits of topics. */
export interface TopicLimits {
  readonly topicsMax: number
  readonly clientsPerTopicMax: number
  readonly deliveriesPerTopicPerSecondMax: number
  readonly deliveriesPerTopicBurstMax: number
}

/** What {@link createTopics} needs. */
export interface TopicsOptions {
  readonly bus: SignalingBus
  readonly limits: TopicLimits
  readonly tally: Tally
  /** Monotonic. */
  readonly now: () => number
}

/** All topics of this process. */
export interface Topics {
  readonly size: number
  /** Null, or why not. */
  enter(subscriber: Subscriber, topic: string): CloseReason | null
  leave(subscriber: Subscriber, topic: string): void
  /** Resolves when messages of other processes arrive in all of them. */
  heard(topics: Iterable<string>): Promise<void> | null
  /** Null, or why not. */
  publish(topic: string, data: unknown): CloseReason | null
}

interface Topic {
  readonly subscribers: Set<Subscriber>
  readonly deliveries: TokenBucket
  subscription: BusSubscription
  /** Null once the bus hears the topic. */
  waiting: Promise<void> | null
}

/** Without topics yet. */
export function createTopics(options: TopicsOptions): Topics {
  const { bus, limits, tally, now } = options
  const topics = new Map<string, Topic>()

  const deliver = (topic: Topic, text: string): void => {
    const { subscribers, deliveries } = topic
    // Nobody is to blame for a room of many who are all within their limits, so nobody is closed for it.
    if (!deliveries.take(subscribers.size, now())) {
      tally.dropped['topic-rate'] += 1
      return
    }
    const frame = frameOf(text, subscribers.size)
    for (const subscriber of subscribers) subscriber.send(frame)
  }
  const tell = (name: string, text: string): void => {
    tally.busSent += 1
    bus.publish(name, text)
  }
  const open = (name: string): Topic => {
    const topic: Topic = {
      subscribers: new Set(),
      deliveries: tokenBucket(limits.deliveriesPerTopicPerSecondMax, limits.deliveriesPerTopicBurstMax, now()),
      subscription: bus.subscribe(name, (text) => {
        tally.busReceived += 1
        deliver(topic, text)
      }),
      waiting: null,
    }
    topic.waiting = topic.subscription.ready.then(() => {
      topic.waiting = null
    })
    topics.set(name, topic)
    return topic
  }

  return {
    get size() {
      return topics.size
    },
    enter(subscriber, name) {
      const known = topics.get(name)
      if (known === undefined && topics.size >= limits.topicsMax) return 'full'
      if (known !== undefined && known.subscribers.size >= limits.clientsPerTopicMax) return 'roomFull'
      ;(known ?? open(name)).subscribers.add(subscriber)
      return null
    },
    leave(subscriber, name) {
      const topic = topics.get(name)
      if (topic === undefined || !topic.subscribers.delete(subscriber) || topic.subscribers.size > 0) return
      topics.delete(name)
      topic.subscription.leave()
    },
    heard(names) {
      const waits = [...names].flatMap((name) => topics.get(name)?.waiting ?? [])
      return waits.length === 0 ? null : Promise.all(waits).then(() => undefined)
    },
    publish(name, data) {
      const text = publication(name, data)
      if (text === null) return 'garbage'
      const topic = topics.get(name)
      if (topic !== undefined) deliver(topic, text)
      // Waiting publications keep their order: each is a reaction to the same promise.
      const waiting = topic?.waiting ?? null
      if (waiting === null) tell(name, text)
      else void waiting.then(() => tell(name, text))
      return null
    },
  }
}
