/**
 * State from events (promise P31): what the snapshot said of the call, of the agreement and of recovery follows from
 * the log alone, event by event, for any moment of it. Pure; `call/recovery-log.ts` writes the events.
 */

/** An event as the audit keeps it. */
export interface LoggedEvent {
  readonly kind: string
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
}

/** As much of an attempt as is logged. */
export interface RebuiltAttempt {
  readonly id: string
  readonly incident: string
  readonly strategy: string
  readonly outcome: string
}

/** As much of a snapshot as the log decides. */
export interface RebuiltState {
  /** State of the call; null before the first event. */
  readonly state: string | null
  readonly agreement: {
    readonly lineage: string | null
    readonly epoch: number | null
    readonly provider: string | null
  }
  readonly recovery: {
    readonly isAutomatic: boolean
    readonly isEmergency: boolean
    /** Attempts under way, oldest first. */
    readonly current: readonly RebuiltAttempt[]
    readonly last: RebuiltAttempt | null
    /** Ids of open incidents with what is wrong, oldest first. */
    readonly incidents: Readonly<Record<string, string>>
  }
}

/** Before anything happened. */
export const NOTHING_LOGGED: RebuiltState = {
  state: null,
  agreement: { lineage: null, epoch: null, provider: null },
  recovery: { isAutomatic: true, isEmergency: false, current: [], last: null, incidents: {} },
}

/** The state after these events, oldest first; what nobody knows is passed over. */
export function rebuild(events: readonly LoggedEvent[]): RebuiltState {
  return events.reduce(after, NOTHING_LOGGED)
}

function after(before: RebuiltState, { kind, facts }: LoggedEvent): RebuiltState {
  const { recovery } = before
  switch (kind) {
    case 'state':
      return { ...before, state: textOf(facts.to) }
    case 'agreed': {
      const { epoch } = facts
      const agreement = {
        lineage: textOf(facts.lineage),
        epoch: typeof epoch === 'number' ? epoch : null,
        provider: textOf(facts.provider),
      }
      return { ...before, agreement }
    }
    case 'attempt':
      return { ...before, recovery: { ...recovery, ...attemptsAfter(recovery, facts) } }
    case 'incident-raised':
      return {
        ...before,
        recovery: {
          ...recovery,
          incidents: { ...recovery.incidents, [String(facts.id)]: String(facts.incident) },
        },
      }
    case 'incident-cleared': {
      const { [String(facts.id)]: _gone, ...incidents } = recovery.incidents
      return { ...before, recovery: { ...recovery, incidents } }
    }
    case 'automatic':
      return { ...before, recovery: { ...recovery, isAutomatic: facts.isOn === true } }
    case 'emergency':
      return { ...before, recovery: { ...recovery, isEmergency: facts.isOn === true } }
    default:
      return before
  }
}

function attemptsAfter(
  { current, last }: RebuiltState['recovery'],
  facts: LoggedEvent['facts'],
): Pick<RebuiltState['recovery'], 'current' | 'last'> {
  const attempt: RebuiltAttempt = {
    id: String(facts.id),
    incident: String(facts.incident),
    strategy: String(facts.strategy),
    outcome: String(facts.outcome),
  }
  const others = current.filter(({ id }) => id !== attempt.id)
  if (attempt.outcome === 'in-progress') return { current: [...others, attempt], last }
  return { current: others, last: attempt }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
