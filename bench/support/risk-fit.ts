/**
 * Fits the risk model: logistic regression with terms that bend, by Newton's method with a ridge. Deterministic: the same
 * cases give the same coefficients to the last digit that is written.
 */
import { RISK_SIGNALS } from '../../src/health/risk-features.js'
import { probabilityOf, type RiskCoefficients, riskLogit } from '../../src/health/risk-model.js'
import type { RiskCase } from './risk-data.js'

/** Where terms may bend: quantiles of a signal where it is not calm. */
const KNOTS = [0.5, 0.85] as const
const RIDGE = 1
const ROUNDS = 12
/** A standby may be warmed up for nothing about as often as for something; a switch may not. */
const HIGH_RECALL = 0.6
const CRITICAL_PRECISION = 0.8
/** Alarms that are this close are one, for the person who is told. */
const ONE_ALARM_MS = 5_000
/** Digits that are written: more would say more than the data. */
const DIGITS = 5

/** Coefficients from the cases that are not held out. */
export function fitRisk(cases: readonly RiskCase[], data: readonly string[]): RiskCoefficients {
  const own = cases.filter(({ isHeldOut }) => !isHeldOut)
  const knots = RISK_SIGNALS.map((_, index) => knotsOf(own, index))
  const rows = own.map(({ features }) => expand(features, knots))
  const slopes = rising(
    rows,
    own.map(({ isBefore }) => Number(isBefore)),
  )
  const terms = knots.map((bends, index) => {
    const own = slopes.slice(1 + index * (KNOTS.length + 1), 1 + (index + 1) * (KNOTS.length + 1))
    return {
      weight: rounded(own[0]),
      bends: bends.map((knot, at) => [rounded(knot), rounded((own[at + 1] ?? 0) - (own[at] ?? 0))] as const),
    }
  })
  const unfinished = { data, bias: rounded(slopes[0]), terms, levels: [0, 0, 0] as const, leadMs: 0 }
  const scored = own.map((one) => ({ one, p: probabilityOf(riskLogit(one.features, unfinished).logit) }))
  const high = rounded(thresholdAtRecall(scored, HIGH_RECALL))
  const critical = rounded(thresholdAtPrecision(scored, CRITICAL_PRECISION, high))
  const leadMs = medianLeadMs(scored, high)
  return { ...unfinished, levels: [rounded(high / 2), high, critical], leadMs }
}

/** A case with its probability. */
export interface ScoredCase {
  readonly one: RiskCase
  readonly p: number
}

/** The largest threshold that foretells this share of the outages. */
export function thresholdAtRecall(scored: readonly ScoredCase[], recall: number): number {
  const best = new Map<string, number>()
  for (const { one, p } of scored)
    if (one.isBefore) best.set(outageOf(one), Math.max(best.get(outageOf(one)) ?? 0, p))
  const hits = [...best.values()].sort((a, b) => b - a)
  return hits[Math.ceil(recall * hits.length) - 1] ?? 1
}

/** Share of the alarms that an outage followed; seconds above the threshold in a row are one alarm. */
export function alarmPrecision(scored: readonly ScoredCase[], threshold: number): number {
  const alarms: { session: string; lastMs: number; isRight: boolean }[] = []
  for (const { one, p } of scored) {
    if (p < threshold) continue
    const last = alarms.at(-1)
    if (last && last.session === one.session && one.atMs - last.lastMs <= ONE_ALARM_MS) {
      last.lastMs = one.atMs
      last.isRight ||= one.isBefore
    } else alarms.push({ session: one.session, lastMs: one.atMs, isRight: one.isBefore })
  }
  return alarms.filter(({ isRight }) => isRight).length / alarms.length
}

/** Which outage a second is before. */
function outageOf(one: RiskCase): string {
  return `${one.session.replace(/ \d+$/, '')} ${one.atMs + one.untilOutageMs}`
}

/** How long before an outage the risk was first at the threshold, of the outages that it foretold. */
export function medianLeadMs(scored: readonly ScoredCase[], threshold: number): number {
  const firstMs = new Map<string, number>()
  for (const { one, p } of scored) {
    if (!one.isBefore || p < threshold) continue
    const outage = outageOf(one)
    firstMs.set(outage, Math.max(firstMs.get(outage) ?? 0, one.untilOutageMs))
  }
  const leads = [...firstMs.values()].sort((a, b) => a - b)
  return leads[Math.floor(leads.length / 2)] ?? 0
}

