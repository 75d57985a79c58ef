/** The engine's state while a step is under way. */
import type { OpenIncident } from '../incident.js'
import type { EngineEffect, EngineState, Recovery } from './contract.js'

/** A step under way: the state so far and what has to be done. */
export interface Change {
  state: EngineState
  readonly effects: EngineEffect[]
}

/** A recovery that waits for its first try. */
export function recoveryOf(incident: OpenIncident, now: number): Recovery {
  return {
    incident,
    kind: 'automatic',
    state: 'idle',
    raisedAtMs: now,
    failed: [],
    tries: 0,
    spentMs: 0,
    nextAtMs: now,
    run: null,
    isAsking: false,
    wanted: null,
    mayMoveCall: false,
    isWatched: true,
    isCleared: false,
    succeededAtMs: null,
    told: [],
  }
}

/** Puts a recovery in the place of what is known under its id. */
export function put(change: Change, recovery: Recovery): void {
  const recoveries = new Map(change.state.recoveries).set(recovery.incident.id, recovery)
  change.state = { ...change.state, recoveries }
}

/** Forgets a recovery. */
export function remove(change: Change, id: string): void {
  const recoveries = new Map(change.state.recoveries)
  recoveries.delete(id)
  change.state = { ...change.state, recoveries }
}
