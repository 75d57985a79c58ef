/**
 * One socket: takes its messages apart within its allowances, and ends it with a close code as soon as something
 * is wrong. Whatever a client does, nothing is thrown out of here and nobody else is touched.
 */
import type { WebSocket } from 'ws'
import { CLOSE_TEXT, type CloseReason, SIGNALING_CLOSE } from './close-codes.js'
import type { Journal } from './journal.js'
import { parseMessage } from './message.js'
import type { SignalingLimits } from './options.js'
import type { EndReason, Tally } from './tally.js'
import { tokenBucket } from './token-bucket.js'
import type { Subscriber, Topics } from './topics.js'

/** A connected client. */
export interface Client extends Subscriber {
  /** Bytes that wait to be read by the other end. */
  readonly queuedBytes: number
  /** Pings when it is time; ends a client that left too many unanswered. */
  beat(nowMs: number): void
  /** Closes with the reason's code; nothing is received or sent any more. */
  dismiss(reason: CloseReason): void
  /** Ends the socket without a word. */
  terminate(): void
}

/** What {@link openClient} needs. */
export interface ClientOptions {
  readonly topics: Topics
  readonly limits: SignalingLimits
  readonly pingIntervalMs: number
  readonly tally: Tally
  readonly journal: Journal
  /** Monotonic. */
  readonly now: () => number
  /** Whether the client's token covers a topic. */
  readonly mayUse: (topic: string) => boolean
  /** It is being closed or has gone: nothing more will come of it. */
  readonly onEnd: (client: Client) => void
  /** Its socket is closed. */
  readonly onGone: () => void
}

/** Two, because after a pause of this process its own timer comes before the answers that are waiting. */
const UNANSWERED_PINGS_MAX = 2
/** A close frame has this long to be read and answered before the socket is torn down. */
const CLOSE_GRACE_MS = 2_000
/** RFC 6455 section 5.5: what a ping carries is at most 125 bytes; it counts like a small message. */
const CONTROL_FRAME_BYTES = 125

interface State {
  /** Null while it is served. */
  ended: EndReason | null
  unansweredPings: number
  pingAtMs: number
}

/** Serves a socket until it ends. */
export function openClient(socket: WebSocket, options: ClientOptions): Client {
  const { topics, limits, tally, journal, now } = options
  const entered = new Set<string>()
  const state: State = { ended: null, unansweredPings: 0, pingAtMs: now() + options.pingIntervalMs }

  const end = (reason: EndReason): boolean => {
    if (state.ended !== null) return false
    state.ended = reason
    tally.closed[reason] += 1
    for (const topic of entered) topics.leave(client, topic)
    options.onEnd(client)
    return true
  }
  const canWrite = (): boolean => {
    if (state.ended !== null || socket.readyState !== socket.OPEN) return false
    if (socket.bufferedAmount > limits.queueMaxBytes) client.dismiss('tooSlow')
    return state.ended === null
  }
  const client: Client = {
    get queuedBytes() {
      return socket.bufferedAmount
    },
    send(frame) {
      if (!canWrite()) return
      tally.delivered += 1
      tally.deliveredBytes += frame.length
      socket.send(frame, { binary: false })
    },
    beat(nowMs) {
      if (nowMs < state.pingAtMs) return
      state.pingAtMs = nowMs + options.pingIntervalMs
      if (state.unansweredPings >= UNANSWERED_PINGS_MAX) client.dismiss('silent')
      else if (socket.readyState === socket.OPEN) {
        state.unansweredPings += 1
        socket.ping()
      }
    },
    dismiss(reason) {
      if (!end(reason)) return
      if (reason !== 'restart') journal('warn', 'client-dismissed', { reason, code: SIGNALING_CLOSE[reason] })
      socket.close(SIGNALING_CLOSE[reason], CLOSE_TEXT[reason])
      // What a flooding client still sends stays in its own buffers.
      if (reason === 'tooFast') socket.pause()
      terminateLater(socket)
    },
    terminate() {
      end('client')
      socket.terminate()
    },
  }
  const receive = createReceiver(client, entered, options, (text) => {
    if (canWrite()) socket.send(text)
  })
  hear(socket, client, state, options, receive, (data) => {
    if (canWrite()) socket.pong(data)
  })
  // ws reports frames that break the protocol here, after it has closed the socket with the matching code.
  socket.on('error', (error: Error & { readonly code?: string }) => {
    const reason = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'tooBig' : 'protocol'
    if (!end(reason)) return
    journal('warn', 'client-dismissed', { reason, code: error.code ?? error.name })
    terminateLater(socket)
  })
  socket.on('close', () => {
    end('client')
    options.onGone()
  })
  return client
}

