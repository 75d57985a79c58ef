/**
 * What the attempts of a call, or of all calls that are kept, add up to: totals, by incident and by strategy, times,
 * and the four figures by which recovery is judged. Pure; the attempts come from history.
 */

/** As much of an attempt as is counted; history's `Attempt` has it all. */
export interface CountedAttempt {
  readonly id: string
  readonly incident: string
  readonly strategy: string
  readonly from: string | null
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  readonly durationMs: number | null
  readonly mediaGapMs: number | null
  readonly outcome: 'in-progress' | 'succeeded' | 'failed' | 'cancelled'
}

/** Attempts of one kind added up. */
export interface Tally {
  readonly attempts: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Of those that succeeded or failed, 0 to 1; null before the first. */
  readonly successRate: number | null
  /** Of those that succeeded; null before the first. */
  readonly meanMs: number | null
  readonly fastestMs: number | null
  readonly slowestMs: number | null
}

/** Everything added up. */
export interface RecoveryStatistics extends Tally {
  readonly inProgress: number
  readonly byIncident: Readonly<Record<string, Tally>>
  readonly byStrategy: Readonly<Record<string, Tally>>
  /** The newest first, at most ten. */
  readonly recent: readonly CountedAttempt[]
}

/** The four figures; each null while nothing is known of it. */
export interface RecoveryKpis {
  /** Incidents that were repaired, of all that ended, 0 to 1. A second strategy that worked is a success. */
  readonly successRate: number | null
  /** From the first attempt at an incident to the success that ended it. */
  readonly meanTimeToRecoveryMs: number | null
  /** Preventive actions that nothing followed, of all that were taken to prevent or to repair, 0 to 1. */
  readonly falsePositiveRate: number | null
  /** Decisions with a complete explanation, 0 to 1. */
  readonly explanationCompleteness: number | null
}

/** What {@link kpisOf} takes. */
export interface KpiInput {
  readonly attempts: readonly CountedAttempt[]
  /** What prevention has done; see `prevention.ts`. */
  readonly prevented: { readonly acted: number; readonly needless: number }
  /** What was explained. */
  readonly explanations: readonly ExplainedDecision[]
}

/** As much of an explanation as must be there. */
export interface ExplainedDecision {
  readonly summary: string
  readonly cause: string
  readonly userAction: string
}

/** Shown without asking for more. */
const RECENT_MAX = 10
/** Attempts at one incident follow each other within this time; a longer pause is a new incident. */
const SAME_INCIDENT_MS = 30_000

/** They repair nothing: that their time ran out is no failed repair, and that it was over by then is no success of ours. */
const PASSIVE: ReadonlySet<string> = new Set(['wait', 'ask-user'])

/** Whether an attempt does anything; waiting and asking a person do not, and are told by strategy alone. */
export function isRepair({ strategy }: Pick<CountedAttempt, 'strategy'>): boolean {
  return !PASSIVE.has(strategy)
}

/** Adds attempts up, in whatever order they come. */
export function statisticsOf(attempts: readonly CountedAttempt[]): RecoveryStatistics {
  const repairs = attempts.filter(isRepair)
  return {
    ...tallyOf(repairs),
    inProgress: repairs.filter(({ outcome }) => outcome === 'in-progress').length,
    byIncident: talliesBy(repairs, ({ incident }) => incident),
    byStrategy: talliesBy(attempts, ({ strategy }) => strategy),
    recent: [...attempts].sort((one, other) => other.startedAtMs - one.startedAtMs).slice(0, RECENT_MAX),
  }
}

/** The four figures. */
export function kpisOf({ attempts, prevented, explanations }: KpiInput): RecoveryKpis {
  const episodes = episodesOf(attempts.filter(isRepair))
  const repaired = episodes.flatMap(({ tookMs }) => tookMs ?? [])
  const complete = explanations.filter(isComplete).length
  return {
    successRate: shareOf(repaired.length, episodes.length),
    meanTimeToRecoveryMs: meanOf(repaired),
    falsePositiveRate: shareOf(prevented.needless, prevented.acted + episodes.length),
    explanationCompleteness: shareOf(complete, explanations.length),
  }
}

/** Whether an explanation says what failed, why, and what the user should do. */
export function isComplete({ summary, cause, userAction }: ExplainedDecision): boolean {
  return [summary, cause, userAction].every((text) => text.trim() !== '')
}

function talliesBy(
  attempts: readonly CountedAttempt[],
  nameOf: (attempt: CountedAttempt) => string,
): Readonly<Record<string, Tally>> {
  const groups = new Map<string, CountedAttempt[]>()
  for (const attempt of attempts) {
    const name = nameOf(attempt)
    groups.set(name, [...(groups.get(name) ?? []), attempt])
  }
  return Object.fromEntries([...groups].map(([name, some]) => [name, tallyOf(some)]))
}

function tallyOf(attempts: readonly CountedAttempt[]): Tally {
  const countOf = (wanted: CountedAttempt['outcome']): number =>
    attempts.filter(({ outcome }) => outcome === wanted).length
  const succeeded = countOf('succeeded')
  const failed = countOf('failed')
  const times = attempts.flatMap(({ outcome, durationMs }) =>
    outcome === 'succeeded' && durationMs !== null ? durationMs : [],
  )
  return {
    attempts: attempts.length,
    succeeded,
    failed,
    cancelled: countOf('cancelled'),
    successRate: shareOf(succeeded, succeeded + failed),
    meanMs: meanOf(times),
    fastestMs: times.length === 0 ? null : Math.min(...times),
    slowestMs: times.length === 0 ? null : Math.max(...times),
  }
}

/** Attempts at one incident, one after the other: repaired after so long, or not (null). Broken off ones are neither. */
function episodesOf(attempts: readonly CountedAttempt[]): readonly { readonly tookMs: number | null }[] {
  const open = new Map<string, { startedAtMs: number; endedAtMs: number }>()
  const over: { tookMs: number | null }[] = []
  const ended = attempts
    .filter(({ outcome, durationMs }) => isVerdict(outcome) && durationMs !== null)
    .sort((one, other) => one.startedAtMs - other.startedAtMs)
  for (const { incident, from, startedAtMs, durationMs, outcome } of ended) {
    const key = `${incident} ${from}`
    const endedAtMs = startedAtMs + (durationMs ?? 0)
    let episode = open.get(key)
    if (episode !== undefined && startedAtMs - episode.endedAtMs > SAME_INCIDENT_MS) {
      over.push({ tookMs: null })
      episode = undefined
    }
    if (outcome === 'failed') {
      open.set(key, { startedAtMs: episode?.startedAtMs ?? startedAtMs, endedAtMs })
      continue
    }
    open.delete(key)
    over.push({ tookMs: endedAtMs - (episode?.startedAtMs ?? startedAtMs) })
  }
  return [...over, ...[...open].map(() => ({ tookMs: null }))]
}

function isVerdict(outcome: CountedAttempt['outcome']): boolean {
  return outcome === 'succeeded' || outcome === 'failed'
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
