/**
 * What is about to go wrong, from the model of risk and from the alerts of the last second: one danger for the own
 * connection and one for its provider. A risk may be a guess; an alert is something that is already worse than it
 * should be, and usually comes before the picture stops. Pure.
 */
import type { Alert, AlertKind } from '../health/alert.js'
import { RISK_LEVELS, type Risk, type RiskLevel } from '../health/risk.js'

/** One danger. */
export interface Danger {
  readonly about: { readonly type: 'connection' | 'provider'; readonly id: string }
  readonly level: RiskLevel
  /** It is worse than it should be already, not only likely to become so. */
  readonly isFelt: boolean
  /** Too much is sent for what the path carries: less of it may avert the rest. */
  readonly isCrowded: boolean
}

/** Alerts of a path that still works, and is worse than it should be. */
const FELT: readonly AlertKind[] = [
  'packet-loss',
  'high-rtt',
  'jitter',
  'low-bandwidth',
  'buffer-overflow',
  'encoder-limited',
]
/** Alerts of what prevention wanted to avert. */
const CAME: readonly AlertKind[] = [
  'freeze',
  'one-way-media',
  'timeout',
  'network-disconnect',
  'provider-outage',
  'provider-hang',
]
/** Signals and alerts that say: the queue before the narrowest link is filling. */
const CROWDED: readonly string[] = [
  'round-trip',
  'round-trip-peak',
  'round-trip-trend',
  'strained-queue',
  'throughput-drop',
  'throughput-fall',
  'throughput-trend',
  'low-bandwidth',
  'high-rtt',
  'buffer-overflow',
  'encoder-limited',
]

/** Reads one second. `connection`, `provider`: those that carry the call. */
export function dangersOf(
  { connection, provider }: { readonly connection: string; readonly provider: string },
  risks: readonly Risk[],
  alerts: readonly Alert[],
): readonly Danger[] {
  const felt = alerts.filter(({ kind, severity }) => FELT.includes(kind) && severity !== 'low')
  const told = felt.map(({ kind }): string => kind)
  return ([connection, provider] as const).map((id, index) => {
    const type = index === 0 ? 'connection' : 'provider'
    const risk = risks.find(({ about }) => about.type === type && about.id === id)
    const signals = (risk?.signals ?? []).map(({ signal }) => signal)
    // What is felt alone says nothing of the provider, which may be fine for all others.
    const isFelt = felt.length > 0 && type === 'connection'
    return {
      about: { type, id },
      level: highest(risk?.level ?? 'low', isFelt ? 'high' : 'low'),
      isFelt,
      isCrowded: [...told, ...signals].some((name) => CROWDED.includes(name)),
    }
  })
}

/** Whether what prevention wanted to avert is there. */
export function hasCome(alerts: readonly Alert[]): boolean {
  return alerts.some(({ kind, severity }) => CAME.includes(kind) && severity !== 'low')
}

function highest(one: RiskLevel, other: RiskLevel): RiskLevel {
  return RISK_LEVELS.indexOf(one) >= RISK_LEVELS.indexOf(other) ? one : other
}
