import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { SIGNALING_LIMITS } from '../../../src/server/limits.js'
import { SIGNALING_CLOSE } from '../../../src/server/signaling/close-codes.js'
import { type SignalingServer, startSignaling } from '../../../src/server/signaling.js'

interface Client {
  readonly socket: WebSocket
  send(message: unknown): void
  /** The next message that was not taken yet. */
  next(): Promise<Record<string, unknown>>
  readonly closed: Promise<number>
}

let server: SignalingServer
let clients: Client[]
beforeEach(async () => {
  clients = []
  server = await startSignaling()
})
afterEach(() => server.close())

const connect = async (options: object = {}): Promise<Client> => {
  const socket = new WebSocket(server.url, options)
  const received: Record<string, unknown>[] = []
  const waiting: ((message: Record<string, unknown>) => void)[] = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const taker = waiting.shift()
    if (taker) taker(message)
    else received.push(message)
  })
  const client: Client = {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () => {
      const message = received.shift()
      return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve))
    },
    closed: new Promise((resolve) => socket.once('close', (code) => resolve(code))),
  }
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  clients.push(client)
  return client
}

/** A member of the topic, certain to be subscribed. */
const join = async (topic: string): Promise<Client> => {
  const client = await connect()
  client.send({ type: 'subscribe', topics: [topic] })
  client.send({ type: 'ping' })
  expect(await client.next()).toEqual({ type: 'pong' })
  return client
}

vi.setConfig({ testTimeout: 20_000 })

describe('signaling as y-webrtc speaks it', () => {
  it('hands what one publishes to all subscribers of the topic, with their number', async () => {
    const [alice, bob, carol] = await Promise.all([join('room'), join('room'), join('other')])
    alice.send({ type: 'publish', topic: 'room', data: { type: 'announce', from: 'a' } })
    const expected = { type: 'publish', topic: 'room', data: { type: 'announce', from: 'a' }, clients: 2 }
    expect(await bob.next()).toEqual(expected)
    expect(await alice.next()).toEqual(expected)
    carol.send({ type: 'ping' })
    expect(await carol.next()).toEqual({ type: 'pong' })
  })

  it('forgets who unsubscribed or left', async () => {
    const [alice, bob, carol] = await Promise.all([join('room'), join('room'), join('room')])
    bob.send({ type: 'unsubscribe', topics: ['room'] })
    bob.send({ type: 'ping' })
    await bob.next()
    carol.socket.close()
    await carol.closed
    await expect
      .poll(async () => {
        alice.send({ type: 'publish', topic: 'room' })
        return (await alice.next()).clients
      })
      .toBe(1)
  })

  it('ignores message types that it does not know', async () => {
    const alice = await join('room')
    alice.send({ type: 'new-in-a-later-version' })
    alice.send({ type: 'ping' })
    expect(await alice.next()).toEqual({ type: 'pong' })
  })
})

describe('signaling survives its clients', () => {
  const bystander = async (act: (culprit: Client) => void): Promise<number> => {
    const [culprit, alice, bob] = await Promise.all([connect(), join('room'), join('room')])
    act(culprit)
    const code = await culprit.closed
    alice.send({ type: 'publish', topic: 'room', data: 1 })
    expect(await bob.next()).toMatchObject({ data: 1 })
    return code
  }

  it('closes who sends garbage', async () => {
    for (const garbage of [
      'not json',
      '7',
      'null',
      '[]',
      '{"type":"subscribe"}',
      '{"type":"publish","topic":7}',
      // Deep enough that it can be read and not be written again.
      `{"type":"publish","topic":"room","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    ])
      expect(await bystander((culprit) => culprit.send(garbage)), garbage).toBe(SIGNALING_CLOSE.garbage)
  })

  it('closes who sends binary frames', async () => {
    const code = await bystander((culprit) => culprit.socket.send(Buffer.from('{"type":"ping"}')))
    expect(code).toBe(SIGNALING_CLOSE.binary)
  })

  it('closes who sends giant frames', async () => {
    const code = await bystander((culprit) => culprit.send('x'.repeat(SIGNALING_LIMITS.messageMaxBytes + 1)))
    expect(code).toBe(SIGNALING_CLOSE.tooBig)
  })

  it('closes who takes too many topics, or topics that are too long', async () => {
    const topics = Array.from({ length: SIGNALING_LIMITS.topicsPerClientMax + 1 }, (_, index) => `t${index}`)
    expect(await bystander((culprit) => culprit.send({ type: 'subscribe', topics }))).toBe(
      SIGNALING_CLOSE.tooManyTopics,
    )
    const long = ['x'.repeat(SIGNALING_LIMITS.topicMaxLength + 1)]
    expect(await bystander((culprit) => culprit.send({ type: 'subscribe', topics: long }))).toBe(
      SIGNALING_CLOSE.garbage,
    )
  })

  it('closes who floods', async () => {
    const code = await bystander((culprit) => {
      for (let count = 0; count < SIGNALING_LIMITS.messagesBurstMax * 2; count += 1)
        culprit.send({ type: 'ping' })
    })
    expect(code).toBe(SIGNALING_CLOSE.tooFast)
  })

  it('finds half-open sockets by ping and keeps those that answer', async () => {
    await server.close()
    server = await startSignaling({ pingIntervalMs: 300 })
    const [dead, alive] = await Promise.all([connect({ autoPong: false }), connect()])
    expect(await dead.closed).toBe(SIGNALING_CLOSE.silent)
    alive.send({ type: 'ping' })
    expect(await alive.next()).toEqual({ type: 'pong' })
  })

  it('refuses pages from elsewhere', async () => {
    await expect(connect({ origin: 'https://example.org' })).rejects.toThrow('403')
    await connect({ origin: 'http://localhost:3000' })
  })

  it('closes all sockets and frees its port when closed', async () => {
    const client = await connect()
    await server.close()
    expect(await client.closed).toBe(1006)
    const next = await startSignaling({ port: server.port })
    expect(next.port).toBe(server.port)
    await next.close()
  })
})
