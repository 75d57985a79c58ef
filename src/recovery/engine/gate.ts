/** Who may begin now: the one place for every rule that holds a recovery back. Pure. */
import { SEVERITIES, type Subject } from '../../health/alert.js'
import { heldForCalm, isFlowingKind, isMild } from '../calm.js'
import type { IncidentKind, OpenIncident } from '../incident.js'
import type { EngineOption, EngineState, Nothing, Recovery } from './contract.js'
import {
  BESIDE_MEDIA,
  CAUSE_MS,
  LASTING_KINDS,
  LOOP_GRACE_MS,
  LOOPS_KINDS,
  MILD_KINDS,
  PATIENCE_MS,
  RUNS_MAX,
  SETTLE_MS,
  STANDS_MS,
  SYMPTOM_KINDS,
} from './limits.js'

const WAITED: IncidentKind = 'buffer-overflow'

/** Why a recovery may not begin a run now; null when it may. */
export function heldBack(state: EngineState, recovery: Recovery): Nothing | null {
  const { incident, kind } = recovery
  const isByPerson = kind === 'manual' || kind === 'emergency'
  if (state.isEmergency && !isByPerson) return 'emergency'
  if (!state.isAutomatic && kind === 'automatic') return 'automatic-off'
  if (kind === 'automatic' && MILD_KINDS.has(incident.kind) && incident.severity === 'low') return 'too-mild'
  if (kind === 'automatic' && isSymptom(state, recovery)) return 'symptom'
  if (kind === 'automatic' && mayPass(state, recovery)) return 'may-pass'
  if (state.isBusy && !isByPerson && !BESIDE_MEDIA.has(incident.kind)) return 'in-other-hands'
  if (kind === 'automatic' && isForOthers(state, recovery)) return 'in-other-hands'
  if (isFull(state) && yieldingTo(state, recovery) === null) return 'too-many'
  return isRateExceeded(state) ? 'rate-limited' : null
}

/** What of the options may be run for it at all. */
export function permitted(
  state: EngineState,
  recovery: Recovery,
  options: readonly EngineOption[],
): readonly EngineOption[] {
  const { incident, failed, kind } = recovery
  const possible = options.filter(
    (option) => (option.reach !== 'call' || mayMoveCall(recovery)) && hasRunLeft(state, recovery, option),
  )
  if (kind !== 'automatic') return possible
  const held = heldForCalm(possible, incident, failed)
  return possible.filter(({ strategy }) => !held.has(strategy))
}

/** The call moves for a provider that is at fault itself, or because somebody who may asked for just that. */
export function mayMoveCall({ incident, mayMoveCall, wanted }: Recovery): boolean {
  const { kind, blame, about } = incident
  const isOfOne = about.type === 'peer' || about.type === 'me'
  return (kind === 'provider-outage' && blame === 'provider' && !isOfOne) || (mayMoveCall && wanted !== null)
}

/** For how long it is too early for an option that people would feel; 0: it is not. */
export function mayPassMs(
  { now }: EngineState,
  { kind, incident, raisedAtMs, failed }: Recovery,
  option: EngineOption,
): number {
  if (kind !== 'automatic' || !option.isDisruptive || !isMild(incident)) return 0
  // A picture that stays broken after something gentle was tried will not mend for being waited for.
  if (LASTING_KINDS.has(incident.kind) && failed.length > 0) return 0
  return Math.max(0, raisedAtMs + STANDS_MS - now)
}

/** Those who have in hand what a run would touch. */
export function takersOf(state: EngineState, recovery: Recovery, option: EngineOption): readonly Recovery[] {
  return underWay(state).filter(
    (other) =>
      other.incident.id !== recovery.incident.id &&
      other.run !== null &&
      collide(option, recovery.incident, other.run.option, other.incident),
  )
}

/** Whether as much runs as may run side by side. */
export function isFull(state: EngineState): boolean {
  return underWay(state).filter(isWork).length >= state.limits.maxConcurrent
}

/** Whose run leaves its place to this one where there is no other: what trims media that flows, unfelt, to media that stands. */
export function yieldingTo(state: EngineState, { incident }: Recovery): Recovery | null {
  if (isFlowingKind(incident.kind)) return null
  const gravity = ({ incident: { severity } }: Recovery): number => SEVERITIES.indexOf(severity)
  const yielding = underWay(state).filter(
    (one) =>
      one.kind === 'automatic' &&
      isFlowingKind(one.incident.kind) &&
      one.run !== null &&
      isWork(one) &&
      !one.run.option.isDisruptive,
  )
  return yielding.sort((one, other) => gravity(one) - gravity(other))[0] ?? null
}

/** Whether one incident is repaired before what runs for another on the same media. */
export function isMoreUrgent({ incident }: Recovery, { incident: other, run }: Recovery): boolean {
  if (!isFlowingKind(other.kind)) return false
  if (!isFlowingKind(incident.kind)) return true
  // What reaches further, or was felt already, had better come to its end.
  if (run?.option.reach !== 'track' || run.option.isDisruptive) return false
  const byGravity = SEVERITIES.indexOf(incident.severity) - SEVERITIES.indexOf(other.severity)
  // To close a drift, or to make up for loss, makes people wait; those who wait too long already need the opposite.
  return byGravity > 0 || (byGravity === 0 && incident.kind === WAITED && other.kind !== WAITED)
}

