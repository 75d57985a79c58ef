/** Limits of the engine, with their reasons. */
import type { IncidentKind } from '../incident.js'
import type { EngineLimits } from './contract.js'

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
/** More tries than there are strategies for any kind of incident. */
export const TRIES_MAX = 12

/** At `low` these are felt by nobody, and every remedy costs quality. */
export const MILD_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'packet-loss',
  'quality-degradation',
  'resource-exhaustion',
  'buffer-overflow',
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
