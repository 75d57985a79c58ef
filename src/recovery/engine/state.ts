/** The engine's state while a step is under way. */
import type { IncidentKind, OpenIncident } from '../incident.js'
import { incidentKey } from '../incident-from-alert.js'
import type { EngineEffect, EngineState, Past, Recovery } from './contract.js'

/** A step under way: the state so far and what has to be done. */
export interface Change {
  state: EngineState
  readonly effects: EngineEffect[]
}

/** What stands still until it is repaired, and then goes on as before: the next time says nothing of the last one. */
const STOPS: ReadonlySet<IncidentKind> = new Set<IncidentKind>(['device-failure', 'timeout'])

/** As if nobody had asked for anything: what somebody asked for is tried once, and moves the call once at most. */
export const BY_ITSELF = { kind: 'automatic', wanted: null, mayMoveCall: false } as const

/** A recovery that waits for its first try, or goes on where it was when its incident seemed to be over. */
export function recoveryOf(incident: OpenIncident, now: number, past?: Past): Recovery {
  return {
    incident,
    kind: 'automatic',
    state: 'idle',
    raisedAtMs: now,
    failed: past?.failed ?? [],
    tries: past?.tries ?? 0,
    runs: past?.runs ?? {},
    spentMs: 0,
    nextAtMs: now,
    run: null,
    isAsking: false,
    wanted: null,
    mayMoveCall: false,
    isWatched: true,
    isCleared: false,
    succeededAtMs: null,
    helped: past?.helped ?? null,
    told: [],
  }
}

/** Puts a recovery in the place of what is known under its id. */
export function put(change: Change, recovery: Recovery): void {
  const recoveries = new Map(change.state.recoveries).set(recovery.incident.id, recovery)
  change.state = { ...change.state, recoveries }
}

/** Lets go of a recovery whose incident is over, and keeps what was tried for the case that it comes back. */
export function release(change: Change, recovery: Recovery): void {
  const { incident, tries, isWatched, succeededAtMs } = recovery
  const helped = succeededAtMs === null ? null : (recovery.failed.at(-1) ?? null)
  const { failed, runs } = triedInVain(recovery, helped)
  const { state } = change
  const recoveries = new Map(state.recoveries)
  recoveries.delete(incident.id)
  const past = new Map(state.past)
  // What somebody tried by hand is no reason to try it less.
  if (isWatched && tries > 0)
    past.set(incidentKey(incident), { failed, tries, runs, helped, overAtMs: state.now })
  change.state = { ...state, recoveries, past }
}

/** A device or a sender of our own that runs again and stops again later is another trouble: what helped helps again. */
function triedInVain(recovery: Recovery, helped: string | null): Pick<Recovery, 'failed' | 'runs'> {
  const { incident, failed, runs } = recovery
  const isOwnMedia = incident.about.type === 'me' && STOPS.has(incident.kind)
  if (helped === null || !isOwnMedia) return { failed, runs }
  const run = Math.max(0, (runs[helped] ?? 0) - 1)
  return { failed: failed.filter((one) => one !== helped), runs: { ...runs, [helped]: run } }
}
