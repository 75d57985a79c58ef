/**
 * When the keeping and the repairing themselves need somebody's attention: attempts that pile up, repairs that mostly
 * fail, a database that has become slow or large. An alarm is raised once and again only after it was over. Pure.
 */

/** What can be alarming. */
export type AlarmKind = 'growth' | 'failure-rate' | 'slow-queries' | 'size'

/** One alarm. */
export interface Alarm {
  readonly kind: AlarmKind
  readonly value: number
  readonly limit: number
  /** `per-hour`: attempts; `ratio`: 0 to 1; `ms`: the slower of reading and writing; `bytes`. */
  readonly unit: 'per-hour' | 'ratio' | 'ms' | 'bytes'
}

/** What is looked at; null where it is not known. */
export interface AlarmFigures {
  /** Ends of attempts, milliseconds since 1970, and whether they succeeded. */
  readonly ended: readonly { readonly atMs: number; readonly isSuccess: boolean }[]
  readonly nowMs: number
  /** How long the slowest query of late took. */
  readonly queryMs: number | null
  /** What the history occupies. */
  readonly storedBytes: number | null
}

/** Kinds that are raised now; start with none. */
export type AlarmState = readonly AlarmKind[]

const HOUR_MS = 3_600_000
/** One a minute for an hour: nobody can bear such a call, and something must be calling in a loop. */
const GROWTH_MAX_PER_HOUR = 60
/** Promised (P51). */
const FAILURE_RATE_MAX_RATIO = 0.8
/** Of fewer attempts a rate says nothing. */
const FAILURES_SAMPLE_MIN = 5
/** Ten times what a query takes with 100,000 attempts stored. */
const QUERY_MAX_MS = 500
/** A year of daily calls is a tenth of this; browsers count it against the app's whole origin. */
const STORED_MAX_BYTES = 50_000_000
/** An alarm is over when its value is this much below its limit: else it would come and go. */
const OVER_RATIO = 0.8

/** Looks at the figures; `raised` are the alarms that were not there before. */
export function watchAlarms(
  state: AlarmState,
  figures: AlarmFigures,
): { readonly state: AlarmState; readonly raised: readonly Alarm[] } {
  const all = alarmsOf(figures)
  const raised = all.filter(({ kind, value, limit }) => value > limit && !state.includes(kind))
  const kept = state.filter((kind) =>
    all.some((one) => one.kind === kind && one.value > one.limit * OVER_RATIO),
  )
  return { state: [...kept, ...raised.map(({ kind }) => kind)], raised }
}

function alarmsOf({ ended, nowMs, queryMs, storedBytes }: AlarmFigures): readonly Alarm[] {
  const recent = ended.filter(({ atMs }) => nowMs - atMs < HOUR_MS)
  const failed = recent.filter(({ isSuccess }) => !isSuccess).length
  const rate = recent.length < FAILURES_SAMPLE_MIN ? 0 : failed / recent.length
  return [
    { kind: 'growth', value: recent.length, limit: GROWTH_MAX_PER_HOUR, unit: 'per-hour' },
    { kind: 'failure-rate', value: rate, limit: FAILURE_RATE_MAX_RATIO, unit: 'ratio' },
    { kind: 'slow-queries', value: queryMs ?? 0, limit: QUERY_MAX_MS, unit: 'ms' },
    { kind: 'size', value: storedBytes ?? 0, limit: STORED_MAX_BYTES, unit: 'bytes' },
  ]
}
