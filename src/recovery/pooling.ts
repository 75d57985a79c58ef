/**
 * What participants tell each other of what they learned: counts only, few and rounded. Nobody can check them,
 * so each participant weighs little, all together weigh less than one's own evidence, and a claim of somebody
 * who claims a lot weighs no more than one of somebody who claims little. Pure.
 */
import { allPatterns, type Knowledge } from './knowledge.js'
import { type Counts, capped, faded, hashOfKey, NO_COUNTS, sum, weightOf } from './pattern.js'

/** One cell as it is told: hash, successes, failures, mean cost of a success and of a failure in milliseconds. */
export type Claim = readonly [
  hash: string,
  successes: number,
  failures: number,
  successMs: number,
  failureMs: number,
]

/** Told at most: the best known cells; presence is sent every second. */
export const CLAIMS_MAX = 8
/** Nobody's claim about one cell weighs more attempts than this. */
const CLAIM_WEIGHT_MAX = 4
/** Cells with fewer attempts say nothing worth telling. */
const CLAIM_WEIGHT_MIN = 2
/** No attempt takes longer; see `COST_MAX_MS` of a pattern. */
const CLAIM_COST_MAX_MS = 60_000

/** What to tell the others: own counts only, so that nothing comes back as somebody else's. */
export function claimsOf(knowledge: Knowledge): readonly Claim[] {
  return allPatterns(knowledge)
    .map((pattern) => ({ id: hashOfKey(pattern), counts: faded(pattern, knowledge.episode).long }))
    .filter(({ counts }) => weightOf(counts) >= CLAIM_WEIGHT_MIN)
    .sort((one, other) => weightOf(other.counts) - weightOf(one.counts) || (one.id < other.id ? -1 : 1))
    .slice(0, CLAIMS_MAX)
    .map(({ id, counts }) => {
      const { successes, failures, successMs, failureMs } = counts
      const meanMs = (all: number, count: number): number => (count > 0 ? Math.round(all / count) : 0)
      return [
        id,
        Math.round(successes),
        Math.round(failures),
        meanMs(successMs, successes),
        meanMs(failureMs, failures),
      ] as const
    })
}

/** The knowledge with what the others claim now in place of what they claimed before. */
export function withClaims(knowledge: Knowledge, claims: readonly (readonly Claim[])[]): Knowledge {
  const pooled = new Map<string, Counts>()
  for (const ofOne of claims) {
    const told = new Set<string>()
    for (const claim of ofOne.slice(0, CLAIMS_MAX)) {
      const [id] = claim
      // Told twice is not known twice.
      if (told.has(id) || !isSound(claim)) continue
      told.add(id)
      pooled.set(id, sum(pooled.get(id) ?? NO_COUNTS, countsOf(claim)))
    }
  }
  return { ...knowledge, pooled }
}

function countsOf([, successes, failures, successMs, failureMs]: Claim): Counts {
  return capped(
    { successes, failures, successMs: successes * successMs, failureMs: failures * failureMs },
    CLAIM_WEIGHT_MAX,
  )
}

function isSound([, ...numbers]: Claim): boolean {
  return numbers.every((one) => one >= 0 && one <= CLAIM_COST_MAX_MS)
}