function thresholdAtPrecision(scored: readonly ScoredCase[], precision: number, atLeast: number): number {
  const sorted = [...scored].sort((a, b) => b.p - a.p)
  let hits = 0
  let lowest = sorted[Math.floor(sorted.length / 100)]?.p ?? 1
  sorted.forEach(({ one, p }, index) => {
    hits += Number(one.isBefore)
    if (hits / (index + 1) >= precision && index > 50) lowest = Math.min(lowest, p)
  })
  return Math.max(lowest, atLeast)
}

function knotsOf(cases: readonly RiskCase[], index: number): readonly number[] {
  const values = cases.map(({ features }) => features[index] ?? 0).filter((value) => value > 0)
  values.sort((a, b) => a - b)
  return KNOTS.map((quantile) => values[Math.floor(quantile * values.length)] ?? 0)
}

/** One column for each stretch between knots: how far the signal reaches into it. */
function expand(features: readonly number[], knots: readonly (readonly number[])[]): number[] {
  const row = [1]
  knots.forEach((bends, index) => {
    const value = features[index] ?? 0
    const edges = [0, ...bends, Number.POSITIVE_INFINITY]
    for (let at = 0; at + 1 < edges.length; at += 1) {
      const from = edges[at] ?? 0
      row.push(Math.max(0, Math.min(value, edges[at + 1] ?? 0) - from))
    }
  })
  return row
}

/**
 * Beyond its last knot more of a signal never lowers a risk: a slope that comes out negative there is taken out, the
 * worst one first, and the others are fitted again. Where the data are thin an unbound fit turns downwards, and
 * calls the worst second a safe one.
 */
function rising(rows: readonly number[][], targets: readonly number[]): number[] {
  let columns = (rows[0] ?? []).map((_, at) => at)
  for (;;) {
    const narrow = rows.map((row) => columns.map((at) => row[at] ?? 0))
    const slopes = newton(narrow, targets)
    const lasts = columns.flatMap((at, index) =>
      at > 0 && at % (KNOTS.length + 1) === 0 ? [{ at, slope: slopes[index] ?? 0 }] : [],
    )
    const worst = lasts.sort((one, other) => one.slope - other.slope)[0]
    if (worst === undefined || worst.slope >= 0) {
      const all = new Array<number>(rows[0]?.length ?? 0).fill(0)
      columns.forEach((at, index) => {
        all[at] = slopes[index] ?? 0
      })
      return all
    }
    columns = columns.filter((at) => at !== worst.at)
  }
}

function newton(rows: readonly number[][], targets: readonly number[]): number[] {
  const size = rows[0]?.length ?? 0
  let weights = new Array<number>(size).fill(0)
  for (let round = 0; round < ROUNDS; round += 1) {
    const slope = weights.map((weight, at) => (at === 0 ? 0 : -RIDGE * weight))
    const curve = weights.map((_, at) => weights.map((_other, to) => (at === to && at > 0 ? RIDGE : 1e-9)))
    rows.forEach((row, index) => {
      const p = probabilityOf(row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0))
      const error = (targets[index] ?? 0) - p
      const bend = p * (1 - p)
      row.forEach((value, at) => {
        if (value === 0) return
        slope[at] = (slope[at] ?? 0) + value * error
        const line = curve[at] as number[]
        row.forEach((other, to) => {
          line[to] = (line[to] ?? 0) + bend * value * other
        })
      })
    })
    const step = solve(curve, slope)
    weights = weights.map((weight, at) => weight + (step[at] ?? 0))
  }
  return weights
}

/** Gauss with the largest pivot. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, at) => [...line, right[at] ?? 0])
  rows.forEach((_, column) => {
    let best = column
    for (let at = column; at < rows.length; at += 1)
      if (Math.abs(rows[at]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = at
    const swap = rows[column] as number[]
    rows[column] = rows[best] as number[]
    rows[best] = swap
    const pivot = rows[column] as number[]
    rows.forEach((line, at) => {
      if (at === column) return
      const factor = (line[column] ?? 0) / (pivot[column] || 1e-12)
      if (factor !== 0)
        for (let to = column; to < line.length; to += 1) line[to] = (line[to] ?? 0) - factor * (pivot[to] ?? 0)
    })
  })
  return rows.map((line, at) => (line.at(-1) ?? 0) / (line[at] || 1e-12))
}

function rounded(value: number | undefined): number {
  return Number((value ?? 0).toPrecision(DIGITS))
}
