import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientOptions } from 'ws'
import { SIGNALING_LIMITS } from '../../../src/server/limits.js'
import { SIGNALING_CLOSE } from '../../../src/server/signaling/close-codes.js'
import type { SignalingOptions } from '../../../src/server/signaling/options.js'
import { type SignalingServer, startSignaling } from '../../../src/server/signaling.js'
import { connectClient, joinTopic, type SignalingClient } from '../../support/signaling-client.js'

let server: SignalingServer
beforeEach(async () => {
  server = await startSignaling()
})
afterEach(() => server.close())

const connect = (options?: ClientOptions): Promise<SignalingClient> => connectClient(server.url, options)
const join = (topic: string): Promise<SignalingClient> => joinTopic(server.url, topic)
const restart = async (options: SignalingOptions): Promise<void> => {
  await server.close()
  server = await startSignaling(options)
}
const health = async (): Promise<unknown> => (await fetch(`${server.url.replace('ws', 'http')}/healthz`)).json()

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
  const bystander = async (act: (culprit: SignalingClient) => void): Promise<number> => {
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

  it('closes who floods with pings, which it answers itself and never without a limit', async () => {
    const code = await bystander((culprit) => {
      for (let count = 0; count < SIGNALING_LIMITS.messagesBurstMax * 2; count += 1) culprit.socket.ping()
    })
    expect(code).toBe(SIGNALING_CLOSE.tooFast)
    const honest = await connect()
    honest.socket.ping('again')
    await new Promise((resolve) => honest.socket.once('pong', resolve))
  })

  it('closes who sends more bytes than its allowance', async () => {
    await restart({ limits: { bytesBurstMax: 100_000 } })
    const code = await bystander((culprit) => {
      for (let count = 0; count < 5; count += 1)
        culprit.send({ type: 'publish', topic: 'nobody', data: 'x'.repeat(50_000) })
    })
    expect(code).toBe(SIGNALING_CLOSE.tooFast)
  })

  it('closes a reader that does not read, and the others hear everything meanwhile', async () => {
    await restart({ limits: { queueMaxBytes: 200_000 } })
    const [slow, alice, bob] = await Promise.all([join('room'), join('room'), join('room')])
    slow.socket.pause()
    let sent = 0
    await expect
      .poll(
        async () => {
          alice.send({ type: 'publish', topic: 'room', data: 'x'.repeat(60_000) })
          sent += 1
          expect(await bob.next()).toMatchObject({ topic: 'room' })
          return (await alice.next()).clients
        },
        { interval: 5 },
      )
      .toBe(2)
    expect(bob.waiting).toEqual([])
    slow.socket.resume()
    expect([SIGNALING_CLOSE.tooSlow, 1006]).toContain(await slow.closed)
    expect(sent).toBeGreaterThan(3)
  })

  it('closes the longest queues when all of them together grow too long', async () => {
    await restart({ pingIntervalMs: 300, limits: { queuesMaxBytes: 300_000, bytesBurstMax: 1e9 } })
    const [alice, ...slow] = await Promise.all([join('room'), join('room'), join('room')])
    for (const one of slow) one.socket.pause()
    await expect
      .poll(
        async () => {
          alice.send({ type: 'publish', topic: 'room', data: 'x'.repeat(60_000) })
          return (await alice.next()).clients
        },
        { interval: 1 },
      )
      .toBeLessThan(3)
    for (const one of slow) one.socket.terminate()
  })

  it('finds half-open sockets by ping and keeps those that answer', async () => {
    await restart({ pingIntervalMs: 300 })
    const [dead, alive] = await Promise.all([connect({ autoPong: false }), connect()])
    expect(await dead.closed).toBe(SIGNALING_CLOSE.silent)
    await alive.settled()
  })

  it('P07 removes everything of clients that left, were closed or vanished', async () => {
    const [polite, rude, gone] = await Promise.all([join('a'), join('b'), join('c')])
    expect(await health()).toMatchObject({ clients: 3, topics: 3 })
    polite.socket.close()
    rude.send('garbage')
    gone.socket.terminate()
    await expect.poll(health).toMatchObject({ clients: 0, topics: 0 })
  })

  it('closes who comes when a room or the server is full, and lets the next one in when somebody leaves', async () => {
    await restart({ limits: { clientsPerTopicMax: 2, topicsMax: 2, clientsMax: 4 } })
    const [alice] = await Promise.all([join('room'), join('room')])
    const third = await connect()
    third.send({ type: 'subscribe', topics: ['room'] })
    expect(await third.closed).toBe(SIGNALING_CLOSE.roomFull)
    const other = await join('other')
    const fourth = await connect()
    fourth.send({ type: 'subscribe', topics: ['one too many'] })
    expect(await fourth.closed).toBe(SIGNALING_CLOSE.full)
    await expect.poll(health).toMatchObject({ clients: 3 })
    await connect()
    expect(await (await connect()).closed).toBe(SIGNALING_CLOSE.full)
    alice.socket.close()
    await alice.closed
    await join('room')
    await other.settled()
  })

  it('keeps one busy room from taking the share of the others', async () => {
    await restart({ limits: { deliveriesPerTopicBurstMax: 20, deliveriesPerTopicPerSecondMax: 1 } })
    const [alice, bob] = await Promise.all([join('busy'), join('busy')])
    for (let count = 0; count < 50; count += 1) alice.send({ type: 'publish', topic: 'busy', data: count })
    await alice.settled().catch(() => undefined)
    const calm = await join('calm')
    calm.send({ type: 'publish', topic: 'calm', data: 1 })
    expect(await calm.next()).toMatchObject({ data: 1 })
    expect(alice.waiting.length + bob.waiting.length).toBeLessThanOrEqual(20)
    expect(alice.socket.readyState).toBe(alice.socket.OPEN)
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
