/**
 * Writes down every decision of a call with its numbers, its runner-up and its reason when the attempt begins,
 * how it ended when it ends, and says what is to be learned from it.
 */
import type { Clock } from '../clock.js'
import type { Archive, ExplanationRow } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import { hashOf, signatureOf } from '../recovery/context.js'
import { explain } from '../recovery/explanation.js'
import { type Incident, incidentNamed } from '../recovery/incident.js'
import type { Outcome } from '../recovery/pattern.js'
import { strategyNamed } from '../recovery/plan.js'
import { reasonOf } from '../recovery/reasoning.js'
import type { Choice } from '../recovery/selection.js'

/** A choice that an attempt is about to follow. */
export interface Chosen {
  readonly choice: Choice
  readonly context: string
}

/** The decisions of one call. */
export interface Decisions {
  /** An attempt began, after this choice if there was one. */
  begun(attempt: Attempt, chosen: Chosen | null): void
  /** It ended; returns what is to be learned, or null when nothing is. */
  ended(attempt: Attempt): Outcome | null
  /** Writes down at once what still waits for a quiet moment. */
  flush(): void
}

/** Attempts at one kind of incident that follow each other; a longer pause is a new incident. */
const SAME_INCIDENT_MS = 30_000
/** Decisions whose end has not been seen; a call has one attempt at a time. */
const OPEN_DECISIONS_MAX = 8

/** An attempt begins when media is away, so nothing is written before it has most likely come back. */
const WRITE_AFTER_MS = 250

type Decision = Omit<ExplanationRow, 'keepUntilMs'>

/** Starts with none. */
export function createDecisions(options: {
  readonly archive: Archive
  readonly clock: Clock
  readonly me: string
  /** Circumstances of a repair on a provider; later ones differ from the first. */
  readonly contextOf: (provider: string, isLater: boolean) => string
}): Decisions {
  const { archive, clock } = options
  const open = new Map<string, Decision>()
  const waiting: (() => Promise<void>)[] = []
  const flush = (): void => {
    for (const write of waiting.splice(0)) void write()
  }
  const later = (...writes: readonly (() => Promise<void>)[]): void => {
    if (waiting.length === 0) clock.after(WRITE_AFTER_MS, flush)
    waiting.push(...writes)
  }
  let latest = { incident: '', atMs: 0, number: 0 }
  return {
    begun(attempt, chosen) {
      const { incident, startedAtMs: atMs } = attempt
      const isLater = latest.incident === incident && atMs - latest.atMs < SAME_INCIDENT_MS
      latest = { incident, atMs, number: isLater ? latest.number + 1 : 1 }
      const context = chosen?.context ?? options.contextOf(attempt.to ?? attempt.from ?? '', latest.number > 1)
      const decision = decisionOf(attempt, options.me, { context, number: latest.number, chosen })
      open.set(attempt.id, decision)
      for (const id of open.keys()) if (open.size > OPEN_DECISIONS_MAX) open.delete(id)
      const { signature, cause: message } = decision
      later(
        () => archive.explain(decision),
        () => archive.countIncident({ id: hashOf(signature, context), signature, context, message }),
      )
    },
    ended(attempt) {
      const decision = open.get(attempt.id)
      if (decision === undefined || attempt.outcome === 'in-progress') return null
      open.delete(attempt.id)
      const { outcome, durationMs, mediaGapMs, reason, strategy, id, room, initiator } = attempt
      if (outcome !== 'failed') latest = { ...latest, number: 0, incident: '' }
      // What was known when it began may have been wrong: a switch turns out to be an outage.
      const about = incidentFor(attempt)
      const signature = signatureOf(about)
      const facts = { attempt: id, incident: attempt.incident, strategy, outcome, durationMs, mediaGapMs }
      later(
        () => archive.explain({ ...decision, signature, cause: reason, outcome, durationMs, mediaGapMs }),
        () => archive.audit.append({ room, kind: 'attempt-ended', participant: initiator, facts }),
      )
      // What people ask for and what was broken off says nothing about how well it works.
      if (outcome === 'cancelled' || about.blame === 'nobody') return null
      const costMs = mediaGapMs ?? durationMs ?? 0
      return { signature, context: decision.context, strategy, isSuccess: outcome === 'succeeded', costMs }
    },
    flush,
  }
}

function decisionOf(
  attempt: Attempt,
  me: string,
  facts: { readonly context: string; readonly number: number; readonly chosen: Chosen | null },
): Decision {
  const { context, number } = facts
  const choice = facts.chosen?.choice.strategy === attempt.strategy ? facts.chosen.choice : null
  const about = incidentFor(attempt)
  const { key, summary, userAction } = explain(about, strategyNamed(attempt.strategy), attempt.to)
  return {
    id: attempt.id,
    room: attempt.room,
    atMs: attempt.startedAtMs,
    participant: attempt.initiator === 'automatic' ? me : attempt.initiator,
    signature: signatureOf(about),
    context,
    strategy: attempt.strategy,
    number,
    by: choice?.by ?? 'fixed',
    propensity: choice?.propensity ?? 1,
    confidence: choice?.confidence ?? 1,
    options: (choice?.ranking ?? []).map(({ strategy, success, successMs, costMs }) => ({
      strategy,
      success,
      successMs,
      costMs,
    })),
    key,
    summary,
    cause: attempt.reason,
    why: choice === null ? 'By fixed priority.' : reasonOf(choice).text,
    userAction,
    severity: about.severity,
    outcome: null,
    durationMs: null,
    mediaGapMs: null,
  }
}

function incidentFor({ incident, from, to }: Attempt): Incident {
  return incidentNamed(incident, from ?? to ?? '')
}
