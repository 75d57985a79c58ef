import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type KeptConnection, keepConnected } from '../../../src/document/kept-connection.js'
import { type ManualClock, manualClock } from './manual-clock.js'

/** A WebSocket that does what the test says. */
class FakeSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSED = 3
  static made: FakeSocket[] = []
  readyState = FakeSocket.CONNECTING
  sent: unknown[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  constructor() {
    FakeSocket.made.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.readyState = FakeSocket.CLOSED
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN
    this.onopen?.()
  }
  fails(): void {
    this.readyState = FakeSocket.CLOSED
    this.onclose?.()
  }
  says(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) })
  }
}

let clock: ManualClock
let heard: unknown[]
let connection: KeptConnection
let isThere: boolean
let knocks: number
let asked: string[]
/** Lets time pass in small steps, with what is asynchronous in between. */
const pass = async (ms: number, each: () => unknown = () => undefined): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 100) {
    each()
    clock.advance(100)
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const latest = (): FakeSocket => FakeSocket.made.at(-1) as FakeSocket

beforeEach(() => {
  FakeSocket.made = []
  vi.stubGlobal('WebSocket', FakeSocket)
  isThere = false
  knocks = 0
  asked = []
  vi.stubGlobal('fetch', async (url: string) => {
    knocks += 1
    asked.push(url)
    if (!isThere) throw new TypeError('refused')
  })
  clock = manualClock()
  heard = []
  connection = keepConnected(
    'ws://here/path?token=secret',
    clock,
    {
      onOpen: () => heard.push('open'),
      onClose: () => heard.push('close'),
      onMessage: (message) => heard.push(message),
    },
    () => 0.5,
  )
})
afterEach(() => {
  connection.close()
  vi.unstubAllGlobals()
})

describe('kept connection', () => {
  it('opens, sends and hears, and drops what is no JSON or comes too early', () => {
    connection.send({ type: 'early' })
    latest().opens()
    connection.send({ type: 'ping' })
    latest().says({ type: 'pong' })
    latest().says('{')
    latest().says('7')
    expect(latest().sent).toEqual([{ type: 'ping' }])
    expect(heard).toEqual(['open', { type: 'pong' }])
  })

  it('in a black hole dials a second socket within four seconds and moves over when that opens', () => {
    const first = latest()
    first.opens()
    clock.advance(4000)
    expect(first.sent).toEqual([{ type: 'ping' }])
    expect(FakeSocket.made).toHaveLength(2)
    expect(connection.isOpen).toBe(true)
    latest().opens()
    expect(first.readyState).toBe(FakeSocket.CLOSED)
    expect(heard).toEqual(['open', 'open'])
    first.says({ type: 'late' })
    expect(heard).toHaveLength(2)
  })

  it('keeps the old socket when it answers after all, and dials no more', () => {
    const first = latest()
    first.opens()
    clock.advance(4000)
    const second = latest()
    first.says({ type: 'pong' })
    expect(second.readyState).toBe(FakeSocket.CLOSED)
    second.opens()
    expect(heard).toEqual(['open', { type: 'pong' }])
    for (let second = 0; second < 20; second += 1) {
      clock.advance(1000)
      first.says({ type: 'pong' })
    }
    expect(FakeSocket.made).toHaveLength(2)
  })

  it('gives a silent socket up after ten seconds, then knocks, and dials blindly now and then', async () => {
    latest().opens()
    await pass(90_000)
    expect(heard).toEqual(['open', 'close'])
    // Browsers hold back a page of which too many sockets have failed.
    expect(FakeSocket.made.length).toBeLessThan(20)
    expect(knocks).toBeGreaterThan(10)
  })

  it('dials within a second once something answers the knocks again', async () => {
    latest().opens()
    latest().fails()
    await pass(60_000, () => latest().readyState === FakeSocket.CONNECTING && latest().fails())
    const tries = FakeSocket.made.length
    expect(tries).toBeLessThan(30)
    isThere = true
    await pass(1100)
    expect(FakeSocket.made).toHaveLength(tries + 1)
    latest().opens()
    expect(heard).toEqual(['open', 'close', 'open'])
    expect(asked.every((url) => url === 'http://here/')).toBe(true)
  })

  it('dials every two seconds where the policy of the page forbids knocks, else half as often', async () => {
    const dialsInAMinute = async (): Promise<number> => {
      const before = FakeSocket.made.length
      await pass(60_000, () => latest().readyState === FakeSocket.CONNECTING && latest().fails())
      return FakeSocket.made.length - before
    }
    latest().fails()
    expect(await dialsInAMinute()).toBeLessThan(18)
    const listeners = new Set<(event: unknown) => void>()
    vi.stubGlobal('addEventListener', (_type: string, listen: () => void) => listeners.add(listen))
    vi.stubGlobal('removeEventListener', (_type: string, listen: () => void) => listeners.delete(listen))
    vi.stubGlobal('fetch', async () => {
      for (const listen of listeners) listen({ blockedURI: 'http://here/' })
      throw new TypeError('forbidden')
    })
    expect(await dialsInAMinute()).toBeGreaterThan(20)
    expect(listeners.size).toBeLessThan(2)
  })

  it('dials at once when the network has changed', async () => {
    latest().opens()
    latest().fails()
    await pass(5000, () => latest().readyState === FakeSocket.CONNECTING && latest().fails())
    const tries = FakeSocket.made.length
    connection.check()
    connection.check()
    expect(FakeSocket.made).toHaveLength(tries + 1)
  })

  it('asks an open socket at once when the network may have changed', () => {
    latest().opens()
    connection.check()
    expect(latest().sent).toEqual([{ type: 'ping' }])
    clock.advance(2000)
    expect(FakeSocket.made).toHaveLength(2)
  })

  it('after its end opens nothing and says nothing', () => {
    latest().opens()
    connection.close()
    clock.advance(60_000)
    expect(FakeSocket.made).toHaveLength(1)
    expect(heard).toEqual(['open'])
  })
})
