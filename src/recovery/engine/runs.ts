/** How runs begin and end. Pure. */
import type { EngineInput, EngineOption, Nothing, Recovery } from './contract.js'
import {
  heldBack,
  isFull,
  isMoreUrgent,
  mayMoveCall,
  mayPassMs,
  permitted,
  takersOf,
  yieldingTo,
} from './gate.js'
import { LOOK_AGAIN_MS, ROOM_AGAIN_MS, TRIES_MAX, WAIT } from './limits.js'
import { BY_ITSELF, type Change, put, release } from './state.js'

/** Takes the answer to an `ask`: runs what may run, or says why nothing does. */
export function answer(change: Change, input: Extract<EngineInput, { readonly type: 'answered' }>): void {
  const recovery = change.state.recoveries.get(input.incidentId)
  if (!recovery?.isAsking) return
  const asked = { ...recovery, isAsking: false }
  put(change, asked)
  const why = heldBack(change.state, asked)
  if (why !== null) {
    holdBack(change, asked, why, ROOM_AGAIN_MS)
    return
  }
  const allowed = permitted(change.state, asked, input.options)
  const wanted = allowed.find(({ strategy }) => strategy === asked.wanted)
  if (wanted !== undefined) makeWay(change, asked, wanted)
  else letUrgentFirst(change, asked, allowed)
  const free = allowed.filter((option) => takersOf(change.state, asked, option).length === 0)
  const option = isPutOff(allowed, free) ? null : choose(asked, free, input.chosen)
  const passMs = option === null ? 0 : mayPassMs(change.state, asked, option)
  if (passMs > 0) holdBack(change, asked, 'may-pass', passMs)
  else if (option !== null) begin(change, asked, option)
  else if (asked.wanted !== null && wanted === undefined) refuse(change, asked, input.options)
  else if (free.length < allowed.length) holdBack(change, asked, 'in-other-hands', ROOM_AGAIN_MS)
  else holdBack(change, asked, 'no-option', LOOK_AGAIN_MS)
}

/** What helps is in other hands for a moment: to wait half a minute instead would outlast them. */
function isPutOff(allowed: readonly EngineOption[], free: readonly EngineOption[]): boolean {
  const acts = ({ reach }: EngineOption): boolean => reach !== 'none'
  return allowed.some(acts) && !free.some(acts)
}

/** Media that stands still goes before what trims media that flows, and there what is graver goes first. */
function letUrgentFirst(change: Change, asked: Recovery, allowed: readonly EngineOption[]): void {
  for (const option of allowed)
    for (const other of takersOf(change.state, asked, option))
      if (other.kind === 'automatic' && isMoreUrgent(asked, other)) pause(change, other)
}

/** What somebody asked for goes before what was chosen in nobody's name. */
function makeWay(change: Change, asked: Recovery, option: EngineOption): void {
  for (const other of takersOf(change.state, asked, option))
    if (other.kind === 'automatic') pause(change, other)
}

/** Breaks a run off as if it had not been tried; its recovery goes on afterwards. */
function pause(change: Change, recovery: Recovery): void {
  const { run } = recovery
  if (run === null) return
  stopRun(change, recovery)
  const { strategy } = run.option
  const runs = { ...recovery.runs, [strategy]: (recovery.runs[strategy] ?? 1) - 1 }
  put(change, { ...recovery, runs, run: null, state: 'idle', nextAtMs: change.state.now + ROOM_AGAIN_MS })
}

/** Takes the end of a run. What ends late was given up long ago. */
export function end(
  change: Change,
  { runId, outcome, retryAfterMs }: Extract<EngineInput, { readonly type: 'ended' }>,
): void {
  const recovery = [...change.state.recoveries.values()].find(({ run }) => run?.id === runId)
  if (!recovery?.run) return
  if (outcome === 'succeeded') succeed(change, recovery)
  else fail(change, recovery, outcome === 'cancelled' ? LOOK_AGAIN_MS : retryAfterMs)
}

/** A run did not help: undone where it can be, and the next one after a pause; null gives up. */
export function fail(change: Change, recovery: Recovery, retryAfterMs: number | null): void {
  const { run, incident } = recovery
  if (run === null) return
  const { strategy, hasUndo } = run.option
  if (hasUndo) change.effects.push({ type: 'undo', runId: run.id, incident, strategy })
  const failed = [...recovery.failed.filter((one) => one !== strategy), strategy]
  const next: Recovery = { ...recovery, ...BY_ITSELF, run: null, state: 'idle', failed, succeededAtMs: null }
  if (recovery.isCleared) finish(change, next, 'cancelled')
  else if (!recovery.isWatched || retryAfterMs === null || recovery.tries >= TRIES_MAX)
    finish(change, next, 'failed')
  else put(change, { ...next, nextAtMs: change.state.now + retryAfterMs })
}

