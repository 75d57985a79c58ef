/**
 * From runs of suite `recovery` to its rows. Good is only what people would call so: media back, or told where a page
 * could do nothing. Runs that show no effect are no evidence, so they leave the share and may be few.
 */
import { FAULT_KINDS } from '../../src/testing/faults.js'
import type { Figure } from '../figure.js'
import { LIMIT_MS } from './recovery-cases.js'
import { CARRIERS } from './recovery-lane.js'
import { isGood, type Run } from './recovery-run.js'
import { atLeast, atMost, median, quantile } from './statistics.js'

/** The issue asks for as many. */
const RUNS_MIN = 300
/** Of all runs; with more the suite would measure how badly faults are caused. */
const NO_EFFECT_MAX_PERCENT = 3

/** What could not be run, besides the runs. */
export interface Misses {
  /** Faults that a page could not be made to have. */
  readonly notCaused: number
  /** Runs that broke off, or never found a call that was well. */
  readonly notRun: number
}

/** The rows that come from faults one by one. */
export function recoveryFigures(runs: readonly Run[], { notCaused, notRun }: Misses): readonly Figure[] {
  const felt = runs.filter(({ outcome }) => outcome !== 'no effect')
  const tried = runs.length + notCaused + notRun
  const idlePercent = ((tried - felt.length) / tried) * 100
  const isEvidence = idlePercent <= NO_EFFECT_MAX_PERCENT && felt.length >= RUNS_MIN
  const share = atLeast('faults recovered by frames or told rightly', shareOf(felt), '%', 98, felt.length)
  const took = felt.flatMap(sameProviderMs)
  const decisions = runs.reduce((sum, run) => sum + run.decisions, 0)
  const explained = runs.reduce((sum, run) => sum + run.explained, 0)
  const wrong = runs.filter(({ isWrong }) => isWrong).length
  return [
    { ...share, bar: `>= 98 of >= ${RUNS_MIN} runs`, holds: share.holds === true && isEvidence },
    atMost('faults without effect, not caused or not run', idlePercent, '%', NO_EFFECT_MAX_PERCENT, tried),
    atMost('same-provider repair p50', median(took), 'ms', 1_000, took.length),
    atMost('same-provider repair p95', quantile(took, 0.95), 'ms', 3_000, took.length),
    atMost('wrong actions', wrong, 'runs', 0, runs.length),
    atLeast('explanations complete', (explained / Math.max(1, decisions)) * 100, '%', 100, decisions),
    ...outcomes(runs),
    ...FAULT_KINDS.flatMap((kind) => rowsOf(kind, felt)),
  ]
}

/** The same for people: one line for each type and carrier, and each way in which runs failed. */
export function tableOf(runs: readonly Run[]): readonly string[] {
  const head = `${'type on carrier'.padEnd(32)}${'n'.padStart(4)}${'good'.padStart(6)}${'told'.padStart(6)}${'repaired p50 / p95'.padStart(22)}${'after its end p50 / p95'.padStart(26)}  not good`
  const lines = FAULT_KINDS.flatMap((kind) =>
    CARRIERS.flatMap((carrier) => {
      const own = of(runs, kind, carrier)
      if (own.length === 0) return []
      const told = own.filter(({ outcome }) => outcome === 'told').length
      const bad = own.filter((run) => !isGood(run)).map(({ outcome }) => outcome)
      return `${`${kind} on ${carrier}`.padEnd(32)}${String(own.length).padStart(4)}${String(own.filter(isGood).length).padStart(6)}${String(told).padStart(6)}${pair(own.flatMap(seenMs)).padStart(22)}${pair(own.flatMap(({ afterMs }) => afterMs ?? [])).padStart(26)}  ${bad.join(', ')}`
    }),
  )
  const reasons = new Map(
    runs.flatMap(({ fault }) => (fault.unrepairable ? [[fault.name, fault.unrepairable] as const] : [])),
  )
  return [head, ...lines, ...[...reasons].map(([name, why]) => `told is enough for: ${name}, because ${why}`)]
}

/**
 * Every run that needed a repair of one person's own, the failed ones with the limit: from the fault; where the path was
 * lost with the network, from its return. What went by itself, or by a person, is no repair. A repair before anybody
 * could see the trouble has no end in the pictures, so it counts until the page has proved it, which is later.
 */
function sameProviderMs({ fault, outcome, tookMs, afterMs, repairedMs }: Run): readonly number[] {
  const isNeeded = fault.whose === 'one' && fault.unrepairable === null
  if (!isNeeded || (fault.ends === 'itself' && !fault.isPathLost)) return []
  if (outcome === 'endured') return fault.ends === 'itself' || repairedMs === null ? [] : [repairedMs]
  if (outcome === 'repaired') return [tookMs ?? LIMIT_MS]
  return [outcome === 'recovered' ? (afterMs ?? LIMIT_MS) : LIMIT_MS]
}

function seenMs({ outcome, tookMs }: Run): readonly number[] {
  return outcome === 'repaired' && tookMs !== null ? [tookMs] : []
}

function shareOf(runs: readonly Run[]): number {
  return (runs.filter(isGood).length / Math.max(1, runs.length)) * 100
}

function of(runs: readonly Run[], kind: string, carrier: string): readonly Run[] {
  return runs.filter((run) => run.fault.kind === kind && run.carrier === carrier)
}

function outcomes(runs: readonly Run[]): readonly Figure[] {
  const all = ['repaired', 'recovered', 'endured', 'told', 'only told', 'lost', 'no effect']
  return all.map((name) =>
    atMost(
      `runs that ended as ${name}`,
      runs.filter(({ outcome }) => outcome === name).length,
      'runs',
      null,
      runs.length,
    ),
  )
}

/** For each type and carrier: how often it went well, and how long it took. */
function rowsOf(kind: string, felt: readonly Run[]): readonly Figure[] {
  return CARRIERS.flatMap((carrier) => {
    const own = of(felt, kind, carrier)
    if (own.length === 0) return []
    const told = own.filter(({ outcome }) => outcome === 'told').length
    const [repaired, after] = [own.flatMap(seenMs), own.flatMap(({ afterMs }) => afterMs ?? [])]
    const name = `${kind} on ${carrier}`
    return [
      atLeast(`${name}: good (${told} of them told)`, shareOf(own), '%', null, own.length),
      ...quantiles(`${name}: repaired`, repaired),
      ...quantiles(`${name}: well after the end of its cause`, after),
    ]
  })
}

function quantiles(name: string, values: readonly number[]): readonly Figure[] {
  if (values.length === 0) return []
  return [
    atMost(`${name}, p50`, median(values), 'ms', null, values.length),
    atMost(`${name}, p95`, quantile(values, 0.95), 'ms', null, values.length),
  ]
}

function pair(values: readonly number[]): string {
  if (values.length === 0) return '-'
  return `${median(values).toFixed(0)} / ${quantile(values, 0.95).toFixed(0)} ms`
}
