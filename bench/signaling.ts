/**
 * Suite `signaling`: one process with 5,000 sockets in 500 rooms, two processes over Redis, and a million random and
 * mutated frames. Servers run as an operator runs them, the load in a process of its own; all share the machine.
 */
import { startRedis } from '../test/support/redis.js'
import { connectClient } from '../test/support/signaling-client.js'
import type { Figure, RunSuite } from './figure.js'
import type { Fuzzed, FuzzOrder } from './support/signaling-fuzz-process.js'
import type { Opened, OpenOrder, SendOrder, Sent } from './support/signaling-load-process.js'
import { type LoadProcess, type ServerProcess, startLoad, startServer } from './support/signaling-rig.js'
import { atMost, quantile } from './support/statistics.js'

type Progress = (line: string) => void

const ROOMS = 500
const PER_ROOM = 10
const SOCKETS = ROOMS * PER_ROOM
/** What a page in a call sends: presence and a digest every few seconds, more while somebody joins. */
const CALM = { kind: 'send', perSecond: 0.5, seconds: 15 } satisfies SendOrder
/** One message per room and second. */
const QUIET = { kind: 'send', perSecond: 1 / PER_ROOM, seconds: 15 } satisfies SendOrder
/** Steps up to where server and load together have filled the machine. */
const CLIMB_PER_SECOND = [0.75, 1, 1.25, 1.5, 2]
const CLIMB_SECONDS = 6
/** A server that answers later than this is full, though it loses nothing. */
const FULL_MS = 100
const FRAMES = 1_000_000
const FUZZ_SECONDS = 4
/** Warming up is over, the heap has its size. */
const SETTLED_SHARE = 0.25
const MB = 1_000_000

/** Measures all rows. */
export const run: RunSuite = async (progress) => [
  ...(await oneProcess(progress)),
  ...(await twoProcesses(progress)),
  ...(await fuzzed(progress)),
]

async function oneProcess(progress: Progress): Promise<readonly Figure[]> {
  const server = await startServer()
  const load = await startLoad('signaling-load-process')
  try {
    const before = await server.metrics()
    const { openedMs } = await load.order<Opened>(openOrder([server.url]))
    const opened = await server.metrics()
    progress(`${SOCKETS} sockets open after ${(openedMs / 1000).toFixed(1)} s`)
    const calm = await load.order<Sent>(CALM)
    const after = await server.metrics()
    progress(lineOf(calm))
    const cpu = after('process_cpu_seconds_total') - opened('process_cpu_seconds_total')
    const memory = after('process_resident_memory_bytes') - before('process_resident_memory_bytes')
    const name = `${SOCKETS} sockets, ${ROOMS} rooms`
    return [
      atMost(`${name}: messages lost`, calm.expected - calm.received, 'messages', 0, calm.expected),
      atMost(`${name}: messages repeated or out of order`, calm.disordered, 'messages', 0, calm.received),
      atMost(`${name}: sockets lost`, calm.closed, 'sockets', 0, SOCKETS),
      atMost(`${name}: deliveries per second`, calm.received / calm.seconds, '1/s', null, calm.received),
      atMost(`${name}: publish to hearing, p50`, calm.latency.p50, 'ms', null, calm.latency.n),
      atMost(`${name}: publish to hearing, p95`, calm.latency.p95, 'ms', null, calm.latency.n),
      atMost(`${name}: server, of one core`, (100 * cpu) / calm.seconds, '%', null, 1),
      atMost(`${name}: memory per socket`, memory / SOCKETS / 1000, 'kB', null, SOCKETS),
      atMost(`${name}: time to open all`, openedMs / 1000, 's', null, SOCKETS),
      ...(await climb(load, progress)),
    ]
  } finally {
    load.close()
    await server.close()
  }
}

/** The highest of the tried rates with nothing lost and everything heard in time. */
async function climb(load: LoadProcess, progress: Progress): Promise<readonly Figure[]> {
  let best = 0
  for (const perSecond of CLIMB_PER_SECOND) {
    const sent = await load.order<Sent>({ kind: 'send', perSecond, seconds: CLIMB_SECONDS } satisfies SendOrder)
    progress(`climbing: ${lineOf(sent)}`)
    if (sent.received < sent.expected || sent.latency.p95 > FULL_MS) break
    best = sent.received / sent.seconds
  }
  const name = `most deliveries per second of those tried, with p95 <= ${FULL_MS} ms and nothing lost`
  return [atMost(name, best, '1/s', null, CLIMB_PER_SECOND.length)]
}

