/** Who may begin now: the one place for every rule that holds a recovery back. Pure. */
import type { Subject } from '../../health/alert.js'
import type { OpenIncident } from '../incident.js'
import type { EngineOption, EngineState, Nothing, Recovery } from './contract.js'
import { BESIDE_MEDIA, LOOP_GRACE_MS, LOOPS_KINDS, MILD_KINDS } from './limits.js'

/** Why a recovery may not begin a run now; null when it may. */
export function heldBack(state: EngineState, recovery: Recovery): Nothing | null {
  const { incident, kind } = recovery
  const isByPerson = kind === 'manual' || kind === 'emergency'
  if (state.isEmergency && !isByPerson) return 'emergency'
  if (!state.isAutomatic && kind === 'automatic') return 'automatic-off'
  if (kind === 'automatic' && MILD_KINDS.has(incident.kind) && incident.severity === 'low') return 'too-mild'
  if (state.isBusy && !isByPerson && !BESIDE_MEDIA.has(incident.kind)) return 'in-other-hands'
  const isLoops = kind === 'automatic' && LOOPS_KINDS.has(incident.kind)
  if (isLoops && state.now - recovery.raisedAtMs < LOOP_GRACE_MS) return 'in-other-hands'
  if (underWay(state).filter(isWork).length >= state.limits.maxConcurrent) return 'too-many'
  return isRateExceeded(state) ? 'rate-limited' : null
}

/** What of the options may be run for it at all. */
export function permitted(recovery: Recovery, options: readonly EngineOption[]): readonly EngineOption[] {
  return options.filter(
    ({ strategy, reach, isOncePerIncident }) =>
      (reach !== 'call' || mayMoveCall(recovery)) && !(isOncePerIncident && recovery.failed.includes(strategy)),
  )
}

/** The call moves for the provider's fault, or because somebody who may asked for it. */
export function mayMoveCall({ incident, mayMoveCall }: Recovery): boolean {
  return incident.blame === 'provider' || mayMoveCall
}

/** Whether a run would touch what another run has in hand. */
export function isTaken(state: EngineState, recovery: Recovery, option: EngineOption): boolean {
  return underWay(state).some(
    (other) =>
      other !== recovery &&
      other.run !== null &&
      collide(option, recovery.incident, other.run.option, other.incident),
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
  if (one.reach !== other.reach) return false
  return of.provider === its.provider && isSameMedia(of.about, its.about)
}

function isSameMedia(one: Subject, other: Subject): boolean {
  if (one.type !== other.type || one.id !== other.id) return false
  return one.media === null || other.media === null || one.media === other.media
}
