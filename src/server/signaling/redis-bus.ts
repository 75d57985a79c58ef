/**
 * The bus over Redis pub/sub: one channel per topic, so that a process hears only rooms that it has members of.
 *
 * A message of its own that has to come back every second tells whether the whole way works; a Redis that hangs is
 * left and dialled again. While it cannot be reached, messages are dropped and not queued: what is late is about a
 * situation that has passed, and clients repair what they miss.
 */
import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { HoldfastError } from '../../errors.js'
import { loadRedis } from '../dependencies.js'
import type { BusEvents, BusSubscription, OpenBus, SignalingBus } from './bus.js'

/** Where the Redis server is. */
export interface RedisBusOptions {
  /** `redis://` or `rediss://`, with the password if there is one. */
  readonly url: string
  /** Keeps installations on one Redis apart. Default `holdfast:`. */
  readonly prefix?: string
}

const DEFAULT_PREFIX = 'holdfast:'
/** Often enough to notice an outage before people do, rare enough to cost nothing. */
const PROBE_EVERY_MS = 1_000
/** Three probes that did not come back; a busy Redis answers within milliseconds. */
const SILENT_MAX_MS = 3_000
/** A subscription that takes longer is not waited for: the room works within this process. */
const SUBSCRIBE_WAIT_MS = 1_000
const CONNECT_TIMEOUT_MS = 5_000
const RETRY_FIRST_MS = 100
/** A restarted Redis is found within this. */
const RETRY_MAX_MS = 2_000
/** Subscriptions of one command after a reconnect; larger ones would block Redis noticeably. */
const CHANNELS_PER_COMMAND = 500
/** Publications that Redis has not confirmed; more means that it hangs, and memory would grow. */
const UNCONFIRMED_MAX = 20_000
/** Tells processes apart on the bus. */
const ID_SIZE = 9

/**
 * A bus over Redis.
 *
 * @throws HoldfastError `invalid-options`; opening it rejects with `dependency-missing` and otherwise always
 * succeeds: without Redis the process serves its own clients and goes on trying.
 */
export function redisBus({ url, prefix = DEFAULT_PREFIX }: RedisBusOptions): OpenBus {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new HoldfastError('invalid-options', {
      message: 'The Redis address must be a redis:// or rediss:// URL.',
    })
  return async (events) => {
    const { Redis } = await loadRedis()
    const connect = (): Redis =>
      new Redis(url, {
        // What is wanted is subscribed here after a reconnect, and nothing late is sent.
        autoResubscribe: false,
        autoResendUnfulfilledCommands: false,
        enableOfflineQueue: false,
        connectTimeout: CONNECT_TIMEOUT_MS,
        retryStrategy: (times) =>
          Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(times, 8)) * (0.5 + Math.random() / 2),
      })
    const { bus, tried } = runBus({ publisher: connect(), subscriber: connect() }, prefix, events)
    await tried
    return bus
  }
}

interface Connections {
  readonly publisher: Redis
  readonly subscriber: Redis
}

function runBus(
  { publisher, subscriber }: Connections,
  prefix: string,
  events: BusEvents,
): { readonly bus: SignalingBus; readonly tried: Promise<void> } {
  const id = randomBytes(ID_SIZE).toString('base64url')
  const probeChannel = `${prefix}probe:${id}`
  const channelOf = (topic: string): string => `${prefix}topic:${topic}`
  const listeners = new Map<string, (message: string) => void>()
  const health = watchHealth(events)
  const send = createSender(publisher, events)
  const probe = (): void => {
    if (publisher.status === 'ready') send(probeChannel, String(performance.now()))
  }
  subscriber.on('ready', () => {
    const wanted = [probeChannel, ...listeners.keys()]
    for (let from = 0; from < wanted.length; from += CHANNELS_PER_COMMAND)
      subscriber.subscribe(...wanted.slice(from, from + CHANNELS_PER_COMMAND)).then(probe, ignore)
  })
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === probeChannel) health.returned(Number(message))
    else if (!message.startsWith(id)) listeners.get(channel)?.(message.slice(id.length))
  })
  const stopProbing = keepProbing({ publisher, subscriber }, health, probe)
  const bus: SignalingBus = {
    publish: (topic, message) => send(channelOf(topic), id + message),
    subscribe(topic, onMessage): BusSubscription {
      const channel = channelOf(topic)
      listeners.set(channel, onMessage)
      const isConnected = subscriber.status === 'ready'
      return {
        ready: isConnected ? soon(subscriber.subscribe(channel), SUBSCRIBE_WAIT_MS) : Promise.resolve(),
        leave() {
          listeners.delete(channel)
          if (subscriber.status === 'ready') subscriber.unsubscribe(channel).catch(ignore)
        },
      }
    },
    async close() {
      stopProbing()
      for (const redis of [publisher, subscriber]) redis.disconnect()
    },
  }
  return { bus, tried: soon(health.judged, CONNECT_TIMEOUT_MS) }
}

/** Drops instead of queueing. */
function createSender(publisher: Redis, events: BusEvents): (channel: string, message: string) => void {
  let unconfirmed = 0
  return (channel, message) => {
    if (publisher.status !== 'ready' || unconfirmed >= UNCONFIRMED_MAX) {
      events.onDropped()
      return
    }
    unconfirmed += 1
    publisher
      .publish(channel, message)
      .catch(ignore)
      .finally(() => {
        unconfirmed -= 1
      })
  }
}

function keepProbing({ publisher, subscriber }: Connections, health: Health, probe: () => void): () => void {
  // The text of an error may name the server; its code does not.
  for (const redis of [publisher, subscriber])
    redis.on('error', (error: Error & { readonly code?: string }) => health.fail(error.code ?? error.name))
  publisher.on('ready', probe)
  const timer = setInterval(() => {
    if (health.isSilent()) {
      health.fail('silent')
      for (const redis of [publisher, subscriber]) if (redis.status === 'ready') redis.disconnect(true)
    }
    probe()
  }, PROBE_EVERY_MS)
  return () => clearInterval(timer)
}

/** A command fails with its connection, whose own events tell of it. */
const ignore = (): undefined => undefined

interface Health {
  /** Resolves when the first probe has come back, or something has failed. */
  readonly judged: Promise<void>
  readonly isSilent: () => boolean
  fail(reason: string): void
  returned(sentAtMs: number): void
}

/** Whether the whole way works, judged by probes that come back. */
function watchHealth(events: BusEvents): Health {
  let isUp = false
  let trouble = ''
  let returnedAtMs = performance.now()
  let judge = (): void => undefined
  const judged = new Promise<void>((resolve) => {
    judge = resolve
  })
  return {
    judged,
    fail(reason: string): void {
      // Both connections fail, again and again: told once.
      if (isUp || trouble === '') events.onState(false, reason)
      isUp = false
      trouble = reason
      returnedAtMs = performance.now()
      judge()
    },
    isSilent: (): boolean => performance.now() - returnedAtMs > SILENT_MAX_MS,
    returned(sentAtMs: number): void {
      returnedAtMs = performance.now()
      events.onRoundTrip(returnedAtMs - sentAtMs)
      if (!isUp) events.onState(true, 'reached')
      isUp = true
      trouble = ''
      judge()
    },
  }
}

/** Resolves with the promise, however it ends, or when its time is over. */
function soon(promise: Promise<unknown>, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, atMostMs)
    const settle = (): void => {
      clearTimeout(timer)
      resolve()
    }
    promise.then(settle, settle)
  })
}
