/**
 * The event log of a call (promise P31): every transition of the call's state, of the agreement and of recovery, in
 * order, written to the audit. `recovery/rebuild.ts` makes the state out of it again.
 */
import type { EventFacts } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import type { CallCore } from './core.js'

/** Starts writing; the result stops it. */
export function keepLog(core: CallCore): () => void {
  const { events, options } = core
  const write = (kind: string, facts: EventFacts): void => {
    void core.archive?.audit.append({ room: options.room, kind, participant: options.me.id, facts })
  }
  const attempt = (one: Attempt): void =>
    write('attempt', { id: one.id, incident: one.incident, strategy: one.strategy, outcome: one.outcome })
  const undo = [
    events.on('state-changed', ({ from, to }) => write('state', { from, to })),
    events.on('provider-agreed', ({ lineage, epoch, provider }) =>
      write('agreed', { lineage, epoch, provider }),
    ),
    events.on('recovered', attempt),
    events.on('recovery-failed', attempt),
  ]
  return () => {
    for (const one of undo) one()
  }
}
