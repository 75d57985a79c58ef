/**
 * The load of the suite `signaling`, in a process of its own: rooms of sockets that publish and count what they
 * hear. Sockets of a room are dealt out to the servers in turn. Order matters and repeats count as errors.
 */
import { WebSocket } from 'ws'
import { takeOrders } from './signaling-rig.js'
import { quantile } from './statistics.js'

/** Opens sockets. */
export interface OpenOrder {
  readonly kind: 'open'
  readonly urls: readonly string[]
  readonly rooms: number
  readonly perRoom: number
}

/** Publishes for a while. */
export interface SendOrder {
  readonly kind: 'send'
  /** Of one socket. */
  readonly perSecond: number
  readonly seconds: number
}

/** Answer of `open`. */
export interface Opened {
  readonly openedMs: number
}

/** Answer of `send`. */
export interface Sent {
  readonly published: number
  readonly expected: number
  readonly received: number
  /** Messages that came twice or out of order. */
  readonly disordered: number
  /** Sockets that were closed. */
  readonly closed: number
  readonly seconds: number
  /** Milliseconds from publishing to hearing, over all subscribers. */
  readonly latency: Quantiles
  /** Only those whose publisher is on another server. */
  readonly across: Quantiles
}

interface Quantiles {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

interface Member {
  readonly socket: WebSocket
  readonly room: number
  readonly index: number
  readonly server: number
  published: number
  /** Last number heard, by publisher. */
  readonly heard: Int32Array
}

/** As large as a presence update with its envelope. */
const PADDING = 'x'.repeat(400)
const DIALS_AT_ONCE = 100
const TICK_MS = 10
/** What has not come by then is lost. */
const PATIENCE_MS = 10_000

let members: Member[] = []
let servers = 1
let received = 0
let disordered = 0
let closed = 0
let latencies: number[] = []
let crossings: number[] = []

void takeOrders<OpenOrder | SendOrder>((order) => (order.kind === 'open' ? open(order) : send(order)))

async function open({ urls, rooms, perRoom }: OpenOrder): Promise<Opened> {
  servers = urls.length
  const startedMs = performance.now()
  const places = Array.from({ length: rooms * perRoom }, (_, place) => place)
  members = []
  await Promise.all(
    Array.from({ length: DIALS_AT_ONCE }, async () => {
      for (let place = places.shift(); place !== undefined; place = places.shift()) {
        const index = place % perRoom
        const server = index % servers
        members.push(await join(urls[server] ?? '', Math.floor(place / perRoom), index, perRoom))
      }
    }),
  )
  return { openedMs: performance.now() - startedMs }
}

function join(url: string, room: number, index: number, perRoom: number): Promise<Member> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    const member = {
      socket,
      room,
      index,
      server: index % servers,
      published: 0,
      heard: new Int32Array(perRoom),
    }
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', topics: [`room-${room}`] }))
      socket.send('{"type":"ping"}')
    })
    socket.on('error', reject)
    socket.on('close', () => {
      closed += 1
    })
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; data: [number, number, number] }
      if (message.type === 'pong') resolve(member)
      else hear(member, message.data)
    })
  })
}

function hear(member: Member, [publisher, number, sentAtMs]: [number, number, number]): void {
  const took = performance.now() - sentAtMs
  received += 1
  if ((member.heard[publisher] ?? 0) + 1 !== number) disordered += 1
  member.heard[publisher] = number
  latencies.push(took)
  if (publisher % servers !== member.server) crossings.push(took)
}

/** Spreads publications evenly over time and over the sockets, in an order that mixes the rooms. */
async function send({ perSecond, seconds }: SendOrder): Promise<Sent> {
  received = 0
  disordered = 0
  latencies = []
  crossings = []
  const mixed = members.map((member) => ({ member, at: Math.random() })).sort((a, b) => a.at - b.at)
  const startedMs = performance.now()
  const total = Math.round(members.length * perSecond * seconds)
  let published = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, ((performance.now() - startedMs) / 1000) * members.length * perSecond)
      for (; published < due; published += 1) publish(mixed[published % mixed.length]?.member as Member)
      if (published < total) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  const sentSeconds = (performance.now() - startedMs) / 1000
  const expected = published * (members[0]?.heard.length ?? 0)
  const endsMs = performance.now() + PATIENCE_MS
  while (received < expected && performance.now() < endsMs)
    await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    published,
    expected,
    received,
    disordered,
    closed,
    seconds: sentSeconds,
    latency: quantilesOf(latencies),
    across: quantilesOf(crossings),
  }
}

function publish(member: Member): void {
  member.published += 1
  const data = [member.index, member.published, performance.now(), PADDING]
  member.socket.send(JSON.stringify({ type: 'publish', topic: `room-${member.room}`, data }))
}

function quantilesOf(values: readonly number[]): Quantiles {
  if (values.length === 0) return { n: 0, p50: 0, p95: 0, p99: 0 }
  return {
    n: values.length,
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
  }
}
