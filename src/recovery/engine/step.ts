/**
 * The recovery engine: one step for each thing that happens. It holds that an incident has one recovery at most,
 * that no more than so many run side by side, that what failed is not tried first again, that every run ends,
 * that one person's trouble never moves the call, and that nothing is done in silence. Pure: the same inputs
 * give the same effects.
 */
import { SEVERITIES } from '../../health/alert.js'
import { isMild } from '../calm.js'
import type { IncidentKind } from '../incident.js'
import { incidentKey } from '../incident-from-alert.js'
import type { StrategyId } from '../strategy.js'
import { advance } from './advance.js'
import type { EngineEffect, EngineInput, EngineLimits, EngineState, Recovery } from './contract.js'
import { ENGINE_LIMITS, RELAPSE_MS, WAIT } from './limits.js'
import { answer, end, fail, finish, stopRun } from './runs.js'
import { BY_ITSELF, type Change, put, recoveryOf, release } from './state.js'

/** It only asks, and what gets worse was not helped by it. */
const ASKING: StrategyId = 'key-frame'
/** By longer or shorter buffers: not beyond a second of drift, nor for a buffer that ends a conversation (P58). */
const STRETCHING: ReadonlySet<string> = new Set<StrategyId>(['resync-gentle', 'resync-medium'])
const STRETCHED_KINDS: ReadonlySet<IncidentKind> = new Set<IncidentKind>(['sync-loss', 'buffer-overflow'])

/** An engine to which nothing has happened. */
export function createEngine(limits: Partial<EngineLimits> = {}, isAutomatic = true): EngineState {
  return {
    isAutomatic,
    isEmergency: false,
    isOnline: true,
    isBusy: false,
    busyAtMs: Number.NEGATIVE_INFINITY,
    recoveries: new Map(),
    past: new Map(),
    begunAtMs: [],
    runs: 0,
    now: Number.NEGATIVE_INFINITY,
    limits: { ...ENGINE_LIMITS, ...limits },
  }
}

/** What follows from one input. The state that is given is not changed. */
export function step(
  before: EngineState,
  input: EngineInput,
): { readonly state: EngineState; readonly effects: readonly EngineEffect[] } {
  const effects: EngineEffect[] = []
  const change: Change = { state: passTime(before, input), effects }
  take(change, input)
  advance(change)
  return { state: change.state, effects }
}

/** Time counts online only: a repair without a network is nobody's failure. */
function passTime(state: EngineState, input: EngineInput): EngineState {
  const now = Math.max(state.now, input.now)
  const elapsedMs = Number.isFinite(state.now) && state.isOnline ? now - state.now : 0
  const recoveries = new Map(
    [...state.recoveries].map(([id, recovery]) => {
      const { run, state: stands } = recovery
      if (elapsedMs === 0 || (stands !== 'idle' && stands !== 'in-progress')) return [id, recovery]
      const left = run && { ...run, leftMs: run.leftMs - elapsedMs }
      return [id, { ...recovery, spentMs: recovery.spentMs + elapsedMs, run: left }]
    }),
  )
  const begunAtMs = state.begunAtMs.filter((atMs) => now - atMs < state.limits.rateWindowMs)
  const past = new Map([...state.past].filter(([, { overAtMs }]) => now - overAtMs < RELAPSE_MS))
  return { ...state, now, recoveries, past, begunAtMs }
}

function take(change: Change, input: EngineInput): void {
  switch (input.type) {
    case 'raised':
      raise(change, input.incident)
      break
    case 'changed':
      alter(change, input.incident)
      break
    case 'cleared':
      clear(change, input.incidentId)
      break
    case 'answered':
      answer(change, input)
      break
    case 'ended':
      end(change, input)
      break
    case 'tick':
      standAt(change, input)
      break
    case 'network-changed':
      change.state = { ...change.state, past: new Map() }
      beginAnew(change, ({ state }) => state !== 'cancelled')
      break
    case 'device-plugged':
      beginAnew(change, isAwaitingDevice)
      break
    case 'trigger':
      trigger(change, input)
      break
    case 'cancel':
      cancel(change, input.incidentId)
      break
    case 'automatic':
      change.state = { ...change.state, isAutomatic: input.isOn }
      break
    case 'emergency':
      setEmergency(change, input.isOn)
      break
  }
}

function standAt(change: Change, { isOnline, isBusy }: Extract<EngineInput, { readonly type: 'tick' }>): void {
  const { state } = change
  const busyAtMs = isBusy || state.isBusy ? state.now : state.busyAtMs
  change.state = { ...state, isOnline, isBusy, busyAtMs }
}

function raise(change: Change, incident: Recovery['incident']): void {
  const { recoveries } = change.state
  const key = incidentKey(incident)
  const isKnown = [...recoveries.values()].some((one) => incidentKey(one.incident) === key)
  if (recoveries.has(incident.id)) alter(change, incident)
  else if (!isKnown) put(change, recoveryOf(incident, change.state.now, change.state.past.get(key)))
}

