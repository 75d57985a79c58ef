/**
 * Stats objects to one array of numbers, and what two arrays say of a counter. Everything missing or malformed is
 * NaN and stays NaN through every sum; counters that restart (new SSRC, ICE restart) give NaN for that one step.
 */
import { at, I, type Row, type Sample } from './layout.js'
import { packSample, type SampleHead } from './pack.js'
import { inboundRow, outboundRow, pcRow, type RawStats, type StatEntry } from './stat-rows.js'

export type { RawStats, StatEntry } from './stat-rows.js'

/** More streams than this per connection are not looked at: a limit on what one sample can cost. */
export const MAX_ROWS = 256
/** Counters of 32 bits begin again here; what falls from just below it to just above zero has wrapped. */
const WRAP_SIZE = 2 ** 32
/** A wrap is believed when the counter was in its last sixteenth and is in its first one. */
const WRAP_EDGE_RATIO = 1 / 16

/** Reduces the stats of one connection's peer connections to the layout of `layout.ts`. */
export function reduceStats(head: SampleHead, raw: readonly RawStats[]): Float64Array {
  const peerConnections: Row[] = []
  const inbound: Row[] = []
  const outbound: Row[] = []
  for (const one of raw.slice(0, MAX_ROWS)) {
    const byId = new Map<unknown, StatEntry>()
    for (const entry of one.entries) byId.set(entry.id, entry)
    peerConnections.push(pcRow(one, byId))
    for (const entry of one.entries) {
      if (entry.type === 'inbound-rtp' && inbound.length < MAX_ROWS) inbound.push(inboundRow(one, entry, byId))
      if (entry.type === 'outbound-rtp' && outbound.length < MAX_ROWS)
        outbound.push(outboundRow(one, entry, byId))
    }
  }
  return packSample(head, peerConnections, inbound, outbound)
}

/** Growth of a counter; NaN when either is missing or the counter restarted. */
export function growth(before: Row | undefined, after: Row, offset: number): number {
  if (!before) return Number.NaN
  const old = at(before, offset)
  const difference = at(after, offset) - old
  if (difference >= 0) return difference
  const isWrapped = old < WRAP_SIZE && old > WRAP_SIZE * (1 - WRAP_EDGE_RATIO)
  return isWrapped && at(after, offset) < WRAP_SIZE * WRAP_EDGE_RATIO ? difference + WRAP_SIZE : Number.NaN
}

/** The row of the same stream in an earlier sample. */
export function sameStream(rows: readonly Row[] | undefined, row: Row): Row | undefined {
  return rows?.find((other) => other[0] === row[0] && other[1] === row[1])
}

/** Growth of all inbound packet counters between two samples; NaN when nothing can be compared. */
export function inboundGrowth(before: Sample | null, after: Sample): number {
  return sumOfKnown(
    after.inbound.map((row) => growth(sameStream(before?.inbound, row), row, I.packetsReceived)),
  )
}

/** Sum without the unknown ones; NaN when all are unknown. */
export function sumOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0)
}
