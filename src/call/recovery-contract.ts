/** `call.recovery` and what the snapshot shows of it: the types. What is behind them is loaded after joining. */
import type { Culprit, Severity, Subject } from '../health/alert.js'
import type { ExplanationRow, PatternRow } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import type { TrackSource } from '../providers/provider.js'
import type { RecoveryKind, RecoveryState } from '../recovery/engine/contract.js'
import type { IncidentKind } from '../recovery/incident.js'
import type { RecoveryExplanation } from '../recovery/incident-explanation.js'
import type { RebuiltState } from '../recovery/rebuild.js'
import type { TextOverrides } from '../recovery/texts.js'
import type { WorkflowId } from '../recovery/workflow-specs.js'
import type { AppStrategy } from '../repair/define-strategy.js'
import type { BreakerStatus } from '../repair/policies/breakers.js'
import type { PolicySpec } from '../repair/policies/policy-spec.js'
import type { Reading } from './reading.js'
import type { RecoveryFigures } from './recovery-figures.js'
import type { WorkflowStatus } from './workflow-monitor.js'

/** Options of recovery, in one tree (promise P66); every part has a default. */
export interface RecoveryOptions {
  /** Strategies of the app, made by `defineStrategy()`. */
  readonly strategies?: readonly AppStrategy[]
  /** How long to wait between tries. */
  readonly policy?: PolicySpec
  /** When what fails is left alone for a while. */
  readonly breakers?: {
    readonly failuresMax?: number
    readonly openMs?: number
    readonly successesMin?: number
  }
  /** Repairs side by side, 1 to 16. Default 3. */
  readonly maxConcurrent?: number
  /** Repairs begun within a minute, 1 to 600. Default 20. */
  readonly maxPerMinute?: number
  /** Time online that one incident may take, in milliseconds. Default 60,000. */
  readonly budgetMs?: number
  /** Sentences of the app's own by key, e.g. to translate (docs/recovery.md). */
  readonly texts?: TextOverrides
  /** Roles of admission tokens that may move the whole call by `call.recovery`. Default `['admin']`. */
  readonly roles?: readonly string[]
  /** Gets a lost device again in the app's own way; null: leave it. Default: `getUserMedia`, where it needs no prompt. */
  readonly reacquire?: (source: TrackSource) => Promise<MediaStreamTrack | null>
}

/** An incident that is open and what is done about it. */
export interface ActiveRecovery {
  /** Id of the incident, for `call.recovery.explain()` and `cancel()`. */
  readonly id: string
  readonly incident: IncidentKind
  readonly provider: string
  readonly about: Subject
  readonly severity: Severity
  readonly culprit: Culprit
  /** How sure the culprit is, 0 to 1. */
  readonly confidence: number
  /** Times that this has been seen in this browser, this one included; null while that is not known. */
  readonly occurrence: number | null
  readonly kind: RecoveryKind
  readonly state: RecoveryState
  /** What is being run; null: nothing. */
  readonly strategy: string | null
  readonly tries: number
  readonly failed: readonly string[]
  readonly explanation: RecoveryExplanation | null
}

/** What recovery has to do without (promise P26). */
export type RecoveryFallback = 'no-desk' | 'no-worker' | 'no-database' | 'no-learning'

/** How recovery stands. */
export interface RecoveryStatus {
  readonly state: 'idle' | 'in-progress'
  readonly isAutomatic: boolean
  readonly isEmergency: boolean
  readonly active: readonly ActiveRecovery[]
  /** Counted since the call was joined (promise P45). */
  readonly counts: {
    readonly incidents: number
    readonly succeeded: number
    readonly failed: number
    readonly cancelled: number
  }
  /** The last one that was given up; null: none. */
  readonly lastFailure: {
    readonly incident: IncidentKind
    readonly atMs: number
    readonly summary: string
  } | null
  readonly scheduled: readonly {
    readonly id: string
    readonly atMs: number
    readonly strategy: string | null
  }[]
}

