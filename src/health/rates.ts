/**
 * Two samples of one connection to rates. A sample that was there already (the browser answers from a cache), one
 * that comes late and one without statistics change nothing. The length of a step is what the browser's stamps say;
 * when they and the page's clock disagree, one of them jumped, and the page's clock cannot.
 */

import type { RowMemory } from './counters.js'
import { type InboundMemory, type InboundRates, inboundStep } from './inbound-rates.js'
import { at, I, P, PC_SIZE, type Row, type Sample } from './layout.js'
import { type OutboundMemory, type OutboundRates, outboundStep } from './outbound-rates.js'
import { type PathMemory, type PathRates, pathStep } from './path-rates.js'

export type { InboundRates } from './inbound-rates.js'
export type { OutboundRates } from './outbound-rates.js'
export type { PathRates } from './path-rates.js'

/** One step of one connection. */
export interface Rates {
  readonly atMs: number
  /** Since the sample before; NaN for the first. */
  readonly stepMs: number
  readonly paths: readonly PathRates[]
  readonly inbound: readonly InboundRates[]
  readonly outbound: readonly OutboundRates[]
}

/** What is remembered of one connection; plain data. */
export interface RatesMemory {
  readonly lastAtMs: number | null
  /** By number of peer connection. */
  readonly paths: Readonly<Record<string, PathMemory>>
  /** By `pc:ssrc`. */
  readonly inbound: Readonly<Record<string, InboundMemory>>
  readonly outbound: Readonly<Record<string, OutboundMemory>>
}

/** Before the first sample. */
export const NO_RATES_MEMORY: RatesMemory = { lastAtMs: null, paths: {}, inbound: {}, outbound: {} }

/** Stamps and page clock may differ by this much: getStats answers from a cache and waits for other threads. */
const STAMP_SLACK_MS = 500
/** A peer connection whose getStats hangs is still the same one afterwards. */
const MEMORY_MS = 5_000

/** Takes one sample in; null where it says nothing new. */
export function readRates(
  memory: RatesMemory,
  sample: Sample,
): { readonly memory: RatesMemory; readonly rates: Rates | null } {
  const nothing = { memory, rates: null }
  if (!sample.isFull) return nothing
  const { atMs } = sample
  const pageMs = memory.lastAtMs === null ? Number.NaN : atMs - memory.lastAtMs
  if (pageMs <= 0) return nothing
  const steps = new Map<number, number>()
  for (const row of sample.peerConnections)
    steps.set(at(row, P.pc), stepOf(memory.paths[at(row, P.pc)]?.memory, row, atMs))
  // The same stamps everywhere: the same numbers once more.
  if (steps.size > 0 && [...steps.values()].every((stepMs) => stepMs === 0)) return nothing
  const paths = advance(memory.paths, sample.peerConnections, steps, atMs, pathStep)
  const inbound = advance(memory.inbound, sample.inbound, steps, atMs, inboundStep)
  const outbound = advance(memory.outbound, sample.outbound, steps, atMs, outboundStep)
  return {
    memory: { lastAtMs: atMs, paths: paths.kept, inbound: inbound.kept, outbound: outbound.kept },
    rates: { atMs, stepMs: pageMs, paths: paths.rates, inbound: inbound.rates, outbound: outbound.rates },
  }
}

/** NaN for a first look, 0 for numbers that were read before. */
function stepOf(known: RowMemory | undefined, row: Row, atMs: number): number {
  if (!known) return Number.NaN
  const pageMs = atMs - known.lastAtMs
  const stampMs = at(row, P.statsAtMs) - at(known.row, P.statsAtMs)
  if (stampMs === 0) return 0
  const isLikely = stampMs > 0 && Math.abs(stampMs - pageMs) <= STAMP_SLACK_MS
  return isLikely ? stampMs : pageMs
}

interface Remembered {
  readonly memory: RowMemory
  readonly rates: unknown
}

/** Steps every row of one kind; a connection with nothing new keeps what it had. */
function advance<Memory extends Remembered>(
  known: Readonly<Record<string, Memory>>,
  rows: readonly Row[],
  steps: ReadonlyMap<number, number>,
  atMs: number,
  step: (known: Memory | undefined, row: Row, atMs: number, stepMs: number) => Memory,
): { readonly kept: Record<string, Memory>; readonly rates: Memory['rates'][] } {
  const kept: Record<string, Memory> = {}
  const rates: Memory['rates'][] = []
  for (const row of rows) {
    // Number and stream stand at the same offsets in every kind of row; a peer connection's number is its key.
    const key = row.length === PC_SIZE ? `${at(row, P.pc)}` : `${at(row, I.pc)}:${at(row, I.ssrc)}`
    const old = known[key]
    const stepMs = steps.get(at(row, I.pc)) ?? Number.NaN
    const next = old !== undefined && stepMs === 0 ? old : step(old, row, atMs, stepMs)
    kept[key] = next
    rates.push(next.rates)
  }
  for (const [key, old] of Object.entries(known))
    if (!(key in kept) && atMs - old.memory.lastAtMs <= MEMORY_MS) kept[key] = old
  return { kept, rates }
}
