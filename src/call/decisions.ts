/**
 * Writes down every decision of a call with its numbers, its runner-up and its reason when the attempt begins,
 * how it ended when it ends, and says what is to be learned from it.
 */
import type { Clock } from '../clock.js'
import type { Archive } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import { hashOf, signatureOf } from '../recovery/context.js'
import type { Incident } from '../recovery/incident.js'
import type { Outcome } from '../recovery/pattern.js'
import {
  type Chosen,
  type Decision,
  decisionOf,
  idleDecision,
  incidentFor,
  toldDecision,
} from './decision-rows.js'
import type { Told } from './recovery-book.js'

/** The decisions of one call. */
export interface Decisions {
  /** An attempt began, after this choice if there was one; `told` is what the recovery desk said of it. */
  begun(attempt: Attempt, chosen: Chosen | null, told?: Told | null): void
  /** Nothing is done about an incident, and why: a decision like any other. */
  nothing(room: string, told: Told): void
  /** It ended; returns what is to be learned, or null when nothing is. */
  ended(attempt: Attempt): Outcome | null
  /** Writes down at once what still waits for a quiet moment. */
  flush(): void
}

/** Attempts at one kind of incident that follow each other; a longer pause is a new incident. */
const SAME_INCIDENT_MS = 30_000
/** Decisions whose end has not been seen; a call has few attempts at a time. */
const OPEN_DECISIONS_MAX = 32

/** An attempt begins when media is away, so nothing is written before it has most likely come back. */
const WRITE_AFTER_MS = 250

/** Starts with none. */
export function createDecisions(options: {
  readonly archive: Archive
  readonly clock: Clock
  readonly me: string
  /** Circumstances of a repair on a provider; later ones differ from the first. */
  readonly contextOf: (provider: string, isLater: boolean) => string
}): Decisions {
  const { archive, clock } = options
  const open = new Map<string, { readonly decision: Decision; readonly about: Incident | null }>()
  const waiting: (() => Promise<void>)[] = []
  const flush = (): void => {
    for (const write of waiting.splice(0)) void write()
  }
  const later = (...writes: readonly (() => Promise<void>)[]): void => {
    if (waiting.length === 0) clock.after(WRITE_AFTER_MS, flush)
    waiting.push(...writes)
  }
  let latest = { incident: '', atMs: 0, number: 0 }
  /** Incidents of the recovery desk that are counted already: each once, however often it is tried. */
  const counted = new Set<string>()
  const write = (decision: Decision, told: Told | null): void => {
    const { signature, context, cause: message } = decision
    const isCounted = told !== null && counted.has(told.incident.id)
    if (told !== null) counted.add(told.incident.id)
    later(() => archive.explain(decision))
    const id = hashOf(signature, context)
    if (!isCounted) later(() => archive.countIncident({ id, signature, context, message }))
  }
  const numberOf = ({ incident, startedAtMs: atMs }: Attempt): number => {
    const isLater = latest.incident === incident && atMs - latest.atMs < SAME_INCIDENT_MS
    latest = { incident, atMs, number: isLater ? latest.number + 1 : 1 }
    return latest.number
  }
  return {
    begun(attempt, chosen, told = null) {
      const number = told?.number ?? numberOf(attempt)
      const provider = told?.incident.provider ?? attempt.to ?? attempt.from ?? ''
      const context = chosen?.context ?? options.contextOf(provider, number > 1)
      const decision = told
        ? toldDecision(attempt, told, { me: options.me, context, chosen })
        : decisionOf(attempt, options.me, { context, number, chosen })
      open.set(attempt.id, { decision, about: told?.incident ?? null })
      for (const id of open.keys()) if (open.size > OPEN_DECISIONS_MAX) open.delete(id)
      write(decision, told)
    },
    nothing(room, told) {
      const context = options.contextOf(told.incident.provider, false)
      write(idleDecision(room, told, { me: options.me, context, atMs: clock.wallNow() }), told)
    },
    ended(attempt) {
      const known = open.get(attempt.id)
      if (known === undefined || attempt.outcome === 'in-progress') return null
      open.delete(attempt.id)
      const { decision } = known
      const { outcome, durationMs, mediaGapMs, reason, strategy, id, room, initiator } = attempt
      if (outcome !== 'failed' && known.about === null) latest = { ...latest, number: 0, incident: '' }
      // What was known when it began may have been wrong: a switch turns out to be an outage.
      const about = known.about ?? incidentFor(attempt)
      const signature = signatureOf(about)
      const facts = { attempt: id, incident: attempt.incident, strategy, outcome, durationMs, mediaGapMs }
      later(
        () => archive.explain({ ...decision, signature, cause: reason, outcome, durationMs, mediaGapMs }),
        () => archive.audit.append({ room, kind: 'attempt-ended', participant: initiator, facts }),
      )
      // What people ask for and what was broken off says nothing about how well it works.
      if (outcome === 'cancelled' || isAskedFor(about)) return null
      const costMs = mediaGapMs ?? durationMs ?? 0
      return { signature, context: decision.context, strategy, isSuccess: outcome === 'succeeded', costMs }
    },
    flush,
  }
}

/** People's wishes and returns are no failures; what a detector blames on somebody is one, whosever it is. */
function isAskedFor({ blame, culprit }: Incident): boolean {
  return blame === 'nobody' && culprit === undefined
}
