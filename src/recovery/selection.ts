/**
 * Chooses among strategies by what they are expected to cost: the chance of success, what success takes, what
 * a failure wastes. Knowing nothing it is the fixed priority. Exploration is rare, never in an emergency and
 * never among what is expected to cost much more. Randomness comes in; every choice says how likely it was,
 * so that other policies can be judged by the log. Pure.
 */
import { type Assumed, type Estimate, estimate, type Knowledge } from './knowledge.js'
import { hashOfKey, patternId } from './pattern.js'

/** One strategy that could be run. */
export interface Option extends Assumed {
  readonly strategy: string
}

/** What has to be chosen. */
export interface Question {
  readonly signature: string
  readonly context: string
  /** In fixed priority, the first one is run when nothing better is known; at least one. */
  readonly options: readonly Option[]
  /** Cost of what comes after a failure, in milliseconds without media. */
  readonly nextMs: number
  /** No experiments: everybody is waiting. */
  readonly isCritical: boolean
}

/** How to choose. */
export interface SelectionPolicy {
  /** How sure it must be that something is better than the fixed priority, 0 to 1. */
  readonly confidenceMin: number
  /** Share of choices that try something else, 0 to 1. */
  readonly explorationRate: number
}

/** An option with what is expected of it. */
export interface RankedOption extends Estimate {
  readonly strategy: string
  /** Milliseconds without media, on average, whatever follows a failure included. */
  readonly costMs: number
}

/** What was chosen and why. */
export interface Choice {
  readonly strategy: string
  /** `fixed`: the first option, because nothing better is known or not surely enough. */
  readonly by: 'fixed' | 'learned' | 'explored'
  /** Chance that this policy chooses this strategy in this situation. */
  readonly propensity: number
  /** How sure it is that the best known option is cheaper than the fixed one; 1 where they are the same. */
  readonly confidence: number
  /** All options, the one expected to be cheapest first. */
  readonly ranking: readonly RankedOption[]
}

/** For calls: surer than four in five, and one choice in twenty-five is an experiment. */
export const CALL_POLICY: SelectionPolicy = { confidenceMin: 0.8, explorationRate: 0.04 }
/** What is unsure is given this many deviations of credit: it is found out early whether it is better. */
const OPTIMISM = 0.4
/** An experiment may be expected to cost a quarter more than the best option, not worse. */
const RISK_MAX = 1.25
/** A logistic curve with this slope is the normal distribution within one percent. */
const NORMAL_SLOPE = 1.702

/** Chooses; `random` is uniform in [0, 1). */
export function choose(
  knowledge: Knowledge,
  question: Question,
  policy: SelectionPolicy,
  random: number,
): Choice {
  const [fixed, ...others] = question.options.map((option) => rank(knowledge, question, option))
  if (fixed === undefined) throw new RangeError('a choice needs at least one option')
  const all = [fixed, ...others]
  const ranking = [...all].sort((one, other) => one.costMs - other.costMs)
  const isUnknown = all.every(
    ({ weight, strategy }) => weight === 0 && !hasPrior(knowledge, question, strategy),
  )
  if (isUnknown) return { strategy: fixed.strategy, by: 'fixed', propensity: 1, confidence: 1, ranking }
  const best = least(all, (option) => hopedMs(question, option))
  const confidence = best === fixed ? 1 : confidenceOf(question, best, fixed)
  const isSure = confidence >= policy.confidenceMin
  const favourite = isSure ? best : fixed
  const experiments = experimentsOf(question, all, favourite)
  const rate = experiments.length === 0 ? 0 : policy.explorationRate
  if (random < rate) {
    const tried = experiments[Math.floor((random / rate) * experiments.length)] ?? favourite
    return {
      strategy: tried.strategy,
      by: 'explored',
      propensity: rate / experiments.length,
      confidence,
      ranking,
    }
  }
  const by = favourite === fixed && (best !== fixed || ranking[0] !== fixed) ? 'fixed' : 'learned'
  return { strategy: favourite.strategy, by, propensity: 1 - rate, confidence, ranking }
}

/** What an option is expected to cost with a given chance of success. */
export function costOf(
  { nextMs }: Pick<Question, 'nextMs'>,
  option: Pick<Estimate, 'successMs' | 'failureMs'>,
  success: number,
): number {
  return success * option.successMs + (1 - success) * (option.failureMs + nextMs)
}

function rank(knowledge: Knowledge, question: Question, option: Option): RankedOption {
  const { signature, context } = question
  const { strategy } = option
  const expected = estimate(knowledge, { signature, context, strategy }, option)
  return { strategy, ...expected, costMs: costOf(question, expected, expected.success) }
}

function hasPrior(knowledge: Knowledge, { signature, context }: Question, strategy: string): boolean {
  const key = { signature, context, strategy }
  return knowledge.prior.has(patternId(key)) || knowledge.pooled.has(hashOfKey(key))
}

function hopedMs(question: Question, option: RankedOption): number {
  return costOf(question, option, Math.min(1, option.success + OPTIMISM * option.deviation))
}

function least(options: readonly RankedOption[], costMs: (option: RankedOption) => number): RankedOption {
  return options.reduce((best, option) => (costMs(option) < costMs(best) ? option : best))
}

/** The chance that `one` is cheaper than `other`, both taken as normal. */
function confidenceOf(question: Question, one: RankedOption, other: RankedOption): number {
  const deviationMs = (option: RankedOption): number =>
    option.deviation * Math.abs(option.failureMs + question.nextMs - option.successMs)
  const spreadMs = Math.hypot(deviationMs(one), deviationMs(other))
  if (spreadMs === 0) return one.costMs <= other.costMs ? 1 : 0
  return 1 / (1 + Math.exp((-NORMAL_SLOPE * (other.costMs - one.costMs)) / spreadMs))
}

function experimentsOf(
  question: Question,
  all: readonly RankedOption[],
  favourite: RankedOption,
): readonly RankedOption[] {
  if (question.isCritical) return []
  const limitMs = RISK_MAX * least(all, ({ costMs }) => costMs).costMs
  return all.filter((option) => option !== favourite && option.costMs <= limitMs)
}