async function twoProcesses(progress: Progress): Promise<readonly Figure[]> {
  const redis = await startRedis()
  const env = { HOLDFAST_REDIS_URL: redis.url }
  const servers = await Promise.all([startServer(env), startServer(env)])
  const load = await startLoad('signaling-load-process')
  try {
    await load.order<Opened>(openOrder(servers.map(({ url }) => url)))
    const quiet = await load.order<Sent>(QUIET)
    progress(`over Redis: ${lineOf(quiet)}`)
    const calm = await load.order<Sent>(CALM)
    progress(`over Redis: ${lineOf(calm)}`)
    const name = `two processes over Redis, ${SOCKETS} sockets`
    const lost = quiet.expected - quiet.received + calm.expected - calm.received
    const busy = `${name}, ${(calm.published / calm.seconds).toFixed(0)} messages a second`
    return [
      atMost(`${name}: each room's message at the other side, p95`, quiet.across.p95, 'ms', 20, quiet.across.n),
      atMost(
        `${name}: each room's message at the other side, p50`,
        quiet.across.p50,
        'ms',
        null,
        quiet.across.n,
      ),
      atMost(`${name}: messages lost`, lost, 'messages', 0, quiet.expected + calm.expected),
      atMost(`${busy}: at the other side, p95`, calm.across.p95, 'ms', null, calm.across.n),
    ]
  } finally {
    load.close()
    await Promise.all(servers.map((server) => server.close()))
    await redis.close()
  }
}

async function fuzzed(progress: Progress): Promise<readonly Figure[]> {
  const server = await startServer()
  const load = await startLoad('signaling-fuzz-process')
  const bystanders = await startBystanders(server)
  const memory: number[] = []
  let handled = 0
  let sent: Fuzzed = { frames: 0, connections: 0 }
  try {
    while (handled < FRAMES && server.exitCode() === null) {
      sent = await load.order<Fuzzed>({ url: server.url, seconds: FUZZ_SECONDS } satisfies FuzzOrder)
      const metrics = await server.metrics()
      handled = handledBy(metrics)
      memory.push(metrics('process_resident_memory_bytes') / MB)
      progress(`${handled} frames handled, ${sent.connections} connections, ${memory.at(-1)?.toFixed(0)} MB`)
    }
    const lost = await bystanders.stop()
    const settled = memory.slice(Math.floor(memory.length * SETTLED_SHARE))
    const half = Math.floor(settled.length / 2)
    const growth = quantile(settled.slice(half), 0.5) / quantile(settled.slice(0, half), 0.5)
    return [
      atMost('random and mutated frames: crashes', server.exitCode() === null ? 0 : 1, 'crashes', 0, handled),
      atMost('random and mutated frames: memory, second half against first', growth, 'x', 1.1, memory.length),
      atMost('random and mutated frames: memory at the end', memory.at(-1) ?? 0, 'MB', null, memory.length),
      atMost('random and mutated frames: messages of bystanders lost', lost.lost, 'messages', 0, lost.n),
      atMost('random and mutated frames: connections used', sent.connections, 'connections', null, handled),
    ]
  } finally {
    load.close()
    await server.close()
  }
}

/** Messages that were looked at, and connections that were ended for a frame that is none. */
function handledBy(metrics: (series: string) => number): number {
  const received = ['publish', 'subscribe', 'unsubscribe', 'ping', 'unknown', 'garbage'].map(
    (type) => `messages_received_total{type="${type}"}`,
  )
  const broken = ['protocol', 'tooBig', 'binary'].map((reason) => `clients_closed_total{reason="${reason}"}`)
  return [...received, ...broken].reduce((sum, series) => sum + metrics(`holdfast_signaling_${series}`), 0)
}

/** Two who behave, talking all the time. */
async function startBystanders(server: ServerProcess) {
  const [alice, bob] = await Promise.all([connectClient(server.url), connectClient(server.url)])
  for (const one of [alice, bob]) {
    one.send({ type: 'subscribe', topics: ['bystanders'] })
    await one.settled()
  }
  let sent = 0
  const timer = setInterval(() => {
    sent += 1
    alice.send({ type: 'publish', topic: 'bystanders', data: sent })
  }, 50)
  return {
    async stop(): Promise<{ readonly lost: number; readonly n: number }> {
      clearInterval(timer)
      let heard = 0
      while (heard < sent && (await bob.next()).data === heard + 1) heard += 1
      alice.socket.close()
      bob.socket.close()
      return { lost: sent - heard, n: sent }
    },
  }
}

function openOrder(urls: readonly string[]): OpenOrder {
  return { kind: 'open', urls, rooms: ROOMS, perRoom: PER_ROOM }
}

function lineOf({ received, expected, seconds, latency, across }: Sent): string {
  const rate = (received / seconds).toFixed(0)
  const other = across.n === 0 ? '' : `, other side p95 ${across.p95.toFixed(1)} ms`
  return `${received} of ${expected} heard, ${rate}/s, p50 ${latency.p50.toFixed(1)} ms, p95 ${latency.p95.toFixed(1)} ms${other}`
}