/** Lets through what the client's allowances cover. */
function hear(
  socket: WebSocket,
  client: Client,
  state: State,
  { limits, journal, now }: ClientOptions,
  receive: (data: Buffer) => void,
  answer: (ping: Buffer) => void,
): void {
  const messages = tokenBucket(limits.messagesPerSecondMax, limits.messagesBurstMax, now())
  const bytes = tokenBucket(limits.bytesPerSecondMax, limits.bytesBurstMax, now())
  /** False for what was under way when the socket was closed for something earlier. */
  const isCovered = (byteCount: number): boolean => {
    if (state.ended !== null) return false
    state.unansweredPings = 0
    if (messages.take(1, now()) && bytes.take(byteCount, now())) return true
    client.dismiss('tooFast')
    return false
  }
  socket.on('message', (data, isBinary) => {
    const buffer = data as Buffer
    if (!isCovered(buffer.length)) return
    if (isBinary) client.dismiss('binary')
    else guarded(client, journal, () => receive(buffer))
  })
  // Answered here and not by ws, because unread answers would pile up without a limit.
  socket.on('ping', (data: Buffer) => isCovered(CONTROL_FRAME_BYTES) && answer(data))
  socket.on('pong', () => isCovered(CONTROL_FRAME_BYTES))
}

/** Tears a socket down that was closed, unless its other end has gone by then. */
export function terminateLater(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS)
  timer.unref()
  // Otherwise the timers of many short-lived clients would keep their sockets in memory.
  socket.once('close', () => clearTimeout(timer))
}

/** Serves messages; what they bring about is told by a dismissal. */
function createReceiver(
  client: Client,
  entered: Set<string>,
  options: ClientOptions,
  reply: (text: string) => void,
): (data: Buffer) => void {
  const { topics, limits, tally, mayUse } = options
  const enter = (topic: string): CloseReason | null => {
    if (entered.has(topic)) return null
    if (!mayUse(topic)) return 'roomRefused'
    if (entered.size >= limits.topicsPerClientMax) return 'tooManyTopics'
    const refusal = topics.enter(client, topic)
    if (refusal === null) entered.add(topic)
    return refusal
  }
  return (data) => {
    const message = parseMessage(data.toString(), limits)
    tally.received[message?.type ?? 'garbage'] += 1
    let refusal: CloseReason | null = null
    if (message === null) refusal = 'garbage'
    else if (message.type === 'ping') {
      // A pong says that everything before the ping has taken effect, on the bus too.
      const heard = topics.heard(entered)
      if (heard === null) reply(PONG)
      else void heard.then(() => reply(PONG))
    } else if (message.type === 'publish')
      refusal = mayUse(message.topic) ? topics.publish(message.topic, message.data) : 'roomRefused'
    else if (message.type === 'subscribe') for (const topic of message.topics) refusal ??= enter(topic)
    else if (message.type === 'unsubscribe')
      for (const topic of message.topics) if (entered.delete(topic)) topics.leave(client, topic)
    if (refusal !== null) client.dismiss(refusal)
  }
}

const PONG = '{"type":"pong"}'

/** A mistake of ours costs the client that found it, not the process and everybody on it. */
function guarded(client: Client, journal: Journal, task: () => void): void {
  try {
    task()
  } catch (error) {
    journal('error', 'client-failed', { reason: error instanceof Error ? error.name : 'unknown' })
    client.dismiss('failed')
  }
}
