/**
 * All that was learned, and what follows from it for one strategy in one situation. What is known of the
 * strategy everywhere is the prior of what is known of it here (hierarchical shrinkage), so that a context
 * seen twice already knows something. Pure; a state is never changed.
 */
import { SIMILAR_ABOVE, similarity } from './context.js'
import {
  addOutcome,
  type Counts,
  capped,
  faded,
  hashOfKey,
  NO_COUNTS,
  type Outcome,
  type Pattern,
  type PatternKey,
  patternId,
  scaled,
  sum,
  weightOf,
} from './pattern.js'

/** Everything that was learned. */
export interface Knowledge {
  /** Attempts counted so far. */
  readonly episode: number
  /** How far the long memory is believed, 0 to 1; the rest goes to the short one. */
  readonly longTrust: number
  /** By `familyOf`, then by context. */
  readonly patterns: ReadonlyMap<string, ReadonlyMap<string, Pattern>>
  /** What the app shipped, by `patternId`; each weighs at most {@link PRIOR_WEIGHT_MAX} attempts. */
  readonly prior: ReadonlyMap<string, Counts>
  /** What the other participants report, by `hashOfKey`; bounded where it is used. */
  readonly pooled: ReadonlyMap<string, Counts>
}

/** What is assumed of a strategy that nobody has tried. */
export interface Assumed {
  /** Chance of success; default 0.5. */
  readonly success?: number
  readonly successMs: number
  readonly failureMs: number
}

/** What is expected of one strategy in one situation. */
export interface Estimate {
  /** Chance of success. */
  readonly success: number
  /** How unsure that is, one standard deviation. */
  readonly deviation: number
  readonly successMs: number
  readonly failureMs: number
  /** Attempts of one's own behind it in this signature, faded; 0 means nothing is known. */
  readonly weight: number
}

/** A shipped prior is as good as this many attempts in each cell and is outweighed by experience from there on. */
export const PRIOR_WEIGHT_MAX = 8
/** What others report of a cell counts at most this part of one's own attempts there ... */
const POOL_SHARE = 0.5
/** ... or, before there are any, as one attempt: enough to break a tie, too little to mislead for long. */
const POOL_WEIGHT_MIN = 1
/** What is learned in a context that is nearly the same counts half at most. */
const SIMILAR_SHARE = 0.5
/** Spread of strategies among each other, and of one strategy among contexts: half a chance apart is rare. */
const STRATEGY_VARIANCE = 0.15 ** 2
const CONTEXT_VARIANCE = 0.15 ** 2
/** Variance of one success or failure around a chance that is unknown, p (1 - p) averaged. */
const OUTCOME_VARIANCE = 0.18
/** Attempts' worth of an assumed duration. */
const ASSUMED_DURATION_WEIGHT = 2
/** Where trust begins, and what flows back with every attempt: a memory that was wrong once may be right again. */
const LONG_TRUST = 0.9
const TRUST_SHARED = 0.01
/** Contexts remembered for each strategy: four providers on four networks, twice. */
const CONTEXTS_MAX = 32
/** No prediction is so sure that one surprise should end all trust in a memory. */
const CHANCE_MIN = 0.03

/** Knows nothing. */
export const NO_KNOWLEDGE: Knowledge = {
  episode: 0,
  longTrust: LONG_TRUST,
  patterns: new Map(),
  prior: new Map(),
  pooled: new Map(),
}

/** The knowledge after one more attempt. */
export function learn(before: Knowledge, outcome: Outcome, assumed: Assumed): Knowledge {
  const episode = before.episode + 1
  const pattern = addOutcome(patternOf(before, outcome), outcome, episode)
  const longTrust = trustAfter(before, outcome, assumed)
  return { ...withPattern(before, pattern), episode, longTrust }
}

/** The knowledge with this pattern in place of what it knew there; of too many contexts the oldest goes. */
export function withPattern(before: Knowledge, pattern: Pattern): Knowledge {
  const id = familyOf(pattern)
  const family = new Map(before.patterns.get(id)).set(pattern.context, pattern)
  if (family.size > CONTEXTS_MAX) family.delete(oldestOf(family))
  return {
    ...before,
    episode: Math.max(before.episode, pattern.episode),
    patterns: new Map(before.patterns).set(id, family),
  }
}

/** What is known of exactly this situation; null when nothing is. */
export function patternOf(knowledge: Knowledge, key: PatternKey): Pattern | null {
  return knowledge.patterns.get(familyOf(key))?.get(key.context) ?? null
}

/** What is expected of a strategy here; `assumed` stands for what nobody has tried. */
export function estimate(knowledge: Knowledge, key: PatternKey, assumed: Assumed): Estimate {
  const { long, short } = estimates(knowledge, key, assumed)
  const mix = (of: (one: Estimate) => number): number =>
    knowledge.longTrust * of(long) + (1 - knowledge.longTrust) * of(short)
  return {
    success: mix(({ success }) => success),
    deviation: Math.sqrt(mix(({ deviation }) => deviation ** 2)),
    successMs: mix(({ successMs }) => successMs),
    failureMs: mix(({ failureMs }) => failureMs),
    weight: long.weight,
  }
}

/** The knowledge with a shipped prior in place of an earlier one. */
export function withPrior(before: Knowledge, prior: readonly (PatternKey & Counts)[]): Knowledge {
  const counts = prior.map(
    ({ successes, failures, successMs, failureMs, ...key }) =>
      [patternId(key), { successes, failures, successMs, failureMs }] as const,
  )
  return { ...before, prior: new Map(counts) }
}