/** What to do by hand. At least one of `incident`, `kind` and `strategy`. */
export interface RecoveryRequest {
  /** Id of an open incident. */
  readonly incident?: string
  /** Kind of an incident that nobody has detected. */
  readonly kind?: IncidentKind
  /** Whom it is about. Default: this page. */
  readonly peer?: string
  readonly media?: 'audio' | 'video'
  /** What to run. Default: what would be chosen anyway. */
  readonly strategy?: string
  /** For an emergency: runs even while everything else is stopped. */
  readonly isEmergency?: boolean
}

/** How often `run()` tries. */
export interface RunOptions {
  /** Default 3. */
  readonly attemptsMax?: number
  /** Of each try, in milliseconds. Default: as long as it takes. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** What is known of one strategy in one situation. */
export interface RecoveryPattern extends Pick<PatternRow, 'signature' | 'context' | 'strategy' | 'seen'> {
  /** Share of successes as it is remembered now, 0 to 1. */
  readonly successRate: number
  readonly meanMs: number | null
}

/**
 * Recovery by hand. All promises reject with `not-joined` before the call is live, and with `dependency-missing` in
 * the script-tag build; what changes something also with `recovery-limited` when asked too often.
 */
export interface CallRecovery {
  /** Null before the call is live, and in the script-tag build. */
  status(): RecoveryStatus | null
  /**
   * Runs a repair now; resolves with the id of its incident. A strategy that moves the whole call needs a role
   * (`recovery.roles`), else `recovery-forbidden`.
   */
  trigger(request: RecoveryRequest): Promise<string>
  /** Stops one recovery, or all; resolves with how many were stopped. */
  cancel(id?: string): Promise<number>
  /** As `trigger()`, later; resolves with an id for `cancel()`. */
  schedule(request: RecoveryRequest & { readonly inMs: number }): Promise<string>
  /** Switches automatic recovery on or off for this page; the agreed failover of the whole call goes on. */
  setAutomatic(isOn: boolean): Promise<void>
  /** Stops and takes back everything at once, and lets nothing begin until it is called with false (promise P53). */
  setEmergency(isOn: boolean): Promise<void>
  /** Earlier attempts of this room, newest first. */
  history(query?: { readonly limit?: number }): Promise<readonly Attempt[]>
  /** Attempts of this room added up, the four figures, prevention, workflows, metrics. */
  stats(): Promise<RecoveryFigures>
  patterns(): Promise<readonly RecoveryPattern[]>
  /** Why something was done, or nothing: by id of an incident or an attempt. Null: nothing is known of it. */
  explain(id: string): Promise<RecoveryExplanation | ExplanationRow | null>
  /** What the log says the state was at a moment, in milliseconds since 1970. Default: now (promise P31). */
  replay(atMs?: number): Promise<RebuiltState>
  /** Runs the app's own code with the same patience: tries again after a while when it fails (promise P63). */
  run<Value>(
    task: (signal: AbortSignal, attempt: number) => Promise<Value>,
    options?: RunOptions,
  ): Promise<Value>
  readonly breakers: {
    status(): Promise<readonly BreakerStatus[]>
    reset(key?: string): Promise<void>
  }
  /** What is repaired around the call: see docs/recovery.md. */
  readonly workflows: {
    /** The latest of each. */
    status(): Promise<readonly WorkflowStatus[]>
    /** Starts one now; false where it runs already. `provider`: for those that are about one. */
    start(id: WorkflowId, provider?: string): Promise<boolean>
    /** Breaks one off, or all; what they did is taken back. */
    cancel(id?: WorkflowId): Promise<void>
  }
  readonly cache: { clear(): Promise<void> }
  readonly store: { reconnect(): Promise<'indexeddb' | 'memory'> }
}

/** Behind it, once the call is live. */
export interface RecoveryDesk {
  readonly api: Omit<CallRecovery, 'status'>
  status(): RecoveryStatus
  /** The latest attempts of its own. */
  readonly current: Attempt | null
  readonly last: Attempt | null
  refresh(reading: Reading): void
  stop(): void
}
