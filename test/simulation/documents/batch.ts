/**
 * Many seeds and their sum: what `npm run sim` prints. Each worker plays every second job of the same list, so that
 * a figure never depends on how fast a worker was.
 */
import { faultLine, makePlan, PROFILES, type Profile } from './plan.js'
import { runPlan } from './run.js'
import { shrinkFaults } from './shrink.js'

/** One seed to play. */
export interface Job {
  readonly profile: Profile
  readonly seed: number
  readonly isSignedForReal: boolean
}

/** A seed that failed, for people. */
export interface Failure {
  readonly profile: Profile
  readonly seed: number
  readonly violations: readonly string[]
  /** The faults that are needed for it. */
  readonly faults: readonly string[]
}

/** The sum over some jobs. */
export interface Tally {
  seeds: number
  profiles: Record<string, number>
  signedForReal: number
  virtualSeconds: number
  decisions: number
  writes: number
  faults: Record<string, number>
  worstHealMs: number
  largestDocumentBytes: number
  failures: Failure[]
}

/** Calm runs cost least and tell least; they fill up what the others leave. */
const FILLER: Profile = 'calm'
/** Of all others each gets this share. */
const SHARE = 0.15
/** Every so many seeds one is signed with WebCrypto. */
const REAL_EVERY = 20

/** The jobs of `seeds` seeds in all, or of one profile alone. */
export function makeJobs(seeds: number, only: Profile | null = null, first = 1): Job[] {
  const counts = new Map<Profile, number>()
  for (const profile of PROFILES) if (profile !== FILLER) counts.set(profile, Math.floor(seeds * SHARE))
  const filled = [...counts.values()].reduce((sum, count) => sum + count, 0)
  counts.set(FILLER, seeds - filled)
  const chosen = only === null ? counts : new Map([[only, seeds]])
  return [...chosen].flatMap(([profile, count]) =>
    Array.from({ length: count }, (_, index) => ({
      profile,
      seed: first + index,
      isSignedForReal: (first + index) % REAL_EVERY === 0,
    })),
  )
}

/** Nothing played yet. */
export function newTally(): Tally {
  return {
    seeds: 0,
    profiles: {},
    signedForReal: 0,
    virtualSeconds: 0,
    decisions: 0,
    writes: 0,
    faults: {},
    worstHealMs: 0,
    largestDocumentBytes: 0,
    failures: [],
  }
}

/** Plays one job and adds it. */
export async function playJob(tally: Tally, job: Job): Promise<void> {
  const { profile, seed, isSignedForReal } = job
  const plan = makePlan(profile, seed)
  const outcome = await runPlan(plan, { isSignedForReal })
  tally.seeds++
  tally.profiles[profile] = (tally.profiles[profile] ?? 0) + 1
  if (isSignedForReal) tally.signedForReal++
  tally.virtualSeconds += outcome.virtualMs / MS_PER_SECOND
  tally.decisions += outcome.decisions
  tally.writes += outcome.writes
  tally.worstHealMs = Math.max(tally.worstHealMs, outcome.healMs)
  tally.largestDocumentBytes = Math.max(tally.largestDocumentBytes, outcome.documentBytes)
  for (const [kind, count] of Object.entries(outcome.faults))
    tally.faults[kind] = (tally.faults[kind] ?? 0) + count
  if (outcome.violations.length > 0) tally.failures.push(await explain(job, outcome.violations))
}

/** Adds another worker's sum. */
export function addTally(sum: Tally, more: Tally): void {
  sum.seeds += more.seeds
  sum.signedForReal += more.signedForReal
  sum.virtualSeconds += more.virtualSeconds
  sum.decisions += more.decisions
  sum.writes += more.writes
  sum.worstHealMs = Math.max(sum.worstHealMs, more.worstHealMs)
  sum.largestDocumentBytes = Math.max(sum.largestDocumentBytes, more.largestDocumentBytes)
  for (const key of ['profiles', 'faults'] as const)
    for (const [name, count] of Object.entries(more[key])) sum[key][name] = (sum[key][name] ?? 0) + count
  sum.failures.push(...more.failures)
}

/** A failed seed with the faults that it takes, and how to see it again. */
export function failureText({ profile, seed, violations, faults }: Failure): string {
  const lines = [
    `seed ${seed}, profile ${profile}: ${violations.join('; ')}`,
    ...faults.map((line) => `  ${line}`),
  ]
  return [...lines, `  again: npm run sim -- --seed ${seed} --profile ${profile}`].join('\n')
}

const MS_PER_SECOND = 1000

async function explain(job: Job, violations: readonly string[]): Promise<Failure> {
  const { profile, seed, isSignedForReal } = job
  const faults = await shrinkFaults(
    makePlan(profile, seed),
    async (plan) => (await runPlan(plan, { isSignedForReal })).violations.length > 0,
  )
  return { profile, seed, violations, faults: faults.map(faultLine) }
}