/** What an app may ship as a prior: the long memory, with what each count weighs now. */
export function toPrior(knowledge: Knowledge): readonly (PatternKey & Counts)[] {
  return allPatterns(knowledge).map((pattern) => {
    const { signature, context, strategy } = pattern
    return { signature, context, strategy, ...faded(pattern, knowledge.episode).long }
  })
}

/** Everything known, as a list. */
export function allPatterns({ patterns }: Knowledge): readonly Pattern[] {
  return [...patterns.values()].flatMap((family) => [...family.values()])
}

interface Cells {
  /** What counts as seen here, contexts nearly the same included. */
  here: Counts
  /** Cells of the same strategy under other circumstances. */
  readonly elsewhere: Counts[]
}

/** What both memories expect. */
function estimates(
  knowledge: Knowledge,
  key: PatternKey,
  assumed: Assumed,
): { readonly long: Estimate; readonly short: Estimate } {
  const long: Cells = { here: NO_COUNTS, elsewhere: [] }
  const short: Cells = { here: NO_COUNTS, elsewhere: [] }
  let weight = 0
  let ownWeight = 0
  for (const pattern of knowledge.patterns.get(familyOf(key))?.values() ?? []) {
    const counts = faded(pattern, knowledge.episode)
    weight += weightOf(counts.long)
    const likeness = similarity(pattern.context, key.context)
    if (likeness === 1) ownWeight = weightOf(counts.long)
    addCell(long, counts.long, likeness)
    addCell(short, counts.short, likeness)
  }
  const hints = hintsOf(knowledge, key, ownWeight)
  const of = (cells: Cells): Estimate => estimateOf({ ...cells, here: sum(cells.here, hints) }, assumed, weight)
  return { long: of(long), short: of(short) }
}

function addCell(cells: Cells, counts: Counts, likeness: number): void {
  if (likeness === 1) cells.here = sum(cells.here, counts)
  else if (likeness > SIMILAR_ABOVE) cells.here = sum(cells.here, scaled(counts, SIMILAR_SHARE * likeness))
  else cells.elsewhere.push(counts)
}

/** What was shipped and what others report, each within its bound. */
function hintsOf({ prior, pooled }: Knowledge, key: PatternKey, ownWeight: number): Counts {
  const id = patternId(key)
  const poolMax = Math.max(POOL_WEIGHT_MIN, POOL_SHARE * ownWeight)
  return sum(
    capped(prior.get(id) ?? NO_COUNTS, PRIOR_WEIGHT_MAX),
    capped((pooled.size > 0 ? pooled.get(hashOfKey(key)) : undefined) ?? NO_COUNTS, poolMax),
  )
}

function estimateOf({ here, elsewhere }: Cells, assumed: Assumed, weight: number): Estimate {
  let precision = 1 / STRATEGY_VARIANCE
  let weighted = (assumed.success ?? 0.5) / STRATEGY_VARIANCE
  for (const counts of elsewhere) {
    const seen = weightOf(counts)
    if (seen <= 0) continue
    const trust = 1 / (CONTEXT_VARIANCE + OUTCOME_VARIANCE / seen)
    precision += trust
    weighted += (trust * counts.successes) / seen
  }
  const priorVariance = 1 / precision + CONTEXT_VARIANCE
  const variance = 1 / (1 / priorVariance + weightOf(here) / OUTCOME_VARIANCE)
  const all = elsewhere.reduce(sum, here)
  return {
    success: variance * (weighted / precision / priorVariance + here.successes / OUTCOME_VARIANCE),
    deviation: Math.sqrt(variance),
    successMs: shrunkMs([here.successMs, here.successes], [all.successMs, all.successes], assumed.successMs),
    failureMs: shrunkMs([here.failureMs, here.failures], [all.failureMs, all.failures], assumed.failureMs),
    weight,
  }
}

/** A mean duration here, drawn towards the mean everywhere, which is drawn towards what was assumed. */
function shrunkMs(
  here: readonly [number, number],
  everywhere: readonly [number, number],
  assumedMs: number,
): number {
  const weight = ASSUMED_DURATION_WEIGHT
  const strategyMs = (everywhere[0] + weight * assumedMs) / (everywhere[1] + weight)
  return (here[0] + weight * strategyMs) / (here[1] + weight)
}

function trustAfter(before: Knowledge, outcome: Outcome, assumed: Assumed): number {
  const expected = estimates(before, outcome, assumed)
  const chance = (memory: 'long' | 'short'): number => {
    const { success } = expected[memory]
    const foretold = outcome.isSuccess ? success : 1 - success
    return Math.min(1 - CHANCE_MIN, Math.max(CHANCE_MIN, foretold))
  }
  const long = before.longTrust * chance('long')
  const short = (1 - before.longTrust) * chance('short')
  return (1 - TRUST_SHARED) * (long / (long + short)) + TRUST_SHARED * LONG_TRUST
}

function familyOf({ signature, strategy }: Pick<PatternKey, 'signature' | 'strategy'>): string {
  return `${signature}|${strategy}`
}

function oldestOf(family: ReadonlyMap<string, Pattern>): string {
  return [...family.values()].reduce((oldest, one) => (one.episode < oldest.episode ? one : oldest)).context
}
