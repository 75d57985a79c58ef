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

/** The values of one field of one entry, a look each; the last one was taken at `endTime`. */
interface Series {
  readonly statsType: string
  readonly endTime: string
  readonly values: string
}

/** Fields of one entry. */
type Fields = ReadonlyMap<string, Series>

const REMOTE_REPORTS: ReadonlySet<string> = new Set(['remote-inbound-rtp', 'remote-outbound-rtp'])
/** The page looks once a second; an entry's own end is that of the whole look. */
const SAME_LOOK_MS = 500

/** A webrtc-internals dump: `stats["ENTRY-name"] = { statsType, startTime, endTime, values: "[...]" }`. */
function readInternals(connections: Readonly<Record<string, unknown>>): readonly StatsSnapshot[] {
  const snapshots: StatsSnapshot[] = []
  for (const [pc, connection] of Object.entries(connections)) {
    if (!isRecord(connection) || !isRecord(connection.stats)) continue
    const table = seriesByEntry(connection.stats)
    const looks = looksOf(table)
    const entries = looks.map(() => new Map<string, Record<string, unknown>>())
    for (const [id, fields] of table) addEntry(looks, entries, id, fields)
    looks.forEach((atMs, index) => {
      snapshots.push({ pc, atMs, entries: [...(entries[index]?.values() ?? [])] })
    })
  }
  return snapshots.sort((a, b) => a.atMs - b.atMs)
}

function seriesByEntry(stats: Readonly<Record<string, unknown>>): ReadonlyMap<string, Fields> {
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

/** When the page looked: what is counted here is stamped with the look, reports of the other side with their arrival. */
function looksOf(table: ReadonlyMap<string, Fields>): readonly number[] {
  const times = new Set<number>()
  for (const fields of table.values()) {
    const stamps = fields.get('timestamp')
    if (!stamps || REMOTE_REPORTS.has(stamps.statsType)) continue
    for (const stamp of valuesOf(stamps))
      if (typeof stamp === 'number' && Number.isFinite(stamp)) times.add(Math.round(stamp))
  }
  return [...times].sort((a, b) => a - b)
}

/**
 * A field that came later or went away has fewer values than there were looks: each series is dated by its end. That of
 * a report of the other side is its arrival; reports stay until the end.
 */
function addEntry(
  looks: readonly number[],
  entries: readonly Map<string, Record<string, unknown>>[],
  id: string,
  fields: Fields,
): void {
  for (const [name, series] of fields) {
    const values = valuesOf(series)
    const endMs = Date.parse(series.endTime) + SAME_LOOK_MS
    const isReport = REMOTE_REPORTS.has(series.statsType)
    const last = isReport ? looks.length - 1 : looks.findLastIndex((atMs) => atMs <= endMs)
    values.forEach((value, index) => {
      const at = last - (values.length - 1 - index)
      const known = entries[at]
      if (known === undefined) return
      const entry = known.get(id) ?? { id, type: series.statsType, timestamp: looks[at] }
      entry[name] = value
      known.set(id, entry)
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
