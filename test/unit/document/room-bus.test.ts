import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRoomBus, type RoomBus } from '../../../src/document/room-bus.js'
import { checkSockets, holdSocket } from '../../../src/document/signaling-socket.js'
import { type ManualClock, manualClock } from './manual-clock.js'

/** A WebSocket that does what the test says. */
class FakeSocket {
  static readonly OPEN = 1
  static readonly made: FakeSocket[] = []
  readyState = 0
  readonly sent: { type?: string; topic?: string; topics?: string[]; data?: unknown }[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  constructor(readonly url: string) {
    FakeSocket.made.push(this)
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.readyState = 3
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN
    this.onopen?.()
  }
}

let clock: ManualClock
let bus: RoomBus
const states: boolean[] = []
/** Servers of a test's own: sockets are shared by everything in a page, and leaving one takes a turn. */
let tests = 0
const urlOf = (name: string): string => `ws://${name}-${tests}`
const socketTo = (name: string): FakeSocket | undefined =>
  FakeSocket.made.findLast(({ url }) => url === urlOf(name))
const isLive = (name: string): boolean =>
  FakeSocket.made.some((one) => one.url === urlOf(name) && one.readyState < 3)

beforeEach(() => {
  tests += 1
  FakeSocket.made.length = 0
  states.length = 0
  vi.stubGlobal('WebSocket', FakeSocket)
  clock = manualClock()
  bus = openRoomBus({
    urls: [urlOf('one'), urlOf('two')],
    room: 'room',
    page: 'page-a',
    seal: null,
    clock,
    onMessage: () => undefined,
    onState: (isOpen) => states.push(isOpen),
    reject: () => undefined,
  })
})
afterEach(() => bus.close())

describe('room bus', () => {
  it('uses a socket that was opened before anybody knew what to listen to, and leaves an unused one open no longer', () => {
    const release = holdSocket(urlOf('early'), clock)
    const releaseUnused = holdSocket(urlOf('unused'), clock)
    socketTo('early')?.opens()
    expect(socketTo('early')?.sent).toEqual([])
    bus.setServers([urlOf('early')])
    release()
    releaseUnused()
    expect(FakeSocket.made.filter(({ url }) => url === urlOf('early'))).toHaveLength(1)
    expect(socketTo('early')?.sent[0]?.type).toBe('subscribe')
    expect([isLive('early'), isLive('unused')]).toEqual([true, false])
  })

  it('uses every server of the list, so one that cannot be reached is no loss', () => {
    socketTo('two')?.opens()
    expect(bus.isOpen).toBe(true)
    bus.send('hello', null, {})
    expect(socketTo('two')?.sent.some(({ type }) => type === 'publish')).toBe(true)
  })

  it('a list that is replaced keeps the old server until one of the new is open', () => {
    socketTo('one')?.opens()
    bus.setServers([urlOf('three')])
    expect(bus.isOpen).toBe(true)
    expect(isLive('one')).toBe(true)
    socketTo('three')?.opens()
    expect(isLive('one')).toBe(false)
    expect(isLive('two')).toBe(false)
    expect(bus.isOpen).toBe(true)
  })

  it('a server that stays in the list keeps its socket', () => {
    socketTo('one')?.opens()
    const before = socketTo('one')
    bus.setServers([urlOf('one'), urlOf('three')])
    expect(socketTo('one')).toBe(before)
    expect(before?.readyState).toBe(FakeSocket.OPEN)
    expect(isLive('two')).toBe(false)
    expect(isLive('three')).toBe(true)
  })

  it('a check asks open servers at once and dials closed ones', async () => {
    socketTo('one')?.opens()
    const asked = (): number => socketTo('one')?.sent.filter(({ type }) => type === 'ping').length ?? 0
    checkSockets()
    expect(asked()).toBe(1)
  })

  it('sends what is for one page where only that page listens, unless its id could be something else', () => {
    socketTo('one')?.opens()
    const topics = (): (string | undefined)[] =>
      (socketTo('one')?.sent ?? []).filter(({ type }) => type === 'publish').map(({ topic }) => topic)
    expect(socketTo('one')?.sent.flatMap((message) => message.topics ?? [])).toEqual([
      'room#holdfast',
      'room#holdfast/page-a',
    ])
    bus.send('sync', 'page-b', {})
    bus.send('hello', null, {})
    bus.send('sync', '../other', {})
    expect(topics()).toEqual(['room#holdfast/page-b', 'room#holdfast', 'room#holdfast'])
  })

  it('leaves both topics when it closes', () => {
    socketTo('one')?.opens()
    bus.setServers([urlOf('three')])
    socketTo('three')?.opens()
    const left = socketTo('one')?.sent.filter(({ type }) => type === 'unsubscribe')
    expect(left?.flatMap(({ topics }) => topics ?? [])).toEqual(['room#holdfast', 'room#holdfast/page-a'])
  })

  it('says when any server was last heard', () => {
    expect(bus.heardAtMs).toBeNull()
    clock.advance(500)
    socketTo('two')?.opens()
    expect(bus.heardAtMs).toBe(500)
    clock.advance(700)
    socketTo('two')?.onmessage?.({ data: '{"type":"pong"}' })
    expect(bus.heardAtMs).toBe(1200)
  })
})
