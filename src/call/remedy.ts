/**
 * What prevention does to our own connection, by the hands of recovery: one step of quality less, which comes back by
 * itself when the danger is over, or a new path. It stands back while a recovery is under way: two remedies at once
 * would never be told apart.
 */
import type { Target } from '../recovery/strategy.js'
import type { Hands } from '../repair/hands.js'
import type { CallCore } from './core.js'
import type { Remedy, RemedyAction } from './prevention-desk.js'

/** One step of quality takes effect well within this time, and a second one is not wanted. */
const ONE_STEP_MS = 3_000
/** A new path is there by then, or the repairs see that it is not. */
const NEW_PATH_MS = 4_000

/** In place of an incident: nothing has happened yet. */
const INCIDENT_ID = 'prevention'

/** The remedy, and how its hands learn that there is nothing to avert any more. */
export interface HeldRemedy extends Remedy {
  /** Of an incident's id: `undefined` where it is none of prevention's. */
  isOver(incidentId: string): boolean | undefined
}

/** Makes it. `hands` is read late, because the hands ask back whether it is over. */
export function createRemedy(core: CallCore, hands: () => Hands): HeldRemedy {
  let isHeld = false
  const run = (action: RemedyAction, connectionId: string, limitMs: number): void => {
    const limit = new AbortController()
    const cancel = core.clock.after(limitMs, () => limit.abort())
    // How it ends is seen by what comes after: prevention scores that.
    void hands().run(action, targetOf(core, connectionId), limit.signal).then(cancel)
  }
  return {
    isFree: () => (core.recovery?.status().active.length ?? 0) === 0 && core.attempts.current === null,
    begin(action, connectionId) {
      if (action === 'ice-restart') return run(action, connectionId, NEW_PATH_MS)
      isHeld = true
      run(action, connectionId, ONE_STEP_MS)
    },
    end(action) {
      if (action === 'quality-down') isHeld = false
    },
    isOver: (incidentId) => (incidentId === INCIDENT_ID ? !isHeld : undefined),
  }
}

function targetOf({ reading }: CallCore, connectionId: string): Target {
  const provider = reading?.agreed ?? ''
  return {
    incidentId: INCIDENT_ID,
    kind: 'quality-degradation',
    provider,
    connectionId,
    peer: null,
    media: null,
    value: null,
  }
}
