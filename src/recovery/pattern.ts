/**
 * What was learned of one strategy in one situation, as counts. Two memories of it are kept: a long one that
 * is right while things stay as they are, and a short one that is right soon after they changed. Counts fade
 * with every episode, and are brought up to date only when read or written. Pure.
 */

/** Where a pattern belongs: what went wrong, under which circumstances, what was done about it. */
export interface PatternKey {
  /** What went wrong; see `signatureOf`. */
  readonly signature: string
  /** Circumstances; see `contextOf`. */
  readonly context: string
  readonly strategy: string
}

/** Faded counts of one memory. */
export interface Counts {
  readonly successes: number
  readonly failures: number
  /** Sum of what the successes cost, in milliseconds without media. */
  readonly successMs: number
  /** Sum of what the failures cost. */
  readonly failureMs: number
}

/** What is known of one strategy in one situation. */
export interface Pattern extends PatternKey {
  readonly long: Counts
  readonly short: Counts
  /** The episode up to which the counts are faded. */
  readonly episode: number
  /** Attempts ever counted, unfaded: the sample size (promise P62). */
  readonly seen: number
}

/** How one attempt ended. */
export interface Outcome extends PatternKey {
  readonly isSuccess: boolean
  /** Milliseconds without media, or until it was over where no gap was seen. */
  readonly costMs: number
}

/** Kept from episode to episode by the long memory: 500 episodes, longer than any browser stays the same. */
const LONG_KEPT = 0.998
/** And by the short one: ten episodes, about two in each of five contexts. */
const SHORT_KEPT = 0.9
/** A tab that slept through a repair reports hours; one attempt must not make a strategy look hopeless. */
const COST_MAX_MS = 60_000

/** FNV-1a, 32 bits. */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Counts of nothing. */
export const NO_COUNTS: Counts = { successes: 0, failures: 0, successMs: 0, failureMs: 0 }

/** The key as one string; the parts hold no separator by construction. */
export function patternId({ signature, context, strategy }: PatternKey): string {
  return `${signature}|${context}|${strategy}`
}

/** The key as eight characters, the same on every page: what participants tell each other fits into presence. */
export function hashOfKey(key: PatternKey): string {
  return shortHash(patternId(key))
}

/** Eight characters that stand for a text; not for secrets. */
export function shortHash(text: string): string {
  let hash = FNV_OFFSET
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), FNV_PRIME) >>> 0
  return hash.toString(16).padStart(8, '0')
}

/** The pattern after one more attempt; `before` is null for the first. */
export function addOutcome(before: Pattern | null, outcome: Outcome, episode: number): Pattern {
  const { signature, context, strategy } = outcome
  const { long, short } = before === null ? { long: NO_COUNTS, short: NO_COUNTS } : faded(before, episode)
  return {
    signature,
    context,
    strategy,
    long: plusOne(long, outcome),
    short: plusOne(short, outcome),
    episode: Math.max(episode, before?.episode ?? 0),
    seen: (before?.seen ?? 0) + 1,
  }
}

/** Both memories as they are at `episode`. */
export function faded(pattern: Pattern, episode: number): { readonly long: Counts; readonly short: Counts } {
  const passed = Math.max(0, episode - pattern.episode)
  return {
    long: scaled(pattern.long, LONG_KEPT ** passed),
    short: scaled(pattern.short, SHORT_KEPT ** passed),
  }
}

/** Counts times a factor. */
export function scaled(counts: Counts, factor: number): Counts {
  return {
    successes: counts.successes * factor,
    failures: counts.failures * factor,
    successMs: counts.successMs * factor,
    failureMs: counts.failureMs * factor,
  }
}

/** The sum of two counts. */
export function sum(one: Counts, other: Counts): Counts {
  return {
    successes: one.successes + other.successes,
    failures: one.failures + other.failures,
    successMs: one.successMs + other.successMs,
    failureMs: one.failureMs + other.failureMs,
  }
}

/** Number of attempts behind counts, faded. */
export function weightOf({ successes, failures }: Counts): number {
  return successes + failures
}

/** Scales counts down so that they weigh at most `weightMax`. */
export function capped(counts: Counts, weightMax: number): Counts {
  const weight = weightOf(counts)
  return weight > weightMax ? scaled(counts, weightMax / weight) : counts
}

function plusOne(counts: Counts, { isSuccess, costMs }: Outcome): Counts {
  const cost = Math.min(Math.max(costMs, 0), COST_MAX_MS)
  return sum(counts, {
    successes: isSuccess ? 1 : 0,
    failures: isSuccess ? 0 : 1,
    successMs: isSuccess ? cost : 0,
    failureMs: isSuccess ? 0 : cost,
  })
}
