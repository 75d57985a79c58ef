/**
 * The event log of a call (promise P31): every transition of the call's state, of the agreement and of recovery, in
 * order, kept in memory and written to the audit. `recovery/rebuild.ts` makes the state out of it again. It begins
 * with how things stood when the desk was loaded.
 */
import type { EventFacts } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import type { LoggedEvent } from '../recovery/rebuild.js'
import type { CallCore } from './core.js'

/** An event with its time. */
export interface TimedEvent extends LoggedEvent {
  /** Milliseconds since 1970. */
  readonly atMs: number
}

/** The log of one call. */
export interface RecoveryLog {
  readonly events: readonly TimedEvent[]
  write(kind: string, facts: EventFacts): void
  /** Looks which attempts have begun and ended since the last look. */
  look(current: readonly Attempt[], ended: readonly (Attempt | null)[]): void
  stop(): void
}

/** Hours of a lively call; the audit has the rest. */
const EVENTS_MAX = 2_000

/** Starts writing. */
export function keepLog(core: CallCore, state: string): RecoveryLog {
  const { clock, options, reading } = core
  let events: readonly TimedEvent[] = []
  /** Where the audit has been written up to: the archive comes a moment later than the desk. */
  let pending: TimedEvent[] = []
  let running = new Map<string, Attempt>()
  const flush = (): void => {
    if (core.archive === null) return
    for (const { kind, facts } of pending.splice(0))
      void core.archive.audit.append({ room: options.room, kind, participant: options.me.id, facts })
  }
  const write = (kind: string, facts: EventFacts): void => {
    const event = { kind, facts, atMs: clock.wallNow() }
    events = [...events.slice(1 - EVENTS_MAX), event]
    pending = [...pending.slice(1 - EVENTS_MAX), event]
    flush()
  }
  const note = ({ id, incident, strategy }: Attempt, outcome: string): void =>
    write('attempt', { id, incident, strategy, outcome })
  write('state', { from: null, to: state })
  write('agreed', {
    lineage: reading?.lineage ?? null,
    epoch: reading?.epoch ?? null,
    provider: reading?.agreed ?? null,
  })
  const undo = [
    core.events.on('state-changed', ({ from, to }) => write('state', { from, to })),
    core.events.on('provider-agreed', ({ lineage, epoch, provider }) =>
      write('agreed', { lineage, epoch, provider }),
    ),
  ]
  return {
    get events() {
      return events
    },
    write,
    look(current, ended) {
      flush()
      const now = new Map(current.map((attempt) => [attempt.id, attempt]))
      for (const attempt of now.values()) if (!running.has(attempt.id)) note(attempt, 'in-progress')
      for (const attempt of running.values()) {
        if (now.has(attempt.id)) continue
        note(attempt, ended.find((one) => one?.id === attempt.id)?.outcome ?? 'cancelled')
      }
      running = now
    },
    stop() {
      for (const one of undo) one()
    },
  }
}
