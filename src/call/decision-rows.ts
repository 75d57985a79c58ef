/** Decisions as the archive keeps them: who decided what, for what, with which numbers, and why. */
import type { ExplanationRow, OptionRow } from '../history/archive-contract.js'
import type { Attempt } from '../history/attempt.js'
import { signatureOf } from '../recovery/context.js'
import { explain } from '../recovery/explanation.js'
import { type Incident, incidentNamed } from '../recovery/incident.js'
import type { ExplainedOption } from '../recovery/incident-explanation.js'
import { assumedOf, strategyNamed } from '../recovery/plan.js'
import { reasonOf } from '../recovery/reasoning.js'
import type { Choice } from '../recovery/selection.js'
import type { Told } from './recovery-book.js'

/** A row without what the archive adds. */
export type Decision = Omit<ExplanationRow, 'keepUntilMs'>

/** A choice that an attempt is about to follow. */
export interface Chosen {
  readonly choice: Choice
  readonly context: string
}

/** Names of rows are this long at most, as in `history/stored-rows.ts`. */
const ID_MAX_CHARS = 64

/** The row of a repair of the own path, or of a switch. */
export function decisionOf(
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
    ...numbersOf(choice, [{ ...assumedOf(attempt.strategy), strategy: attempt.strategy }]),
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

/** The incident that an attempt names. */
export function incidentFor({ incident, from, to }: Attempt): Incident {
  return incidentNamed(incident, from ?? to ?? '')
}

/** The row of an attempt of the recovery desk. */
export function toldDecision(
  { id, room, startedAtMs, strategy, initiator }: Attempt,
  told: Told,
  facts: { readonly me: string; readonly context: string; readonly chosen: Chosen | null },
): Decision {
  const choice = facts.chosen?.choice.strategy === strategy ? facts.chosen.choice : null
  const participant = initiator === 'automatic' ? facts.me : initiator
  const { context } = facts
  return {
    ...textsOf(told),
    ...numbersOf(choice, allowed(told)),
    id,
    room,
    atMs: startedAtMs,
    strategy,
    participant,
    context,
  }
}

/** The row of a decision to do nothing. */
export function idleDecision(
  room: string,
  told: Told,
  { me, context, atMs }: { readonly me: string; readonly context: string; readonly atMs: number },
): Decision {
  const id = `${Math.round(atMs).toString(36)}-${told.incident.id}-${told.explanation.key}`.slice(
    0,
    ID_MAX_CHARS,
  )
  return {
    ...textsOf(told),
    ...numbersOf(null, allowed(told)),
    id,
    room,
    atMs,
    strategy: 'none',
    participant: me,
    context,
  }
}

function textsOf({ incident, explanation, number }: Told) {
  const { key, summary, cause, why, userAction, severity } = explanation
  const signature = signatureOf(incident)
  const isOver = { outcome: null, durationMs: null, mediaGapMs: null } as const
  return { key, summary, cause, why, userAction, severity, signature, number, ...isOver }
}

/** What was expected of each option; without a choice by experience, what is assumed of them. */
function numbersOf(
  choice: Choice | null,
  assumed: readonly Pick<OptionRow, 'strategy' | 'success' | 'successMs'>[],
): Pick<Decision, 'by' | 'propensity' | 'confidence' | 'options'> {
  const ranked = choice?.ranking ?? assumed.map((option) => ({ ...option, costMs: option.successMs }))
  return {
    by: choice?.by ?? 'fixed',
    propensity: choice?.propensity ?? 1,
    confidence: choice?.confidence ?? 1,
    options: ranked.map(({ strategy, success, successMs, costMs }) => ({
      strategy,
      success,
      successMs,
      costMs,
    })),
  }
}

/** What might have been run. */
function allowed({ explanation }: Told): readonly ExplainedOption[] {
  return explanation.options.filter(({ refused }) => refused === null)
}
