/** The bus contract, over memory and over a real Redis: what one process says, the others hear. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type BusEvents,
  type MemoryHub,
  memoryBus,
  type OpenBus,
  type SignalingBus,
} from '../../../../src/server/signaling/bus.js'
import { redisBus } from '../../../../src/server/signaling/redis-bus.js'
import { hasRedis, startRedis, type TestRedis } from '../../../support/redis.js'

const silent: BusEvents = { onState: () => undefined, onRoundTrip: () => undefined, onDropped: () => undefined }
const buses: SignalingBus[] = []
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()))
})

const open = async (openBus: OpenBus, events: Partial<BusEvents> = {}): Promise<SignalingBus> => {
  const bus = await openBus({ ...silent, ...events })
  buses.push(bus)
  return bus
}

const listen = async (bus: SignalingBus, topic: string) => {
  const heard: string[] = []
  const subscription = bus.subscribe(topic, (message) => heard.push(message))
  await subscription.ready
  return { heard, leave: subscription.leave }
}

function contract(openerOf: () => OpenBus): void {
  it('carries what one process says to the others and not back to itself', async () => {
    const opener = openerOf()
    const [one, two, three] = [await open(opener), await open(opener), await open(opener)]
    const rooms = await Promise.all([one, two, three].map((bus) => listen(bus, 'room')))
    one.publish('room', 'hello, ä and 🎥')
    two.publish('room', 'answer')
    await expect.poll(() => rooms[2]?.heard).toHaveLength(2)
    expect(rooms[0]?.heard).toEqual(['answer'])
    expect(rooms[1]?.heard).toEqual(['hello, ä and 🎥'])
    expect([...(rooms[2]?.heard ?? [])].sort()).toEqual(['answer', 'hello, ä and 🎥'])
  })

  it('keeps topics apart, also ones with strange names, and the order within one', async () => {
    const opener = openerOf()
    const [one, two] = [await open(opener), await open(opener)]
    const names = ['room', 'room#holdfast', 'room*', 'probe:x', ' \n', 'ö']
    const rooms = await Promise.all(names.map((name) => listen(two, name)))
    for (let count = 0; count < 50; count += 1) for (const name of names) one.publish(name, `${name}${count}`)
    for (const [index, name] of names.entries()) {
      const expected = Array.from({ length: 50 }, (_, count) => `${name}${count}`)
      await expect.poll(() => rooms[index]?.heard).toEqual(expected)
    }
  })

  it('P07 forgets a topic that was left, and hears it again when it is entered again', async () => {
    const opener = openerOf()
    const [one, two] = [await open(opener), await open(opener)]
    const first = await listen(two, 'room')
    const marker = await listen(two, 'marker')
    first.leave()
    one.publish('room', 'lost')
    one.publish('marker', '1')
    await expect.poll(() => marker.heard).toEqual(['1'])
    expect(first.heard).toEqual([])
    const again = await listen(two, 'room')
    one.publish('room', 'heard')
    await expect.poll(() => again.heard).toEqual(['heard'])
    expect(first.heard).toEqual([])
  })
}

describe('the bus in memory', () => {
  let hub: MemoryHub
  contract(() => memoryBus(hub))
  beforeAll(() => {
    hub = new Map()
  })

  it('P07 keeps nothing of processes that have closed', async () => {
    const own: MemoryHub = new Map()
    const bus = await open(memoryBus(own))
    bus.subscribe('room', () => undefined)
    await bus.close()
    expect(own.size).toBe(0)
  })
})

describe.skipIf(!hasRedis())('the bus over Redis', () => {
  let redis: TestRedis
  let prefix: string
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())
  const opener = (): OpenBus => redisBus({ url: redis.url, prefix })
  contract(() => {
    prefix = randomUUID()
    return opener()
  })

  it('keeps installations with different prefixes apart', async () => {
    const [one, two] = [
      await open(redisBus({ url: redis.url, prefix: 'a:' })),
      await open(redisBus({ url: redis.url, prefix: 'b:' })),
    ]
    const room = await listen(two, 'room')
    const own = await listen(two, 'own')
    one.publish('room', 'wrong')
    const three = await open(redisBus({ url: redis.url, prefix: 'b:' }))
    three.publish('own', 'right')
    await expect.poll(() => own.heard).toEqual(['right'])
    expect(room.heard).toEqual([])
  })

  it('tells that it is up and how long the way takes', async () => {
    const states: boolean[] = []
    const trips: number[] = []
    await open(opener(), { onState: (isUp) => states.push(isUp), onRoundTrip: (ms) => trips.push(ms) })
    expect(states).toEqual([true])
    await expect.poll(() => trips.length).toBeGreaterThan(1)
    expect(Math.max(...trips)).toBeLessThan(1000)
  })

  it('drops while Redis is dead, says so without its address, and hears every topic again afterwards', async () => {
    const states: string[] = []
    let dropped = 0
    const events = {
      onState: (isUp: boolean, reason: string) => states.push(`${isUp} ${reason}`),
      onDropped: () => {
        dropped += 1
      },
    }
    const [one, two] = [await open(opener(), events), await open(opener())]
    const room = await listen(two, 'room')
    await redis.kill()
    await expect.poll(() => states.at(-1)).toMatch(/^false [A-Za-z_]+$/)
    one.publish('room', 'late')
    expect(dropped).toBeGreaterThan(0)
    // Entered while there is no Redis: it must not wait for one.
    const other = await listen(two, 'other')
    await redis.restart()
    await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe('true reached')
    await expect
      .poll(
        () => {
          one.publish('room', 'fresh')
          one.publish('other', 'fresh')
          return room.heard.includes('fresh') && other.heard.includes('fresh')
        },
        { timeout: 10_000 },
      )
      .toBe(true)
    expect(room.heard).not.toContain('late')
  })

  it('notices a Redis that hangs, and comes back when it goes on', async () => {
    const states: string[] = []
    await open(opener(), { onState: (isUp, reason) => states.push(`${isUp} ${reason}`) })
    redis.hang()
    try {
      await expect.poll(() => states, { timeout: 10_000 }).toContain('false silent')
    } finally {
      redis.resume()
    }
    await expect.poll(() => states.at(-1), { timeout: 15_000 }).toBe('true reached')
  })

  it('opens without Redis, and finds it once it is there', async () => {
    await redis.kill()
    const states: string[] = []
    await open(opener(), { onState: (isUp, reason) => states.push(`${isUp} ${reason}`) })
    expect(states).toEqual(['false ECONNREFUSED'])
    await redis.restart()
    await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe('true reached')
  })

  it('refuses what is no Redis address, without repeating it', () => {
    expect(() => redisBus({ url: 'http://:secret@127.0.0.1' })).toThrow(/redis:\/\//)
    expect(() => redisBus({ url: 'http://:secret@127.0.0.1' })).not.toThrow(/secret/)
  })
})
