/** What `call.recovery.stats()` tells: attempts added up, the four figures, prevention, workflows and metrics. */
import type { Attempt } from '../history/attempt.js'
import { type Metric, metricsOf } from '../recovery/metrics.js'
import type { PreventionTally } from '../recovery/prevention.js'
import { kpisOf, type RecoveryKpis, type RecoveryStatistics, statisticsOf } from '../recovery/statistics.js'
import type { CallCore } from './core.js'
import type { RecoveryPattern } from './recovery-contract.js'
import type { WorkflowMetrics, WorkflowStatus } from './workflow-monitor.js'

/** All of it. */
export interface RecoveryFigures extends RecoveryStatistics {
  readonly kpis: RecoveryKpis
  /** Preventive actions; those that are not scored yet are in `acted` alone. */
  readonly prevented: PreventionTally & { readonly acted: number }
  /** Null before the guard is loaded. */
  readonly workflows: { readonly metrics: WorkflowMetrics; readonly list: readonly WorkflowStatus[] } | null
  /** The same as numbers under stable names, for whoever exports them. */
  readonly metrics: readonly Metric[]
}

/** Explanations that are read for it, the newest. */
const EXPLANATIONS_MAX = 1000

/** Adds up what is kept of this room. */
export async function figuresOf(core: CallCore, attempts: readonly Attempt[]): Promise<RecoveryFigures> {
  const { archive, guard, options } = core
  const explanations = (await archive?.explanations({ room: options.room, limit: EXPLANATIONS_MAX })) ?? []
  const tally = guard?.prevention.tally() ?? { averted: 0, met: 0, needless: 0 }
  const prevented = { ...tally, acted: guard?.prevention.acted ?? 0 }
  const statistics = statisticsOf(attempts)
  return {
    ...statistics,
    kpis: kpisOf({ attempts, prevented, explanations }),
    prevented,
    workflows:
      guard === null ? null : { metrics: { ...guard.workflows.metrics }, list: guard.workflows.status() },
    metrics: metricsOf({
      statistics,
      breakers: guard?.breakers.status() ?? [],
      prevented: tally,
      patterns: {
        matched: explanations.filter(({ by }) => by === 'learned').length,
        asked: explanations.length,
      },
    }),
  }
}

/** What was learned, as rates. */
export async function patternsOf({ archive }: CallCore): Promise<readonly RecoveryPattern[]> {
  const rows = (await archive?.patterns()) ?? []
  return rows.map(({ signature, context, strategy, seen, long }) => {
    const all = long.successes + long.failures
    return {
      ...{ signature, context, strategy, seen },
      successRate: all > 0 ? long.successes / all : 0,
      meanMs: long.successes > 0 ? long.successMs / long.successes : null,
    }
  })
}
