/**
 * The figures of recovery under stable names in the manner of OpenTelemetry, for whoever exports them. Pure.
 */
import type { RecoveryStatistics } from './statistics.js'

/** One number to export. */
export interface Metric {
  readonly name: string
  readonly unit: '{attempt}' | '{breaker}' | '{trip}' | '{action}' | '{match}' | 'ms' | '1'
  readonly value: number
  readonly attributes: Readonly<Record<string, string>>
}

/** What {@link metricsOf} takes. */
export interface MetricsInput {
  readonly statistics: RecoveryStatistics
  readonly breakers: readonly {
    readonly key: string
    readonly state: 'closed' | 'open' | 'half-open'
    readonly trips: number
  }[]
  /** Preventive actions by how they ended; see `prevention.ts`. */
  readonly prevented: { readonly averted: number; readonly met: number; readonly needless: number }
  /** Choices that went by what was learned, of all choices. */
  readonly patterns: { readonly matched: number; readonly asked: number }
}

/** Everything that is known, as numbers. */
export function metricsOf(input: MetricsInput): readonly Metric[] {
  const { statistics, breakers, prevented, patterns } = input
  return [
    ...attemptMetrics(statistics),
    ...(['closed', 'open', 'half-open'] as const).map((state) =>
      metric('breaker.count', '{breaker}', breakers.filter((one) => one.state === state).length, { state }),
    ),
    ...breakers.map(({ key, trips }) =>
      metric('breaker.trips', '{trip}', trips, { kind: key.slice(0, key.indexOf('/')), key }),
    ),
    ...Object.entries(prevented).map(([outcome, value]) =>
      metric('prevention.actions', '{action}', value, { outcome }),
    ),
    ...accuracyOf(prevented),
    metric('pattern.matches', '{match}', patterns.matched),
    ...(patterns.asked === 0 ? [] : [metric('pattern.match_ratio', '1', patterns.matched / patterns.asked)]),
  ]
}

function attemptMetrics({ byStrategy, meanMs, slowestMs, fastestMs }: RecoveryStatistics): readonly Metric[] {
  const times = { mean: meanMs, fastest: fastestMs, slowest: slowestMs }
  return [
    ...Object.entries(byStrategy).flatMap(([strategy, tally]) =>
      (['succeeded', 'failed', 'cancelled'] as const).map((outcome) =>
        metric('attempts', '{attempt}', tally[outcome], { strategy, outcome }),
      ),
    ),
    ...Object.entries(times).flatMap(([statistic, value]) =>
      value === null ? [] : [metric('duration', 'ms', value, { statistic })],
    ),
  ]
}

/** Foretold troubles that came, or were there and went, of all that were foretold. */
function accuracyOf({ averted, met, needless }: MetricsInput['prevented']): readonly Metric[] {
  const all = averted + met + needless
  return all === 0 ? [] : [metric('prediction.accuracy', '1', (averted + met) / all)]
}

function metric(
  name: string,
  unit: Metric['unit'],
  value: number,
  attributes: Metric['attributes'] = {},
): Metric {
  return { name: `holdfast.recovery.${name}`, unit, value, attributes }
}
