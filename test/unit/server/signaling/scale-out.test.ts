/** Two servers that share rooms are one server for their clients, over memory and over a real Redis. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type MemoryHub, memoryBus, type OpenBus } from '../../../../src/server/signaling/bus.js'
import { redisBus } from '../../../../src/server/signaling/redis-bus.js'
import { type SignalingServer, startSignaling } from '../../../../src/server/signaling.js'
import { hasRedis, startRedis, type TestRedis } from '../../../support/redis.js'
import { connectClient, joinTopic } from '../../../support/signaling-client.js'

let servers: SignalingServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const startTwo = async (opener: () => OpenBus): Promise<readonly [SignalingServer, SignalingServer]> => {
  servers = await Promise.all([startSignaling({ bus: opener() }), startSignaling({ bus: opener() })])
  return servers as [SignalingServer, SignalingServer]
}

function together(opener: () => OpenBus): void {
  it('carries publications both ways, once to each subscriber, with the number of subscribers beside it', async () => {
    const [east, west] = await startTwo(opener)
    const [ana, bob, cleo] = [
      await joinTopic(east.url, 'room'),
      await joinTopic(west.url, 'room'),
      await joinTopic(west.url, 'room'),
    ]
    ana.send({ type: 'publish', topic: 'room', data: 'from ana' })
    expect(await ana.next()).toEqual({ type: 'publish', topic: 'room', data: 'from ana', clients: 1 })
    expect(await bob.next()).toEqual({ type: 'publish', topic: 'room', data: 'from ana', clients: 2 })
    expect(await cleo.next()).toMatchObject({ data: 'from ana' })
    bob.send({ type: 'publish', topic: 'room', data: 'from bob' })
    expect(await ana.next()).toMatchObject({ data: 'from bob' })
    for (const one of [bob, cleo]) expect(await one.next()).toMatchObject({ data: 'from bob' })
    for (const one of [ana, bob, cleo]) {
      await one.settled()
      expect(one.waiting).toEqual([])
    }
  })

  it('loses no answer to the first thing that somebody says right after subscribing', async () => {
    const [east, west] = await startTwo(opener)
    for (let round = 0; round < 30; round += 1) {
      const topic = `greeting-${round}`
      const host = await joinTopic(west.url, topic)
      host.socket.on('message', (data) => {
        if (String(data).includes('hello')) host.send({ type: 'publish', topic, data: 'welcome' })
      })
      const guest = await connectClient(east.url)
      guest.send({ type: 'subscribe', topics: [topic] })
      guest.send({ type: 'publish', topic, data: 'hello' })
      expect(await guest.next()).toMatchObject({ data: 'hello' })
      expect(await guest.next()).toMatchObject({ data: 'welcome' })
      host.socket.close()
      guest.socket.close()
    }
  })
}

describe('two servers over memory', () => {
  const hub: MemoryHub = new Map()
  together(() => memoryBus(hub))
})

describe.skipIf(!hasRedis())('two servers over Redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())
  together(() => redisBus({ url: redis.url }))

  it('serve their own rooms while Redis is dead, say so, and are one again afterwards', async () => {
    const [east, west] = await startTwo(() => redisBus({ url: redis.url }))
    const [ana, bob, cleo] = [
      await joinTopic(east.url, 'room'),
      await joinTopic(west.url, 'room'),
      await joinTopic(west.url, 'room'),
    ]
    const health = async () => (await fetch(`${west.url.replace('ws', 'http')}/healthz`)).json()
    await redis.kill()
    await expect.poll(health).toMatchObject({ status: 'ok', bus: 'down' })
    bob.send({ type: 'publish', topic: 'room', data: 'alone' })
    expect(await cleo.next()).toMatchObject({ data: 'alone' })
    const late = await joinTopic(west.url, 'entered meanwhile')
    await redis.restart()
    await expect.poll(health, { timeout: 10_000 }).toMatchObject({ bus: 'up' })
    await expect
      .poll(
        () => {
          bob.send({ type: 'publish', topic: 'room', data: 'together' })
          return ana.waiting.length
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0)
    const far = await joinTopic(east.url, 'entered meanwhile')
    far.send({ type: 'publish', topic: 'entered meanwhile', data: 'found' })
    expect(await late.next()).toMatchObject({ data: 'found' })
  })
})