function alter(change: Change, incident: Recovery['incident']): void {
  const recovery = change.state.recoveries.get(incident.id)
  if (recovery === undefined) return
  const grave = (one: Recovery['incident']): number => SEVERITIES.indexOf(one.severity)
  const isWorse = grave(incident) > grave(recovery.incident)
  const isGivenUp = recovery.state === 'failed'
  const next = { ...recovery, incident, isCleared: false }
  const running = isWorse ? recovery.run : null
  if (running?.option.strategy === WAIT) stopWaiting(change, next)
  else if (running && isOutgrown(running.option.strategy, next)) {
    change.effects.push({ type: 'stop', runId: running.id })
    fail(change, next, 0)
  } else put(change, isWorse && isGivenUp ? reopened(next, change.state.now) : next)
}

/** What runs cannot end what has become of it. */
function isOutgrown(strategy: string, { incident, wanted }: Recovery): boolean {
  if (wanted === strategy) return false
  const isStretched = STRETCHING.has(strategy) && STRETCHED_KINDS.has(incident.kind) && !isMild(incident)
  return strategy === ASKING || isStretched
}

/** What was too mild for more than waiting is not any more. */
function stopWaiting(change: Change, recovery: Recovery): void {
  stopRun(change, recovery)
  const runs = { ...recovery.runs, [WAIT]: 0 }
  put(change, { ...recovery, run: null, state: 'idle', runs, nextAtMs: change.state.now })
}

function clear(change: Change, id: string): void {
  const recovery = change.state.recoveries.get(id)
  if (recovery === undefined) return
  if (recovery.run !== null) put(change, { ...recovery, isCleared: true })
  else if (recovery.state === 'idle' || recovery.state === 'in-progress') {
    if (recovery.succeededAtMs === null && recovery.tries === 0)
      change.effects.push({ type: 'nothing', incident: recovery.incident, why: 'cleared' })
    finish(
      change,
      { ...recovery, isCleared: true },
      recovery.succeededAtMs === null ? 'cancelled' : 'succeeded',
    )
  } else release(change, recovery)
}

function reopened(recovery: Recovery, now: number): Recovery {
  const anew = { spentMs: 0, tries: 0, runs: {}, nextAtMs: now, told: [], succeededAtMs: null }
  return { ...recovery, ...anew, state: 'idle' }
}

/** Only while its owner is asked: a camera that comes on long after it was pulled out may be the last thing wanted. */
function isAwaitingDevice({ incident, state }: Recovery): boolean {
  return incident.kind === 'device-failure' && (state === 'idle' || state === 'in-progress')
}

function beginAnew(change: Change, isMeant: (recovery: Recovery) => boolean): void {
  for (const recovery of change.state.recoveries.values()) {
    const isWorking = recovery.run !== null && recovery.run.option.reach !== 'none'
    if (isWorking || !isMeant(recovery)) continue
    stopRun(change, recovery)
    put(change, { ...reopened(recovery, change.state.now), ...BY_ITSELF, run: null, failed: [] })
  }
}

function trigger(change: Change, input: Extract<EngineInput, { readonly type: 'trigger' }>): void {
  const { incident, strategy: wanted, kind, mayMoveCall } = input
  const key = incidentKey(incident)
  const { recoveries, now } = change.state
  const known = [...recoveries.values()].find((one) => incidentKey(one.incident) === key)
  // Somebody is impatient with what is being repaired already: there is one recovery for one incident.
  const isSame = wanted === null || known?.run?.option.strategy === wanted
  if (known?.run && (isSame || known.kind !== 'automatic')) return
  if (known?.run) stopRun(change, known)
  const base = known
    ? { ...reopened(known, now), run: null }
    : { ...recoveryOf(incident, now), isWatched: false }
  // Who may move the call has to ask for just that: it is never what was chosen in somebody's name.
  put(change, { ...base, kind, wanted, mayMoveCall: mayMoveCall && wanted !== null })
}

function cancel(change: Change, id: string | null): void {
  for (const recovery of change.state.recoveries.values()) {
    if (id !== null && recovery.incident.id !== id) continue
    if (recovery.state !== 'idle' && recovery.state !== 'in-progress') continue
    stopRun(change, recovery)
    finish(change, recovery, 'cancelled')
  }
}

function setEmergency(change: Change, isOn: boolean): void {
  change.state = { ...change.state, isEmergency: isOn }
  if (!isOn) return
  for (const recovery of change.state.recoveries.values()) {
    if (recovery.run === null && !recovery.isAsking) continue
    stopRun(change, recovery)
    put(change, { ...recovery, ...BY_ITSELF, run: null, isAsking: false, state: 'idle' })
  }
}
