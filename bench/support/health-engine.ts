/** Rows of suite `health` about the worker: what is posted to it and what it needs, and healthy calls of others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert } from '../../src/health/alert.js'
import { NO_FACTS } from '../../src/health/facts.js'
import { reduceStats } from '../../src/health/reduce.js'
import { createHealthEngine } from '../../src/worker/health-engine.js'
import type { SampleBatch } from '../../src/worker/protocol.js'
import { readRecording } from '../../test/corpus/read.js'
import type { Tick } from '../../test/corpus/recording.js'
import type { Figure } from '../figure.js'
import { replay } from './replay.js'
import { atMost, median } from './statistics.js'

const PEERS = 10
const DUMPS = '../shared/data/rtcstats-dumps'
/** The one recording there that went wrong. */
const FAILED = 'chrome-standard-pc-failed.jsonl'
/** Right after connecting nothing is counted, as on the corpus. */
const WARM_UP_MS = 2000

/** Bytes per peer and the worker's share of a core with ten peers, one sample per second. */
export function engineFigures(): readonly Figure[] {
  const page = readRecording('healthy-talk.1').pages[0]
  const pc = page?.connections[0]?.pc
  const ticks = (page?.ticks ?? []).filter((_, index) => index % 4 === 0)
  const names = Array.from({ length: PEERS }, (_, index) => `peer-${index}`)
  const engine = createHealthEngine()
  const costs: number[] = []
  let bytes = 0
  for (let round = 0; round < 5; round += 1)
    ticks.forEach((tick, index) => {
      const batch = batchOf(tick, pc ?? 1, names, round * 12_000 + index * 1000)
      bytes = batch.connections[0]?.values?.byteLength ?? 0
      const startedAt = performance.now()
      engine.ingest(batch)
      costs.push(performance.now() - startedAt)
    })
  const steady = costs.slice(ticks.length)
  const share = steady.reduce((sum, cost) => sum + cost, 0) / (steady.length * 10)
  return [
    atMost('posted per peer and sample', bytes / PEERS / 1000, 'kB', 1, PEERS),
    atMost('worker CPU at 10 peers, 1 s sampling', share, '% of a core', 2, steady.length),
    atMost('worker time per sample at 10 peers, p50', median(steady), 'ms', null, steady.length),
  ]
}

/** A mesh of ten: the connection of one recorded pair, ten times. */
function batchOf(tick: Tick, pc: number, names: readonly string[], atMs: number): SampleBatch {
  const entries = tick.stats.find((one) => one.pc === pc)?.entries ?? []
  const raw = names.map((_, index) => ({
    pc: index + 1,
    role: 'both' as const,
    entries,
    peerIndexOf: () => index,
  }))
  return {
    atMs,
    isOnline: true,
    facts: { ...NO_FACTS, me: 'me' },
    connections: [
      {
        connectionId: 'mesh',
        provider: 'mesh',
        hasServer: false,
        isCurrent: true,
        expectsInbound: true,
        expectsOutbound: true,
        peers: names,
        values: reduceStats({ atMs, mediaAtMs: atMs, costMs: 0 }, raw),
      },
    ],
  }
}

/** Incidents in calls of others that went well, per hour of media; nothing measured holds nothing. */
export function healthyFigures(progress: (line: string) => void, folder = DUMPS): readonly Figure[] {
  const name = 'false incidents in healthy recordings of others'
  if (!existsSync(folder)) {
    progress(`${name}: ${folder} is not here`)
    return [atMost(name, Number.NaN, '/h', 1, 0)]
  }
  let hours = 0
  let incidents = 0
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.jsonl') && one !== FAILED)) {
    const { outputs } = replay(readFileSync(join(folder, file), 'utf8'))
    const times = outputs.flatMap(({ report }) => report?.atMs ?? [])
    const seconds = (Math.max(0, ...times) - Math.min(...times)) / 1000
    const raised = outputs.flatMap(({ report }) =>
      (report?.changes ?? []).filter((one) => one.type !== 'cleared'),
    )
    const ids = new Set(
      raised.filter(({ alert, atMs }) => isGrave(alert) && atMs > WARM_UP_MS).map(({ alert }) => alert.id),
    )
    const kinds = new Set(raised.filter(({ alert }) => ids.has(alert.id)).map(({ alert }) => alert.kind))
    hours += seconds / 3600
    incidents += ids.size
    progress(`${file}: ${seconds.toFixed(0)} s, ${ids.size} incidents ${[...kinds].join(' ')}`)
  }
  return [atMost(name, incidents / hours, '/h', 1, Math.round(hours * 3600))]
}

function isGrave({ severity }: Alert): boolean {
  return severity !== 'low'
}
