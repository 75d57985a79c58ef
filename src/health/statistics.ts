/** What has been counted since a call began: how often and how long each kind of trouble, and running figures. */
import type { Alert, AlertChange, AlertKind, Severity } from './alert.js'
import type { Scene } from './scene.js'

/** A figure over the whole call. */
export interface Running {
  readonly count: number
  readonly mean: number
  readonly least: number
  readonly most: number
}

/** One kind of trouble over the whole call. */
export interface KindStatistics {
  readonly count: number
  /** While at least one alert of the kind was raised. */
  readonly totalMs: number
  readonly longestMs: number
  readonly worst: Severity
}

/** The whole call so far. */
export interface HealthStatistics {
  /** Page clock of the first look; null before. */
  readonly sinceMs: number | null
  readonly observedMs: number
  /** Of that, with an alert of medium or more. */
  readonly troubledMs: number
  readonly alerts: number
  readonly byKind: { readonly [Kind in AlertKind]?: KindStatistics }
  /** Of each reading: the worst path and the worst stream. */
  readonly rttMs: Running | null
  readonly lossRatio: Running | null
  readonly jitterMs: Running | null
  readonly fps: Running | null
  readonly receivedBps: Running | null
  readonly sentBps: Running | null
}

/** Nothing observed. */
export const NO_STATISTICS: HealthStatistics = {
  sinceMs: null,
  observedMs: 0,
  troubledMs: 0,
  alerts: 0,
  byKind: {},
  rttMs: null,
  lossRatio: null,
  jitterMs: null,
  fps: null,
  receivedBps: null,
  sentBps: null,
}

/** A longer step is a sleep, and nothing was observed in it. */
const STEP_MAX_MS = 5_000

/** Counts one more moment. */
export function count(
  before: HealthStatistics,
  scene: Scene,
  stepMs: number,
  alerts: readonly Alert[],
  changes: readonly AlertChange[],
): HealthStatistics {
  const seenMs = stepMs > STEP_MAX_MS ? 0 : stepMs
  const isTroubled = alerts.some(({ severity }) => severity !== 'low')
  const worst = (values: readonly number[]): number => Math.max(...values.filter(Number.isFinite))
  const sum = (values: readonly number[]): number =>
    values.filter(Number.isFinite).reduce((total, value) => total + value, values.length === 0 ? Number.NaN : 0)
  const { paths, inbound } = scene
  const fps = inbound
    .filter((view) => view.kind === 'video' && view.isMuted !== true)
    .map((view) => view.decodedFps)
  return {
    sinceMs: before.sinceMs ?? scene.atMs,
    observedMs: before.observedMs + seenMs,
    troubledMs: before.troubledMs + (isTroubled ? seenMs : 0),
    alerts: before.alerts + changes.filter(({ type }) => type === 'raised').length,
    byKind: countKinds(before.byKind, scene.atMs, seenMs, alerts, changes),
    rttMs: run(before.rttMs, worst(paths.map(({ rttMs }) => rttMs))),
    lossRatio: run(before.lossRatio, worst(inbound.map(({ lossRatio }) => lossRatio))),
    jitterMs: run(before.jitterMs, worst(inbound.map(({ jitterMs }) => jitterMs))),
    fps: run(before.fps, -worst(fps.map((one) => -one))),
    receivedBps: run(before.receivedBps, sum(paths.map(({ receivedBps }) => receivedBps))),
    sentBps: run(before.sentBps, sum(paths.map(({ sentBps }) => sentBps))),
  }
}

function countKinds(
  before: HealthStatistics['byKind'],
  atMs: number,
  stepMs: number,
  alerts: readonly Alert[],
  changes: readonly AlertChange[],
): HealthStatistics['byKind'] {
  const raised = changes.filter(({ type }) => type === 'raised').map(({ alert }) => alert.kind)
  const kinds = new Set(alerts.map(({ kind }) => kind))
  if (kinds.size === 0) return before
  const next: { [Kind in AlertKind]?: KindStatistics } = { ...before }
  for (const kind of kinds) {
    const own = alerts.filter((alert) => alert.kind === kind)
    const known = before[kind]
    const longestMs = Math.max(...own.map(({ sinceMs }) => atMs - sinceMs))
    next[kind] = {
      count: (known?.count ?? 0) + raised.filter((one) => one === kind).length,
      totalMs: (known?.totalMs ?? 0) + stepMs,
      longestMs: Math.max(known?.longestMs ?? 0, longestMs),
      worst: graver(known?.worst, own),
    }
  }
  return next
}

const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 }

function graver(known: Severity | undefined, alerts: readonly Alert[]): Severity {
  return alerts.reduce<Severity>(
    (worst, { severity }) => (RANK[severity] > RANK[worst] ? severity : worst),
    known ?? 'low',
  )
}

function run(before: Running | null, value: number): Running | null {
  if (!Number.isFinite(value)) return before
  if (before === null) return { count: 1, mean: value, least: value, most: value }
  const count = before.count + 1
  return {
    count,
    mean: before.mean + (value - before.mean) / count,
    least: Math.min(before.least, value),
    most: Math.max(before.most, value),
  }
}
