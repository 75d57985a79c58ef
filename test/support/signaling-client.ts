/** A WebSocket client that speaks y-webrtc's signaling by hand. */
import { type ClientOptions, WebSocket } from 'ws'

/** A connected client. */
export interface SignalingClient {
  readonly socket: WebSocket
  send(message: unknown): void
  /** The next message that was not taken yet. */
  next(): Promise<Record<string, unknown>>
  /** Messages that were not taken yet. */
  readonly waiting: readonly Record<string, unknown>[]
  /** A ping was answered: everything sent before has taken effect. */
  settled(): Promise<void>
  /** Resolves to the close code. */
  readonly closed: Promise<number>
}

/** Connects; rejects when the server answers without a socket. */
export async function connectClient(
  url: string,
  options: ClientOptions & { readonly protocols?: string[] } = {},
): Promise<SignalingClient> {
  const { protocols, ...rest } = options
  const socket = new WebSocket(url, protocols ?? [], rest)
  const received: Record<string, unknown>[] = []
  const takers: ((message: Record<string, unknown>) => void)[] = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const taker = takers.shift()
    if (taker) taker(message)
    else received.push(message)
  })
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const client: SignalingClient = {
    socket,
    closed,
    waiting: received,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => {
      const message = received.shift()
      return message ? Promise.resolve(message) : new Promise((resolve) => takers.push(resolve))
    },
    async settled() {
      client.send({ type: 'ping' })
      const answer = await client.next()
      if (answer.type !== 'pong') throw new Error(`a pong was awaited, not ${JSON.stringify(answer)}`)
    },
  }
  return client
}

/** A member of the topic, certain to be subscribed. */
export async function joinTopic(url: string, topic: string, options?: ClientOptions): Promise<SignalingClient> {
  const client = await connectClient(url, options)
  client.send({ type: 'subscribe', topics: [topic] })
  await client.settled()
  return client
}