/** It is over. While detectors still see it, it is kept so that it does not begin again by itself. */
export function finish(change: Change, recovery: Recovery, state: 'succeeded' | 'failed' | 'cancelled'): void {
  const { incident, tries, isWatched, isCleared } = recovery
  change.effects.push({ type: 'over', incident, state, tries })
  if (isCleared || !isWatched) release(change, recovery)
  else put(change, { ...recovery, ...BY_ITSELF, state, run: null, isAsking: false })
}

/** Breaks a run off and takes back what it changed. */
export function stopRun(change: Change, { run, incident }: Recovery): void {
  if (run === null) return
  change.effects.push({ type: 'stop', runId: run.id })
  if (run.option.hasUndo)
    change.effects.push({ type: 'undo', runId: run.id, incident, strategy: run.option.strategy })
}

/** Waits, and says why once; looks again after `waitMs`. */
export function holdBack(change: Change, recovery: Recovery, why: Nothing, waitMs: number): void {
  const isNew = !recovery.told.includes(why)
  if (isNew) change.effects.push({ type: 'nothing', incident: recovery.incident, why })
  const nextAtMs = Math.max(recovery.nextAtMs, change.state.now + waitMs)
  put(change, { ...recovery, told: isNew ? [...recovery.told, why] : recovery.told, nextAtMs })
}

function begin(change: Change, recovery: Recovery, option: EngineOption): void {
  const yielding = option.reach !== 'none' && isFull(change.state) ? yieldingTo(change.state, recovery) : null
  if (yielding !== null) pause(change, yielding)
  const { now, runs } = change.state
  const id = `r${runs + 1}`
  const number = recovery.tries + 1
  const run = { id, option, startedAtMs: now, leftMs: option.timeoutMs }
  change.state = { ...change.state, runs: runs + 1, begunAtMs: [...change.state.begunAtMs, now] }
  const counted = { ...recovery.runs, [option.strategy]: (recovery.runs[option.strategy] ?? 0) + 1 }
  const begun = { ...recovery, run, tries: number, runs: counted }
  put(change, { ...begun, state: 'in-progress', told: [], succeededAtMs: null })
  const { incident, kind } = recovery
  change.effects.push({ type: 'run', runId: id, incident, option, kind, number })
}

function succeed(change: Change, recovery: Recovery): void {
  const next: Recovery = { ...recovery, run: null, state: 'idle', succeededAtMs: change.state.now }
  if (recovery.isCleared || !recovery.isWatched) finish(change, next, 'succeeded')
  else put(change, { ...next, ...BY_ITSELF, failed: [...recovery.failed, recovery.run?.option.strategy ?? ''] })
}

/**
 * What failed comes last, the one that failed longest ago first; so does what helped until the trouble came back, but
 * before waiting, which ends nothing that needed a repair a moment ago.
 */
function choose(
  { failed, wanted, helped }: Recovery,
  options: readonly EngineOption[],
  chosen: string | null,
): EngineOption | null {
  const of = (id: string | null): EngineOption | undefined => options.find(({ strategy }) => strategy === id)
  if (wanted !== null) return of(wanted) ?? null
  const untried = options.filter(({ strategy }) => !failed.includes(strategy))
  if (untried.length === 0) return of(failed.find((one) => of(one) !== undefined) ?? null) ?? null
  const again = of(helped)
  if (again !== undefined && untried.every(({ strategy }) => strategy === WAIT)) return again
  return untried.find(({ strategy }) => strategy === chosen) ?? untried[0] ?? null
}

/** Somebody asked for what may not be run. */
function refuse(change: Change, recovery: Recovery, options: readonly EngineOption[]): void {
  const isForbidden = options.some(
    ({ strategy, reach }) => strategy === recovery.wanted && reach === 'call' && !mayMoveCall(recovery),
  )
  const why = isForbidden ? 'forbidden' : 'no-option'
  change.effects.push({ type: 'nothing', incident: recovery.incident, why })
  finish(change, recovery, 'failed')
}
