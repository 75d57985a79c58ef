/**
 * Recordings that others made: rtcstats event logs (one JSON array a line, stats as differences) and the JSON that
 * chrome://webrtc-internals writes (one series a counter). Both become snapshots of whole stats in order of time.
 */
import type { StatEntry } from '../../src/health/stat-rows.js'

/** The stats of one peer connection at one moment. */
export interface StatsSnapshot {
  readonly pc: string
  readonly atMs: number
  readonly entries: readonly StatEntry[]
}

/** Reads either kind; throws a SyntaxError for anything else. */
export function readDump(text: string): readonly StatsSnapshot[] {
  const first = text.trimStart()[0]
  if (first === '[') return readRtcstats(text)
  const whole: unknown = JSON.parse(text)
  if (isRecord(whole) && isRecord(whole.PeerConnections)) return readInternals(whole.PeerConnections)
  throw new SyntaxError('neither an rtcstats log nor a webrtc-internals dump')
}

/** An rtcstats log: each `getstats` holds what changed; a stamp of 0 means the stamp of the whole. */
export function readRtcstats(text: string): readonly StatsSnapshot[] {
  const known = new Map<string, Map<string, StatEntry>>()
  const snapshots: StatsSnapshot[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const event: unknown = JSON.parse(line)
    if (!Array.isArray(event) || event[0] !== 'getstats' || !isRecord(event[2])) continue
    const [, pc, delta, loggedAtMs] = event as [string, string, Record<string, unknown>, number]
    const entries = known.get(pc) ?? new Map<string, StatEntry>()
    known.set(pc, entries)
    const stamp = typeof delta.timestamp === 'number' ? delta.timestamp : loggedAtMs
    for (const [id, change] of Object.entries(delta)) {
      if (!isRecord(change)) continue
      const timestamp = change.timestamp === 0 || change.timestamp === undefined ? stamp : change.timestamp
      entries.set(id, { ...entries.get(id), ...change, id, timestamp })
    }
    snapshots.push({ pc, atMs: stamp, entries: [...entries.values()] })
  }
  return snapshots.sort((a, b) => a.atMs - b.atMs)
}

/** Series of one entry: when it was first seen, and its values second by second. */
interface Series {
  readonly statsType: string
  readonly startTime: string
  readonly values: string
}

/** A webrtc-internals dump: `stats["ENTRY-name"] = { statsType, startTime, values: "[...]" }`. */
function readInternals(connections: Readonly<Record<string, unknown>>): readonly StatsSnapshot[] {
  const snapshots: StatsSnapshot[] = []
  for (const [pc, connection] of Object.entries(connections)) {
    if (!isRecord(connection) || !isRecord(connection.stats)) continue
    // By time, then by entry: values of one entry have the same stamps throughout.
    const times = new Map<number, Map<string, Record<string, unknown>>>()
    const table = seriesByEntry(connection.stats)
    for (const [id, fields] of table) addEntry(times, id, fields)
    for (const [atMs, entries] of [...times].sort(([a], [b]) => a - b))
      snapshots.push({ pc, atMs, entries: [...entries.values()] })
  }
  return snapshots.sort((a, b) => a.atMs - b.atMs)
}

function seriesByEntry(
  stats: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, ReadonlyMap<string, Series>> {
  const table = new Map<string, Map<string, Series>>()
  for (const [key, series] of Object.entries(stats)) {
    const cut = key.lastIndexOf('-')
    if (cut < 0 || !isRecord(series) || typeof series.values !== 'string') continue
    const id = key.slice(0, cut)
    const fields = table.get(id) ?? new Map<string, Series>()
    table.set(id, fields.set(key.slice(cut + 1), series as unknown as Series))
  }
  return table
}

function addEntry(
  times: Map<number, Map<string, Record<string, unknown>>>,
  id: string,
  fields: ReadonlyMap<string, Series>,
): void {
  const stamps = fields.get('timestamp')
  if (!stamps) return
  const at = valuesOf(stamps).map((value) => (typeof value === 'number' ? value : Date.parse(String(value))))
  for (const [name, series] of fields) {
    const values = valuesOf(series)
    // A field that appeared later has fewer values: they end together.
    const late = at.length - values.length
    values.forEach((value, index) => {
      const stamp = at[index + late]
      if (stamp === undefined || Number.isNaN(stamp)) return
      const atMs = Math.round(stamp)
      const entries = times.get(atMs) ?? new Map<string, Record<string, unknown>>()
      times.set(atMs, entries)
      const entry = entries.get(id) ?? { id, type: series.statsType, timestamp: atMs }
      if (name !== 'timestamp') entry[name] = value
      entries.set(id, entry)
    })
  }
}

function valuesOf(series: Series): readonly unknown[] {
  const values: unknown = JSON.parse(series.values)
  return Array.isArray(values) ? values : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