/** A first act is not hurried where the trouble may be over before it helps. */
function mayPass({ now }: EngineState, { incident, raisedAtMs }: Recovery): boolean {
  return !LASTING_KINDS.has(incident.kind) && now - raisedAtMs < PATIENCE_MS[incident.severity]
}

/**
 * The loops have it in hand, or have just repaired it: its alert needs a moment to go, and a second repair breaks the
 * first. Whose media stood still while the call moved is back by then; to receive all of it anew is a second move.
 */
function isForOthers({ now, busyAtMs }: EngineState, { incident, raisedAtMs }: Recovery): boolean {
  const isLoops = LOOPS_KINDS.has(incident.kind)
  if (isLoops && now - raisedAtMs < LOOP_GRACE_MS) return true
  const settleMs = isLoops ? LOOP_GRACE_MS : SETTLE_MS
  return raisedAtMs <= busyAtMs && now - busyAtMs < settleMs && !BESIDE_MEDIA.has(incident.kind)
}

/** It follows from another incident that is open, which is repaired in its place. */
function isSymptom({ recoveries, now }: EngineState, { incident, raisedAtMs }: Recovery): boolean {
  if (!SYMPTOM_KINDS.has(incident.kind)) return false
  const causes = [...recoveries.values()].filter(({ isCleared }) => !isCleared).map((one) => one.incident)
  // What a busy page buffers drains when it has time again, and nothing else drains it.
  if (incident.kind === 'buffer-overflow' && causes.some(isBusyPage)) return true
  return now - raisedAtMs < CAUSE_MS && causes.some((cause) => isCause(cause, incident))
}

function isCause(cause: OpenIncident, { kind, provider, about, severity }: OpenIncident): boolean {
  if (LOOPS_KINDS.has(cause.kind)) return provider === cause.provider
  if (about.type !== 'peer') return false
  if (cause.kind === 'stale-peer') return about.id === cause.about.id
  // A busy page plays late what others send; no machine loses their packets, or stops all of them.
  const isPlayedLate = kind === 'sync-loss' || kind === 'quality-degradation' || kind === 'timeout'
  return isBusyPage(cause) && isPlayedLate && isMild({ severity })
}

/** Ticks of this page come late, or its encoders have no time: low is enough for that. */
function isBusyPage({ kind, culprit }: OpenIncident): boolean {
  return kind === 'resource-exhaustion' && culprit === 'my-cpu'
}

/** Whether one more run of it is worth anything. */
function hasRunLeft(state: EngineState, recovery: Recovery, option: EngineOption): boolean {
  const { incident, failed, kind } = recovery
  const { strategy, reach, isOncePerIncident, isDisruptive } = option
  if (isOncePerIncident && failed.includes(strategy)) return false
  if (kind !== 'automatic' || LOOPS_KINDS.has(incident.kind)) return true
  const runs = recovery.runs[strategy] ?? 0
  // Who was asked, and what was received anew, was so for the same trouble a moment ago.
  if (isOncePerIncident && (isDisruptive || reach === 'none'))
    return runs === 0 && !isSpentBeside(state, recovery, option)
  return runs < RUNS_MAX
}

/** One receiver that is broken shows in several ways: receiving it anew for one of them is enough. */
function isSpentBeside({ recoveries }: EngineState, recovery: Recovery, option: EngineOption): boolean {
  const { about, provider } = recovery.incident
  if (option.reach !== 'track') return false
  return [...recoveries.values()].some(
    ({ incident, runs }) =>
      incident.provider === provider && isSameMedia(incident.about, about) && (runs[option.strategy] ?? 0) > 0,
  )
}

/** Recoveries that run or are about to. */
function underWay({ recoveries }: EngineState): readonly Recovery[] {
  return [...recoveries.values()].filter(({ run, isAsking }) => run !== null || isAsking)
}

/** Who waits or asks somebody keeps nobody else from working. */
function isWork({ run }: Recovery): boolean {
  return run?.option.reach !== 'none'
}

function isRateExceeded({ begunAtMs, now, limits }: EngineState): boolean {
  return begunAtMs.filter((atMs) => now - atMs < limits.rateWindowMs).length >= limits.maxRuns
}

function collide(one: EngineOption, of: OpenIncident, other: EngineOption, its: OpenIncident): boolean {
  if (one.reach === 'none' || other.reach === 'none') return false
  if (one.reach === 'call' || other.reach === 'call') return true
  if (one.reach === 'connection' || other.reach === 'connection') return of.provider === its.provider
  if (one.reach !== other.reach || of.provider !== its.provider) return false
  if (isSameMedia(of.about, its.about)) return true
  // The buffers of somebody's sound and picture wait for each other, and are stretched together.
  const isStretching = isFlowingKind(of.kind) && isFlowingKind(its.kind)
  return isStretching && of.about.type === 'peer' && isSameMedia({ ...of.about, media: null }, its.about)
}

function isSameMedia(one: Subject, other: Subject): boolean {
  if (one.type !== other.type || one.id !== other.id) return false
  return one.media === null || other.media === null || one.media === other.media
}
