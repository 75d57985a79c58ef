/**
 * Strategies that work more or less well in five contexts, and somebody who has to choose one of eight at each
 * incident. Regret is what the best choice would have succeeded more often, summed over the incidents. Several
 * families of worlds, because what is tuned to one of them has learned nothing.
 */
import { estimate, type Knowledge, learn, NO_KNOWLEDGE } from '../../src/recovery/knowledge.js'
import { choose, type SelectionPolicy } from '../../src/recovery/selection.js'
import { seededRandom } from './random.js'

const STRATEGIES = 8
const CONTEXTS = 5
/** Nothing always works or never. */
const CHANCE_MIN = 0.02
const CHANCE_MAX = 0.97

/** Chances of success by context and strategy. */
export type World = readonly (readonly number[])[]
/** Families by name; `mixed` is the one that the bars are for. */
export type Family = 'mixed' | 'strategy' | 'context' | 'easy' | 'hard'
export const FAMILIES: readonly Family[] = ['mixed', 'strategy', 'context', 'easy', 'hard']

/** How much of a chance is the strategy's own, and the Beta distributions of both parts. */
const SHAPES: Readonly<
  Record<Family, { share: number; strategy: readonly [number, number]; cell: readonly [number, number] }>
> = {
  mixed: { share: 0.5, strategy: [2, 2], cell: [1.2, 1.6] },
  strategy: { share: 0.85, strategy: [2, 2], cell: [1.2, 1.6] },
  context: { share: 0, strategy: [1, 1], cell: [1, 1.5] },
  easy: { share: 0.7, strategy: [3, 1.2], cell: [2, 1] },
  hard: { share: 0.5, strategy: [1, 5], cell: [0.5, 2] },
}

/** One run of incidents. */
export interface Trial {
  readonly family: Family
  readonly seed: number
  readonly incidents: number
  /** All chances are drawn anew at this incident. */
  readonly changesAt?: number
  /** After a failure another strategy is tried within the same incident, as a call does; at most this many tries. */
  readonly triesMax?: number
  /** `fixed`: always the first strategy. */
  readonly learner?: 'learning' | 'fixed'
  readonly policy?: SelectionPolicy
  /** What is known before. */
  readonly knowledge?: Knowledge
  /** The strategies' own qualities are those of this world. */
  readonly world?: World
}

/** What came out of a trial. */
export interface TrialResult {
  /** Regret of first choices up to and including each incident. */
  readonly regret: readonly number[]
  /** Whether the first choice succeeded, by incident. */
  readonly successes: readonly boolean[]
  /** Foretold chance of each first choice and what came of it. */
  readonly predictions: readonly (readonly [chance: number, isSuccess: boolean])[]
  readonly propensities: readonly number[]
  readonly knowledge: Knowledge
}

/** In the simulator nothing is known of any order, so every choice is free. */
const FREE: SelectionPolicy = { confidenceMin: 0, explorationRate: 0 }
const ASSUMED = { successMs: 1000, failureMs: 1000 } as const
const NAMES = Array.from({ length: STRATEGIES }, (_, index) => `s${index}`)

/** Plays one trial. */
export function playTrial(trial: Trial): TrialResult {
  const random = spread(trial.seed, 2654435761)
  const chances = spread(trial.seed, 2246822519)
  let world = trial.world ?? drawWorld(trial.family, random)
  let knowledge = trial.knowledge ?? NO_KNOWLEDGE
  const result = { regret: [] as number[], successes: [] as boolean[], propensities: [] as number[] }
  const predictions: (readonly [number, boolean])[] = []
  let regret = 0
  for (let incident = 0; incident < trial.incidents; incident += 1) {
    if (incident === trial.changesAt) world = drawWorld(trial.family, random)
    const index = Math.floor(random() * CONTEXTS)
    const row = world[index] ?? []
    const context = `c${index}`
    let left = NAMES
    for (let tries = 0; tries < (trial.triesMax ?? 1); tries += 1) {
      const choice = pick(trial, knowledge, context, left, chances())
      const chance = row[NAMES.indexOf(choice.strategy)] ?? 0
      const isSuccess = random() < chance
      const key = { signature: 'any', context, strategy: choice.strategy }
      if (tries === 0) {
        regret += Math.max(...row) - chance
        result.successes.push(isSuccess)
        result.propensities.push(choice.propensity)
        predictions.push([estimate(knowledge, key, ASSUMED).success, isSuccess])
      }
      if (trial.learner !== 'fixed') knowledge = learn(knowledge, { ...key, isSuccess, costMs: 1000 }, ASSUMED)
      if (isSuccess) break
      left = left.filter((name) => name !== choice.strategy)
    }
    result.regret.push(regret)
  }
  return { ...result, predictions, knowledge }
}

function pick(
  trial: Trial,
  knowledge: Knowledge,
  context: string,
  names: readonly string[],
  random: number,
): { readonly strategy: string; readonly propensity: number } {
  if (trial.learner === 'fixed') return { strategy: names[0] ?? '', propensity: 1 }
  const options = names.map((strategy) => ({ strategy, ...ASSUMED }))
  const question = { signature: 'any', context, options, nextMs: 1000, isCritical: false }
  return choose(knowledge, question, trial.policy ?? FREE, random)
}

/** A world of a family; `own` keeps the strategies' own qualities and draws only what is particular to contexts. */
export function drawWorld(family: Family, random: () => number, own = drawQualities(family, random)): World {
  const { share, cell } = SHAPES[family]
  return Array.from({ length: CONTEXTS }, () =>
    own.map((quality) =>
      Math.min(CHANCE_MAX, Math.max(CHANCE_MIN, share * quality + (1 - share) * beta(random, ...cell))),
    ),
  )
}

/** Qualities of strategies, whatever the context. */
export function drawQualities(family: Family, random: () => number): readonly number[] {
  return NAMES.map(() => beta(random, ...SHAPES[family].strategy))
}

/** Neighbouring seeds give unrelated numbers. */
function spread(seed: number, factor: number): () => number {
  return seededRandom(Math.imul(seed, factor)).next
}

function beta(random: () => number, a: number, b: number): number {
  const one = gamma(random, a)
  return one / (one + gamma(random, b))
}

/** Marsaglia and Tsang, 2000. */
function gamma(random: () => number, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v
  }
}
