/**
 * What goes into the recovery engine and what comes out: plain data, so that every decision can be replayed.
 * The desk of a call carries out effects and reports their results as inputs; the engine alone decides who may
 * run, when, and when it is over.
 */
import type { OpenIncident } from '../incident.js'
import type { Reach } from '../strategy.js'

/** Who set a recovery going (promise P37). */
export type RecoveryKind = 'automatic' | 'manual' | 'scheduled' | 'emergency'

/** Where a recovery stands (promise P38); `idle` waits for its turn or for the end of a pause. */
export type RecoveryState = 'idle' | 'in-progress' | 'succeeded' | 'failed' | 'cancelled'

/** A strategy that may run now, as the desk found it. */
export interface EngineOption {
  readonly strategy: string
  readonly reach: Reach
  readonly timeoutMs: number
  readonly isOncePerIncident: boolean
  readonly hasUndo: boolean
  /** People feel it, also where it succeeds. */
  readonly isDisruptive: boolean
}

/** Why nothing is done; stable keys, the words are in `incident-text.ts`. */
export type Nothing =
  | 'automatic-off'
  | 'emergency'
  | 'in-other-hands'
  | 'too-mild'
  | 'may-pass'
  | 'symptom'
  | 'too-many'
  | 'rate-limited'
  | 'no-option'
  | 'budget-spent'
  | 'forbidden'
  | 'cleared'

/** What happened, or what somebody wants. Every input carries the monotonic time of the page. */
export type EngineInput = { readonly now: number } & (
  | { readonly type: 'raised'; readonly incident: OpenIncident }
  | { readonly type: 'changed'; readonly incident: OpenIncident }
  | { readonly type: 'cleared'; readonly incidentId: string }
  /** Answer to `ask`: what may run, in fixed priority, and which of it was chosen. */
  | {
      readonly type: 'answered'
      readonly incidentId: string
      readonly options: readonly EngineOption[]
      /** Null leaves it to the fixed priority. */
      readonly chosen: string | null
    }
  /** `retryAfterMs` is what the backoff policy says; null: no more tries. */
  | {
      readonly type: 'ended'
      readonly runId: string
      readonly outcome: 'succeeded' | 'failed' | 'cancelled'
      readonly retryAfterMs: number | null
    }
  | {
      readonly type: 'tick'
      readonly isOnline: boolean
      /** The repair loop or a switch has the current connection in hand. */
      readonly isBusy: boolean
    }
  /** The network is another one: what failed on the old one may work, and budgets begin anew. */
  | { readonly type: 'network-changed' }
  /** A device is there that was not: one that its owner is being asked for may be had again. */
  | { readonly type: 'device-plugged' }
  | {
      readonly type: 'trigger'
      readonly incident: OpenIncident
      /** Null: what would be chosen anyway. */
      readonly strategy: string | null
      readonly kind: RecoveryKind
      /** May reach the whole call without a provider's fault. */
      readonly mayMoveCall: boolean
    }
  | { readonly type: 'cancel'; readonly incidentId: string | null }
  | { readonly type: 'automatic'; readonly isOn: boolean }
  | { readonly type: 'emergency'; readonly isOn: boolean }
)

/** What the desk has to do. */
export type EngineEffect =
  /** Collect what may run for it and answer; after `failed` strategies, newest last. */
  | {
      readonly type: 'ask'
      readonly incident: OpenIncident
      readonly failed: readonly string[]
      /** A strategy that somebody asked for. */
      readonly wanted: string | null
    }
  | {
      readonly type: 'run'
      readonly runId: string
      readonly incident: OpenIncident
      readonly option: EngineOption
      readonly kind: RecoveryKind
      /** Which try for the incident, from 1. */
      readonly number: number
    }
  | { readonly type: 'stop'; readonly runId: string }
  | {
      readonly type: 'undo'
      readonly runId: string
      readonly incident: OpenIncident
      readonly strategy: string
    }
  /** Nothing is done, and why; told once for each incident and reason. */
  | { readonly type: 'nothing'; readonly incident: OpenIncident; readonly why: Nothing }
  /** It is over: repaired, given up, cancelled, or gone by itself. */
  | {
      readonly type: 'over'
      readonly incident: OpenIncident
      readonly state: Exclude<RecoveryState, 'idle' | 'in-progress'>
      readonly tries: number
    }

/** One incident and what is being done about it. */
export interface Recovery {
  readonly incident: OpenIncident
  readonly kind: RecoveryKind
  readonly state: RecoveryState
  /** Since when it waits, by the clock of `tick`. */
  readonly raisedAtMs: number
  /** Strategies that failed, oldest first. */
  readonly failed: readonly string[]
  readonly tries: number
  /** How often each strategy was begun, also in the times before that it came back from. */
  readonly runs: Readonly<Record<string, number>>
  /** Time online spent on it. */
  readonly spentMs: number
  /** No next try before this. */
  readonly nextAtMs: number
  readonly run: Run | null
  /** An `ask` that has not been answered. */
  readonly isAsking: boolean
  readonly wanted: string | null
  readonly mayMoveCall: boolean
  /** Detectors say when it is over; what somebody triggered by hand is over with its run. */
  readonly isWatched: boolean
  /** It is gone for the detectors; a run under way is still waited for. */
  readonly isCleared: boolean
  /** A strategy said that it succeeded at this moment; what is still wrong long after was not repaired. */
  readonly succeededAtMs: number | null
  /** What worked by frames until the incident came back; null: it is new, or nothing did. */
  readonly helped: string | null
  /** What was said about doing nothing since the last run: each reason once. */
  readonly told: readonly Nothing[]
}

/** What is remembered of a recovery when its incident is over. */
export interface Past extends Pick<Recovery, 'failed' | 'tries' | 'runs' | 'helped'> {
  readonly overAtMs: number
}

/** One run of a strategy. */
export interface Run {
  readonly id: string
  readonly option: EngineOption
  readonly startedAtMs: number
  /** Time online until it is given up. */
  readonly leftMs: number
}

/** All that the engine knows. */
export interface EngineState {
  readonly isAutomatic: boolean
  readonly isEmergency: boolean
  readonly isOnline: boolean
  readonly isBusy: boolean
  /** The latest moment at which that was so; minus infinity: never. */
  readonly busyAtMs: number
  /** By incident id, oldest first. */
  readonly recoveries: ReadonlyMap<string, Recovery>
  /** What was tried for incidents that are over, by their key: one that comes back soon was not repaired. */
  readonly past: ReadonlyMap<string, Past>
  /** When the latest runs began, for the rate limit. */
  readonly begunAtMs: readonly number[]
  readonly runs: number
  readonly now: number
  readonly limits: EngineLimits
}

/** Limits of the engine; defaults in `limits.ts`. */
export interface EngineLimits {
  /** Runs side by side. */
  readonly maxConcurrent: number
  /** Runs begun within {@link EngineLimits.rateWindowMs}. */
  readonly maxRuns: number
  readonly rateWindowMs: number
  /** Time online that one incident may take. */
  readonly budgetMs: number
}
