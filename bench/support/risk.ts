/**
 * How well the committed risk model foretells outages in sessions that it was not fitted from; and the best single
 * signal beside it, because a careless model is worse than one signal.
 */
import { join } from 'node:path'
import { RISK_SIGNALS } from '../../src/health/risk-features.js'
import { probabilityOf, riskLogit } from '../../src/health/risk-model.js'
import type { Figure } from '../figure.js'
import { type RiskCase, riskCases } from './risk-data.js'
import { alarmPrecision, medianLeadMs, type ScoredCase, thresholdAtRecall } from './risk-fit.js'

const BINS = 10

/** The rows of suite `health` about risk. `root`: the project's folder. */
export function riskFigures(
  root = process.cwd(),
  progress: (line: string) => void = () => undefined,
): Figure[] {
  const cases = riskCases(join(root, '../shared/data/mobile-traces')).filter(({ isHeldOut }) => isHeldOut)
  const sets = [...new Set(cases.map(({ set }) => set))]
  if (!sets.includes('recorded')) progress('risk: recorded links are not here, simulated ones only')
  return [
    ...figuresOf('risk, held-out sessions', cases, true),
    ...sets.flatMap((set) =>
      figuresOf(
        `risk, ${set} alone`,
        cases.filter((one) => one.set === set),
        false,
      ),
    ),
  ]
}

function figuresOf(name: string, cases: readonly RiskCase[], isJudged: boolean): Figure[] {
  const scored = cases.map((one) => ({ one, p: probabilityOf(riskLogit(one.features).logit) }))
  const threshold = thresholdAtRecall(scored, 0.5)
  const alarms = scored.filter(({ p }) => p >= threshold)
  const ofSeconds = alarms.filter(({ one }) => one.isBefore).length / alarms.length
  const precision = alarmPrecision(scored, threshold)
  const single = Math.max(
    ...RISK_SIGNALS.map((_, at) => aucOf(scored.map(({ one }) => ({ one, p: one.features[at] ?? 0 })))),
  )
  const base = cases.filter(({ isBefore }) => isBefore).length / cases.length
  const brier = mean(scored.map(({ one, p }) => (p - Number(one.isBefore)) ** 2))
  const n = cases.length
  const figure = (
    what: string,
    value: number,
    unit: string,
    bar: string | null,
    holds: boolean | null,
  ): Figure => ({
    ...{ name: `${name}: ${what}`, value: Number(value.toFixed(3)), unit, n },
    ...(isJudged ? { bar, holds } : { bar: null, holds: null }),
  })
  const auc = aucOf(scored)
  const lead = medianLeadMs(scored, threshold) / 1_000
  const ece = eceOf(scored)
  return [
    figure('AUC', auc, '', '>= 0.88', auc >= 0.88),
    figure('AUC of the best single signal', single, '', null, null),
    figure('precision of alarms at half of the outages', precision, '', '>= 0.55', precision >= 0.55),
    figure('precision of seconds at that threshold', ofSeconds, '', null, null),
    figure('median lead', lead, 's', '>= 2', lead >= 2),
    figure('ECE', ece, '', '<= 0.03', ece <= 0.03),
    figure('Brier skill', 1 - brier / (base * (1 - base)), '', null, null),
    figure('share of seconds before an outage', base, '', null, null),
  ]
}

/** Probability that a second before an outage is rated above another one; ties count half. */
function aucOf(scored: readonly ScoredCase[]): number {
  const sorted = [...scored].sort((a, b) => a.p - b.p)
  let rankSum = 0
  for (let from = 0; from < sorted.length; ) {
    let to = from
    while (to < sorted.length && sorted[to]?.p === sorted[from]?.p) to += 1
    const rank = (from + 1 + to) / 2
    for (let at = from; at < to; at += 1) if (sorted[at]?.one.isBefore) rankSum += rank
    from = to
  }
  const hits = scored.filter(({ one }) => one.isBefore).length
  return (rankSum - (hits * (hits + 1)) / 2) / (hits * (scored.length - hits))
}

function eceOf(scored: readonly ScoredCase[]): number {
  let sum = 0
  for (let bin = 0; bin < BINS; bin += 1) {
    const inside = scored.filter(({ p }) => Math.min(BINS - 1, Math.floor(p * BINS)) === bin)
    if (inside.length === 0) continue
    const said = mean(inside.map(({ p }) => p))
    const was = mean(inside.map(({ one }) => Number(one.isBefore)))
    sum += Math.abs(said - was) * inside.length
  }
  return sum / scored.length
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
