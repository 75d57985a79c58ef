/** From runs of suite `recovery` to its rows. */
import { FAULT_KINDS } from '../../src/testing/faults.js'
import type { Figure } from '../figure.js'
import { CARRIERS } from './recovery-lane.js'
import type { Run } from './recovery-run.js'
import { atLeast, atMost, median, quantile } from './statistics.js'

/** The rows that come from faults one by one. */
export function recoveryFigures(runs: readonly Run[]): readonly Figure[] {
  const felt = runs.filter(({ outcome }) => outcome !== 'unaffected')
  const good = felt.filter(({ outcome }) => outcome !== 'lost')
  const repaired = felt.filter(
    (run) => run.isRepaired && run.fault.whose === 'one' && run.fault.ends === 'repair' && run.tookMs !== null,
  )
  const took = repaired.map(({ tookMs }) => tookMs ?? 0)
  const decisions = runs.reduce((sum, run) => sum + run.decisions, 0)
  const explained = runs.reduce((sum, run) => sum + run.explained, 0)
  const count = (test: (run: Run) => boolean): number => runs.filter(test).length
  return [
    atLeast(
      'faults recovered by frames or told rightly',
      (good.length / felt.length) * 100,
      '%',
      98,
      felt.length,
    ),
    atMost('same-provider repair p50', median(took), 'ms', 1_000, took.length),
    atMost('same-provider repair p95', quantile(took, 0.95), 'ms', 3_000, took.length),
    atMost(
      'wrong actions',
      count((run) => run.isWrong),
      'runs',
      0,
      runs.length,
    ),
    atMost(
      'silent half recoveries in Chromium',
      count((run) => run.isSilent),
      'runs',
      0,
      runs.length,
    ),
    atLeast('explanations complete', (explained / Math.max(1, decisions)) * 100, '%', 100, decisions),
    atMost('faults that nobody could notice', runs.length - felt.length, 'runs', null, runs.length),
    ...FAULT_KINDS.flatMap((kind) => tableOf(kind, felt)),
  ]
}

/** For each type and carrier: how often it went well, and how long it took. */
function tableOf(kind: string, felt: readonly Run[]): readonly Figure[] {
  return CARRIERS.flatMap((carrier) => {
    const own = felt.filter((run) => run.fault.kind === kind && run.carrier === carrier)
    if (own.length === 0) return []
    const good = own.filter(({ outcome }) => outcome !== 'lost')
    const told = own.filter(({ outcome }) => outcome === 'told').length
    const took = own.flatMap(({ tookMs }) => (tookMs === null ? [] : [tookMs]))
    const name = `${kind} on ${carrier}`
    return [
      atLeast(
        `${name}: recovered or told (${told} told)`,
        (good.length / own.length) * 100,
        '%',
        null,
        own.length,
      ),
      atMost(`${name}: media back p50`, median(took), 'ms', null, took.length),
      atMost(`${name}: media back p95`, quantile(took, 0.95), 'ms', null, took.length),
    ]
  })
}
