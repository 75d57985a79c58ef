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
import { rawTroubles } from './raw-trouble.js'
import { replay } from './replay.js'
import { atMost, median } from './statistics.js'

const PEERS = 10
const DUMPS = '../shared/data/rtcstats-dumps'
/** The one recording there that went wrong. */
const FAILED = 'chrome-standard-pc-failed.jsonl'
/** Logs have a look every 10 s: what happened between two of them is said at the second, and explained until the third. */
const EXPLAINED_MS = 12_000
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
  let seconds = 0
  let incidents = 0
  let wrong = 0
  for (const file of readdirSync(folder).filter((one) => one.endsWith('.jsonl') && one !== FAILED)) {
    const one = incidentsIn(readFileSync(join(folder, file), 'utf8'))
    seconds += one.seconds
    incidents += one.kinds.length
    wrong += one.unexplained.length
    progress(`${file}: ${one.seconds.toFixed(0)} s, ${one.kinds.length} incidents ${one.kinds.join(' ')}`)
    for (const { fromMs, toMs, why } of one.troubles)
      progress(`  raw counters, ${(fromMs / 1000).toFixed(1)} to ${(toMs / 1000).toFixed(1)} s: ${why}`)
  }
  const hours = seconds / 3600
  return [
    atMost(name, wrong / hours, '/h', 1, Math.round(seconds)),
    atMost('incidents there in real trouble, by raw counters', incidents - wrong, 'of all', null, incidents),
  ]
}

function incidentsIn(text: string) {
  const { outputs } = replay(text)
  const troubles = rawTroubles(text)
  const times = outputs.flatMap(({ report }) => report?.atMs ?? [])
  const seconds = (Math.max(0, ...times) - Math.min(...times)) / 1000
  const grave = outputs
    .flatMap(({ report }) => report?.changes ?? [])
    .filter(({ type, alert, atMs }) => type !== 'cleared' && isGrave(alert) && atMs > WARM_UP_MS)
  const first = [...new Map(grave.toReversed().map((one) => [one.alert.id, one])).values()]
  const isExplained = ({ atMs }: { readonly atMs: number }): boolean =>
    troubles.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs + EXPLAINED_MS)
  const kinds = first.map(({ alert }) => alert.kind)
  return { seconds, troubles, kinds, unexplained: first.filter((one) => !isExplained(one)) }
}

function isGrave({ severity }: Alert): boolean {
  return severity !== 'low'
}
