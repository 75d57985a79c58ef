/**
 * The signaling server for y-webrtc: clients subscribe to topics and what one publishes goes to all subscribers
 * of the topic, the sender included (stock clients rely on the echo being harmless). It keeps nothing.
 *
 * Other than the stock server it survives its clients: what cannot be understood closes that client's socket
 * with a reason, a slow reader is dropped, a half-open socket is found by ping.
 */
import type { RawData, WebSocket } from 'ws'
import { loadWebSockets } from './dependencies.js'
import { type Listening, listen } from './http.js'
import { SIGNALING_LIMITS } from './limits.js'
import { type AccessPolicy, isAllowed, LOOPBACK_HOST } from './loopback.js'

/** Options of {@link startSignaling}. */
export interface SignalingOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string
  /** Origins beside loopback pages. */
  readonly allowOrigins?: readonly string[]
  /** How often sockets are pinged; one that left two unanswered is closed. Default 15 s, as the stock client does. */
  readonly pingIntervalMs?: number
}

/** A running signaling server. */
export interface SignalingServer {
  /** `ws://host:port`. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Why a client was closed (RFC 6455 section 7.4.1; above 4000 ours). */
export const SIGNALING_CLOSE = {
  binary: 1003,
  garbage: 1007,
  tooBig: 1009,
  full: 1013,
  tooManyTopics: 4001,
  tooFast: 4002,
} as const

/** Ends one client; what others sent goes on. */
class Dismissal extends Error {
  constructor(
    readonly reason: keyof typeof SIGNALING_CLOSE,
    text: string,
  ) {
    super(text)
  }
}

interface Client {
  readonly socket: WebSocket
  readonly topics: Set<string>
  unansweredPings: number
  messagesThisSecond: number
}

type Topics = Map<string, Set<Client>>

const PING_INTERVAL_MS = 15_000
/** Two, because after a pause of this process its own timer comes before the answers that are waiting. */
const UNANSWERED_PINGS_MAX = 2
const RATE_WINDOW_MS = 1_000

/** Starts a signaling server; rejects with `dependency-missing` without `ws`, or with the listen error. */
export async function startSignaling(options: SignalingOptions = {}): Promise<SignalingServer> {
  const { WebSocketServer } = await loadWebSockets()
  const policy: AccessPolicy = {
    host: options.host ?? LOOPBACK_HOST,
    allowOrigins: options.allowOrigins ?? [],
  }
  const http = await listen(options.port ?? 0, policy, (_request, response) => {
    // A person who opens the address in a browser, and health checks, get a sign of life.
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    response.end('holdfast signaling\n')
  })
  const sockets = new WebSocketServer({
    server: http.server,
    maxPayload: SIGNALING_LIMITS.messageMaxBytes,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: Parameters<typeof isAllowed>[0] }) => isAllowed(req, policy),
  })
  const clients = new Set<Client>()
  const topics: Topics = new Map()
  sockets.on('connection', (socket) => admit(socket, clients, topics))
  const stopTimers = watch(clients, options.pingIntervalMs ?? PING_INTERVAL_MS)
  return {
    url: `ws://${policy.host}:${http.port}`,
    port: http.port,
    close: () => shut(http, clients, stopTimers),
  }
}

function admit(socket: WebSocket, clients: Set<Client>, topics: Topics): void {
  const client: Client = { socket, topics: new Set(), unansweredPings: 0, messagesThisSecond: 0 }
  // ws reports oversized and malformed frames here after it has closed the socket with the matching code.
  socket.on('error', () => socket.terminate())
  if (clients.size >= SIGNALING_LIMITS.clientsMax) {
    socket.close(SIGNALING_CLOSE.full, 'too many clients')
    return
  }
  clients.add(client)
  socket.on('pong', () => {
    client.unansweredPings = 0
  })
  socket.on('message', (data, isBinary) => {
    client.unansweredPings = 0
    try {
      receive(client, data, isBinary, topics)
    } catch (error) {
      if (!(error instanceof Dismissal)) throw error
      socket.close(SIGNALING_CLOSE[error.reason], error.message)
    }
  })
  socket.on('close', () => {
    clients.delete(client)
    for (const topic of client.topics) unsubscribe(client, topic, topics)
  })
}

function receive(client: Client, data: RawData, isBinary: boolean, topics: Topics): void {
  // Messages that were already under way when the socket was closed for an earlier one.
  if (client.socket.readyState !== client.socket.OPEN) return
  client.messagesThisSecond += 1
  if (client.messagesThisSecond > SIGNALING_LIMITS.messagesPerSecondMax)
    throw new Dismissal('tooFast', 'too many messages')
  if (isBinary) throw new Dismissal('binary', 'text frames only')
  const message = parse(String(data))
  if (message.type === 'ping') send(client, '{"type":"pong"}')
  else if (message.type === 'publish') publish(message, topics)
  else if (message.type === 'subscribe') for (const topic of names(message)) subscribe(client, topic, topics)
  else if (message.type === 'unsubscribe')
    for (const topic of names(message)) unsubscribe(client, topic, topics)
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Dismissal('garbage', 'not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Dismissal('garbage', 'not a message')
  return value as Record<string, unknown>
}

function names(message: Record<string, unknown>): readonly string[] {
  if (!Array.isArray(message.topics) || !message.topics.every(isTopic))
    throw new Dismissal('garbage', 'topics must be short strings')
  return message.topics
}

function isTopic(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= SIGNALING_LIMITS.topicMaxLength
}

function subscribe(client: Client, topic: string, topics: Topics): void {
  if (client.topics.size >= SIGNALING_LIMITS.topicsPerClientMax && !client.topics.has(topic))
    throw new Dismissal('tooManyTopics', 'too many topics')
  client.topics.add(topic)
  const subscribers = topics.get(topic) ?? new Set()
  topics.set(topic, subscribers.add(client))
}

function unsubscribe(client: Client, topic: string, topics: Topics): void {
  client.topics.delete(topic)
  const subscribers = topics.get(topic)
  subscribers?.delete(client)
  if (subscribers?.size === 0) topics.delete(topic)
}

function publish(message: Record<string, unknown>, topics: Topics): void {
  if (!isTopic(message.topic)) throw new Dismissal('garbage', 'topic must be a short string')
  const subscribers = topics.get(message.topic)
  if (subscribers === undefined) return
  const text = JSON.stringify({ ...message, clients: subscribers.size })
  for (const subscriber of subscribers) send(subscriber, text)
}

function send(client: Client, text: string): void {
  if (client.socket.readyState !== client.socket.OPEN) return
  if (client.socket.bufferedAmount > SIGNALING_LIMITS.queueMaxBytes) client.socket.terminate()
  else client.socket.send(text)
}

function watch(clients: Set<Client>, pingIntervalMs: number): () => void {
  const ping = setInterval(() => {
    for (const client of clients) {
      if (client.unansweredPings >= UNANSWERED_PINGS_MAX) client.socket.terminate()
      else if (client.socket.readyState === client.socket.OPEN) {
        client.unansweredPings += 1
        client.socket.ping()
      }
    }
  }, pingIntervalMs)
  const rate = setInterval(() => {
    for (const client of clients) client.messagesThisSecond = 0
  }, RATE_WINDOW_MS)
  return () => {
    clearInterval(ping)
    clearInterval(rate)
  }
}

async function shut(http: Listening, clients: Set<Client>, stopTimers: () => void): Promise<void> {
  stopTimers()
  for (const client of clients) client.socket.terminate()
  await http.close()
}
