/** Limits of the engine, with their reasons. */
import type { Severity } from '../../health/alert.js'
import type { IncidentKind } from '../incident.js'
import type { StrategyId } from '../strategy.js'
import type { EngineLimits } from './contract.js'

/** It holds up nothing better. */
export const WAIT: StrategyId = 'wait'

/** What holds unless the app says otherwise. */
export const ENGINE_LIMITS: EngineLimits = {
  // A person's sound, picture and path may be repaired side by side; more at once is a storm.
  maxConcurrent: 3,
  // Somebody with ten people on a bad path still gets each repaired once; a loop of ours is stopped.
  maxRuns: 20,
  rateWindowMs: 60_000,
  // What was not repaired in a minute online is for a person or another network.
  budgetMs: 60_000,
}

/** The repair loop and switching act within milliseconds; what they leave for this long is left to the engine. */
export const LOOP_GRACE_MS = 3_000
/** Detectors let go of an alert this long after it is over, at most. */
export const SETTLE_MS = 5_000
/** Nothing could be run: the situation may be another one by then. */
export const LOOK_AGAIN_MS = 2_000
/** Another run has it in hand, or has taken the last place. */
export const ROOM_AGAIN_MS = 250
/** A run may wait offline for its path; this much later than its own limit it is given up all the same. */
export const RUN_OVERDUE_MS = 60_000
/** A strategy that did not help twice does not help; once a path is dead only time tells, so those go on. */
export const RUNS_MAX = 2
/** A stream received anew is not judged for 12 s: what comes back by then, or a little later, is the same trouble. */
export const RELAPSE_MS = 30_000
/** What disturbs people is not done for a mild incident that is younger: bursts and busy moments are over by then. */
export const STANDS_MS = 8_000
/** What follows from another incident waits this long for its repair; a cause that stands longer may be none. */
export const CAUSE_MS = 15_000
/** More tries than there are strategies for any kind of incident. */
export const TRIES_MAX = 12

/** At `low` these are felt by nobody, and every remedy costs quality. */
export const MILD_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'packet-loss',
  'quality-degradation',
  'resource-exhaustion',
  'buffer-overflow',
])

/** Mild trouble mostly goes by itself within seconds, and each act of ours is one more thing that people may notice. */
export const PATIENCE_MS: Readonly<Record<Severity, number>> = {
  low: 6_000,
  medium: 3_000,
  high: 0,
  critical: 0,
}

/** These never go by themselves: waiting for them is waiting for nothing. */
export const LASTING_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'device-failure',
  'auth-failure',
  'frame-corruption',
  'codec-failure',
])

/** Together with their cause they are one trouble, and the cause is what is repaired. */
export const SYMPTOM_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'packet-loss',
  'timeout',
  'buffer-overflow',
  'sync-loss',
  'quality-degradation',
  'codec-failure',
  'frame-corruption',
])

/** They do not touch the connection that is being repaired or left. */
export const BESIDE_MEDIA: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'device-failure',
  'auth-failure',
  'stale-peer',
  'control-plane-loss',
])

/** Kinds that the repair loop of every call has in hand first. */
export const LOOPS_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'provider-outage',
  'path-broken',
  'connect-failed',
  'network-disconnect',
])
