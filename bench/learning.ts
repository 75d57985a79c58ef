/**
 * Suite `learning`: regret of the learner in simulated worlds of 8 strategies and 5 contexts. `alone` is one try
 * for each incident and nothing known before, as a bandit is measured; `in a call` goes on with another strategy
 * after a failure, within the same incident, as calls do. Families other than `mixed`, which the bars were set
 * for, are reported to show that nothing was tuned to it.
 */
import { NO_KNOWLEDGE, toPrior, withPrior } from '../src/recovery/knowledge.js'
import { CALL_POLICY } from '../src/recovery/selection.js'
import {
  drawQualities,
  drawWorld,
  FAMILIES,
  type Family,
  playTrial,
  type Trial,
  type TrialResult,
} from '../test/simulation/learning.js'
import { seededRandom } from '../test/simulation/random.js'
import type { Figure, RunSuite } from './figure.js'
import { atMost } from './support/statistics.js'

/** Worlds of each row of the family that the bars are for, and of the others. */
const WORLDS = 300
const OTHER_WORLDS = 80
const INCIDENTS = 200
const CHANGE_AT = 100
/** Everything: a call goes on until something works. */
const TRIES = 8
/** Width of the bins in which foretold chances are compared with what came. */
const BIN = 0.1

/** Measures all rows. */
export const run: RunSuite = async (progress) => learningFigures(progress)

/** The rows, for other suites too. */
export function learningFigures(progress: (line: string) => void = () => undefined): readonly Figure[] {
  const figures = [...barred('alone', 1), ...barred('in a call', TRIES), ...shipped()]
  progress('mixed done')
  for (const family of FAMILIES) {
    if (family === 'mixed') continue
    const stable = trials(family, OTHER_WORLDS, { triesMax: TRIES })
    const fixed = trials(family, OTHER_WORLDS, { learner: 'fixed' })
    figures.push(
      atMost(
        `in a call, ${family}: regret at 200`,
        regretAt(stable, INCIDENTS),
        'successes',
        null,
        OTHER_WORLDS,
      ),
      atMost(
        `in a call, ${family}: regret at 200, fixed priority`,
        regretAt(fixed, INCIDENTS),
        'successes',
        null,
        OTHER_WORLDS,
      ),
    )
    progress(`${family} done`)
  }
  return figures
}

function barred(name: string, triesMax: number): Figure[] {
  const stable = trials('mixed', WORLDS, { triesMax })
  const changed = trials('mixed', WORLDS, { triesMax, changesAt: CHANGE_AT }, 50_000)
  const fixed = trials('mixed', WORLDS, { learner: 'fixed' })
  const calling = trials('mixed', WORLDS, { triesMax, policy: CALL_POLICY }, 90_000)
  const row = (what: string, value: number, bar: number | null, unit = 'successes'): Figure =>
    atMost(`${name}: ${what}`, value, unit, bar, WORLDS)
  return [
    row('regret at 50', regretAt(stable, 50), 7),
    row('regret at 200', regretAt(stable, INCIDENTS), 20),
    row('regret at 200 with a change at 100', regretAt(changed, INCIDENTS), 26),
    row('regret at 200, fixed priority', regretAt(fixed, INCIDENTS), null),
    row('success at first try', firstTries(stable), null, 'share'),
    row('success at first try, fixed priority', firstTries(fixed), null, 'share'),
    row('calibration error of foretold success', calibration(stable), null, 'share'),
    row('regret at 200 with the policy of calls', regretAt(calling, INCIDENTS), null),
  ]
}

/** What an app ships was learned on other devices: strategies are as good there, contexts differ. */
function shipped(): Figure[] {
  const results = Array.from({ length: WORLDS }, (_, seed) => {
    const random = seededRandom(70_000 + seed).next
    const qualities = drawQualities('mixed', random)
    const elsewhere = playTrial({
      family: 'mixed',
      seed: 80_000 + seed,
      incidents: INCIDENTS,
      triesMax: TRIES,
      world: drawWorld('mixed', random, qualities),
    })
    return playTrial({
      family: 'mixed',
      seed: 60_000 + seed,
      incidents: 50,
      world: drawWorld('mixed', random, qualities),
      knowledge: withPrior(NO_KNOWLEDGE, toPrior(elsewhere.knowledge)),
    })
  })
  return [
    atMost(
      'alone, with a prior from another device: regret at 50',
      regretAt(results, 50),
      'successes',
      null,
      WORLDS,
    ),
  ]
}

function trials(family: Family, count: number, facts: Partial<Trial>, firstSeed = 0): readonly TrialResult[] {
  return Array.from({ length: count }, (_, index) =>
    playTrial({ family, seed: firstSeed + index, incidents: INCIDENTS, ...facts }),
  )
}

function regretAt(results: readonly TrialResult[], incident: number): number {
  return mean(results.map(({ regret }) => regret[incident - 1] ?? Number.NaN))
}

function firstTries(results: readonly TrialResult[]): number {
  return mean(results.flatMap(({ successes }) => successes.map(Number)))
}

/** Mean distance between foretold and observed success over bins, weighted by their size. */
function calibration(results: readonly TrialResult[]): number {
  const bins = new Map<number, { foretold: number; came: number; count: number }>()
  for (const [chance, isSuccess] of results.flatMap(({ predictions }) => predictions)) {
    const bin = bins.get(Math.floor(chance / BIN)) ?? { foretold: 0, came: 0, count: 0 }
    bins.set(Math.floor(chance / BIN), {
      foretold: bin.foretold + chance,
      came: bin.came + Number(isSuccess),
      count: bin.count + 1,
    })
  }
  const all = [...bins.values()]
  const total = all.reduce((sum, { count }) => sum + count, 0)
  return all.reduce((sum, { foretold, came }) => sum + Math.abs(foretold - came), 0) / total
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
