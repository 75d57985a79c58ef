/**
 * The snapshot before `join()` and after `leave()`. Apart from `build-snapshot.ts`, so that a lobby shows without
 * loading agreement and the pool.
 */
import { REDUCED_HEALTH } from './health-view.js'
import { idleRecovery } from './recovery-view.js'
import type { AgreementSnapshot, CallSnapshot, CallState } from './snapshot.js'

/** Parts of the snapshot that exist before `join()` and after `leave()` too. */
export function emptySnapshot(options: {
  readonly state: CallState
  readonly room: string
  readonly me: CallSnapshot['me']
  readonly providers: CallSnapshot['providers']
  readonly timeline: CallSnapshot['timeline']
  readonly last: CallSnapshot['recovery']['last']
}): CallSnapshot {
  return {
    state: options.state,
    statusText: statusText(options.state, null, null),
    room: options.room,
    me: options.me,
    provider: null,
    providers: options.providers,
    agreement: NO_AGREEMENT,
    peers: [],
    connections: [],
    recovery: idleRecovery(options.last),
    health: REDUCED_HEALTH,
    timeline: options.timeline,
    links: [],
    worker: 'none',
    history: 'none',
  }
}

/** Of a call in which nobody agrees on anything yet. */
export const NO_AGREEMENT: AgreementSnapshot = {
  status: 'listening',
  lineage: null,
  epoch: null,
  provider: null,
  committee: [],
  seat: 'none',
  wants: {},
  votes: {},
  decided: [],
}

/** The status line, one plain sentence. */
export function statusText(state: CallState, agreed: string | null, candidate: string | null): string {
  switch (state) {
    case 'idle':
      return 'Not joined yet.'
    case 'joining':
      return 'Joining the call.'
    case 'live':
      return agreed === null ? 'Connected.' : `Everybody is on ${agreed}.`
    case 'switching':
      return `Switching to ${candidate ?? agreed ?? 'the next provider'}.`
    case 'repairing':
      return `Repairing your connection to ${agreed ?? 'the provider'}; the others are not affected.`
    case 'lost':
      return 'No provider can be reached. Trying again.'
    case 'leaving':
      return 'Leaving the call.'
    case 'left':
      return 'You left the call.'
    case 'failed':
      return 'The call could not be joined.'
  }
}
