/**
 * What tells an outage ahead, second by second: how the round trip, loss, silence and throughput of one connection
 * moved of late against what is usual there. Raw figures have heavy tails, so each is put on a logarithmic or root
 * scale on which 0 is calm. Missing is calm: nothing is known against it.
 */
import type { Rates } from './rates.js'

/** One second of a connection; NaN is unknown. */
export interface RiskObservation {
  readonly atMs: number
  readonly rttMs: number
  readonly jitterMs: number
  readonly lossRatio: number
  /** Media received. */
  readonly bitrateBps: number
  /** Age of the newest media packet. */
  readonly silentMs: number
}

/** The signals of the model, in the order of its weights. */
export const RISK_SIGNALS = [
  'round-trip',
  'round-trip-peak',
  'round-trip-spread',
  'jitter',
  'loss',
  'lasting-loss',
  'silence',
  'recent-silence',
  'throughput-drop',
  'throughput-fall',
  'throughput-trend',
  'loss-trend',
  'round-trip-trend',
  'strained-queue',
  'strained-loss',
  'recent-outage',
] as const
/** One of them. */
export type RiskSignal = (typeof RISK_SIGNALS)[number]

/** What is remembered; plain data. */
export interface RiskMemory {
  /** The last ten observations, oldest first. */
  readonly recent: readonly RiskObservation[]
  /** Lowest round trip of late: what the path needs without queues. */
  readonly baseRttMs: number
  readonly usualBps: number
  /** When the last outage was under way; null: none yet. */
  readonly outageAtMs: number | null
}

/** Before the first observation. */
export const NO_RISK_MEMORY: RiskMemory = {
  recent: [],
  baseRttMs: Number.NaN,
  usualBps: Number.NaN,
  outageAtMs: null,
}

/** Nothing came for this long: that is the outage the model tells ahead. */
export const OUTAGE_MS = 1_000
/** Observations that are remembered: one a second. */
const RECENT_MAX = 10
/** Those that count as now. */
const NOW_COUNT = 3
/** The base rises by this share each second, so that a longer way is accepted in about a minute. */
const BASE_RISE_RATIO = 0.01
/** The usual throughput rises within about 10 s, and is forgotten within a minute: a fade must not become usual. */
const USUAL_RISE_RATIO = 0.1
const USUAL_FALL_RATIO = 0.015
/** Less than this is nothing. */
const FLOOR_BPS = 8_000
/** Outages come in groups; after this long two thirds of the memory of one are gone. */
const OUTAGE_MEMORY_MS = 15_000
/** Scales on which a signal begins to say something. */
const RTT_SCALE_MS = 20
const SPREAD_SCALE_MS = 10
const JITTER_SCALE_MS = 5
const SILENCE_SCALE_MS = 50

/** Takes one observation in and gives the signals. */
export function riskFeatures(
  memory: RiskMemory,
  now: RiskObservation,
): { readonly memory: RiskMemory; readonly features: readonly number[] } {
  const recent = [...memory.recent, now].slice(-RECENT_MAX)
  const baseRttMs = least(now.rttMs, memory.baseRttMs * (1 + BASE_RISE_RATIO))
  const usualBps = usualAfter(memory.usualBps, now.bitrateBps)
  const outageAtMs = now.silentMs >= OUTAGE_MS ? now.atMs : memory.outageAtMs
  const latest = recent.slice(-NOW_COUNT)
  const rtts = latest.map(({ rttMs }) => rttMs)
  const earlier = recent.slice(0, -NOW_COUNT)
  const dropOf = (bps: number, from: number): number =>
    Math.max(0, Math.log(Math.max(FLOOR_BPS, from) / Math.max(FLOOR_BPS, bps)))
  const bitrates = (all: readonly RiskObservation[]): number => mean(all.map(({ bitrateBps }) => bitrateBps))
  const losses = (all: readonly RiskObservation[]): number =>
    Math.sqrt(mean(all.map(({ lossRatio }) => lossRatio)))
  const queue = logOf(most(rtts) - baseRttMs, RTT_SCALE_MS)
  const drop = dropOf(bitrates(latest), usualBps)
  const features = [
    logOf(now.rttMs - baseRttMs, RTT_SCALE_MS),
    queue,
    logOf(spread(rtts), SPREAD_SCALE_MS),
    logOf(now.jitterMs, JITTER_SCALE_MS),
    losses(latest),
    losses(recent),
    logOf(most(latest.map(({ silentMs }) => silentMs)), SILENCE_SCALE_MS),
    logOf(most(recent.map(({ silentMs }) => silentMs)), SILENCE_SCALE_MS),
    drop,
    dropOf(now.bitrateBps, usualBps),
    dropOf(bitrates(latest), bitrates(earlier)),
    Math.max(0, losses(latest) - losses(earlier)),
    Math.max(0, queue - logOf(mean(earlier.map(({ rttMs }) => rttMs)) - baseRttMs, RTT_SCALE_MS)),
    queue * drop,
    losses(latest) * drop,
    outageAtMs === null ? 0 : Math.exp(-(now.atMs - outageAtMs) / OUTAGE_MEMORY_MS),
  ].map((value) => (Number.isFinite(value) ? value : 0))
  return { memory: { recent, baseRttMs, usualBps, outageAtMs }, features }
}

/** The second of a connection that its rates tell of; null while nothing is received. */
export function observationOf(rates: Rates): RiskObservation | null {
  const inbound = rates.inbound.filter(({ isNew }) => !isNew)
  if (inbound.length === 0) return null
  const reported = rates.outbound.map(({ remoteRttMs }) => remoteRttMs)
  return {
    atMs: rates.atMs,
    rttMs: most([...rates.paths.map(({ rttMs }) => rttMs), ...reported]),
    jitterMs: most(inbound.map(({ jitterMs }) => jitterMs)),
    lossRatio: most(inbound.map(({ lossRatio }) => lossRatio)),
    bitrateBps: inbound.reduce((sum, { bitrateBps }) => sum + (bitrateBps || 0), 0),
    silentMs: inbound.reduce((newest, { sincePacketMs }) => least(newest, sincePacketMs), Number.NaN),
  }
}

function usualAfter(usual: number, bps: number): number {
  if (Number.isNaN(usual)) return bps
  return Number.isNaN(bps) ? usual : usual + (bps - usual) * (bps > usual ? USUAL_RISE_RATIO : USUAL_FALL_RATIO)
}

function logOf(value: number, scale: number): number {
  return Math.log1p(Math.max(0, value) / scale)
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value))
}

function most(values: readonly number[]): number {
  const all = known(values)
  return all.length === 0 ? Number.NaN : Math.max(...all)
}

function least(one: number, other: number): number {
  if (Number.isNaN(one)) return other
  return Number.isNaN(other) ? one : Math.min(one, other)
}

function mean(values: readonly number[]): number {
  const all = known(values)
  return all.length === 0 ? Number.NaN : all.reduce((sum, value) => sum + value, 0) / all.length
}

function spread(values: readonly number[]): number {
  const all = known(values)
  if (all.length < 2) return Number.NaN
  const middle = mean(all)
  return Math.sqrt(mean(all.map((value) => (value - middle) ** 2)))
}
