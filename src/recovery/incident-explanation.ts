/**
 * Everything there is to say of one decision: what failed, why and by which evidence, what could be done with its
 * chances, what is done or not done and why, what a person should do. The same decision gives the same text. Pure.
 */
import type { Severity } from '../health/alert.js'
import type { Nothing } from './engine/contract.js'
import type { Explanation } from './explanation.js'
import type { OpenIncident } from './incident.js'
import type { Assumed } from './knowledge.js'
import { nameOf, sentence, type TextOverrides } from './texts.js'

/** One way to repair as it stood when the decision was made. */
export interface ExplainedOption {
  readonly strategy: string
  /** Expected chance of success, 0 to 1. */
  readonly success: number
  /** How long a success is expected to take. */
  readonly successMs: number
  /** Why it may not be run now, as a stable key; null: it may. */
  readonly refused: string | null
}

/** An explanation with everything that promise P44 asks for. */
export interface RecoveryExplanation extends Explanation {
  /** What is done, or that nothing is: `strategy` names it, null: nothing. */
  readonly strategy: string | null
  /** What failed, one sentence. */
  readonly problem: string
  /** Why this and nothing else. */
  readonly why: string
  readonly options: readonly ExplainedOption[]
  readonly severity: Severity
  /** How sure the cause is, 0 to 1. */
  readonly confidence: number
}

/** What a decision was. */
export type Decision =
  | { readonly strategy: string; readonly to: string | null; readonly reasoning: string }
  | { readonly nothing: Nothing }

/** What {@link explainIncident} needs besides the incident and the decision. */
export interface Explaining {
  readonly options: readonly ExplainedOption[]
  /** Name of whom it is about, or `you`. */
  readonly who: string
  readonly texts?: TextOverrides
}

const PER_CENT = 100

/** What needs a person, by whose fault it is. */
const ACTION_FOR: Readonly<Record<OpenIncident['culprit'], string>> = {
  'my-network': 'network',
  'my-device': 'device',
  'my-cpu': 'load',
  sender: 'sender',
  receiver: 'none',
  provider: 'wait',
  path: 'wait',
  browser: 'browser',
  app: 'token',
  nobody: 'none',
}

/** Explains one decision. */
export function explainIncident(
  incident: OpenIncident,
  decision: Decision,
  about: Explaining,
): RecoveryExplanation {
  const { texts, options, who } = about
  const isNothing = 'nothing' in decision
  const names = { who, provider: incident.provider, to: isNothing ? '' : (decision.to ?? 'the next provider') }
  const say = (key: string): string => sentence(key, names, texts)
  const evidence = incident.evidence.map((key) => say(`evidence.${key}`))
  const problem = say(`incident.${incident.kind}`)
  const summary = isNothing ? say(`nothing.${decision.nothing}`) : say(`strategy.${decision.strategy}`)
  return {
    key: `${incident.kind}.${isNothing ? decision.nothing : decision.strategy}`,
    strategy: isNothing ? null : decision.strategy,
    problem,
    summary,
    cause: `${problem} ${causeOf(incident, say, evidence)}`,
    evidence,
    options,
    why: isNothing
      ? [say(`because.${decision.nothing}`), refusals(options)].filter(Boolean).join(' ')
      : decision.reasoning,
    userAction: say(`action.${actionOf(incident, decision)}`),
    severity: incident.severity,
    confidence: incident.confidence,
  }
}

/** Numbers of an option before anything was learned of it. */
export function assumedOption(
  strategy: string,
  assumed: Required<Assumed>,
  refused: string | null,
): ExplainedOption {
  return { strategy, success: assumed.success, successMs: assumed.successMs, refused }
}

/** Why this one, where the fixed priority decided. */
export function fixedReasoning(
  strategy: string,
  options: readonly ExplainedOption[],
  failed: readonly string[],
): string {
  const first = failed.length > 0 ? `After ${failed.map(nameOf).join(', ')}, ` : ''
  const order = `${first}${nameOf(strategy)} is next in the usual order`
  const chosen = options.find((option) => option.strategy === strategy)
  const numbers = chosen ? `: expected to succeed in ${percent(chosen.success)} after ${seconds(chosen)}` : ''
  return `${order}${numbers}.`.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}

function causeOf(incident: OpenIncident, say: (key: string) => string, evidence: readonly string[]): string {
  const because = evidence.length === 0 ? '' : `: ${evidence.join(', ')}`
  return `${say(`culprit.${incident.culprit}`)} (${percent(incident.confidence)} sure)${because}.`
}

function actionOf(incident: OpenIncident, decision: Decision): string {
  if (!('nothing' in decision)) {
    if (decision.strategy === 'ask-user') return askedFor(incident)
    return decision.strategy === 'wait' ? 'wait' : 'none'
  }
  const { nothing } = decision
  if (nothing === 'may-pass' || nothing === 'symptom') return 'wait'
  if (nothing === 'cleared' || nothing === 'too-many' || nothing === 'rate-limited') return 'none'
  if (nothing === 'in-other-hands') return 'wait'
  if (nothing === 'forbidden') return 'ask-admin'
  if (nothing === 'budget-spent') return incident.culprit === 'path' ? 'rejoin' : ACTION_FOR[incident.culprit]
  return ACTION_FOR[incident.culprit]
}

/** Who is asked for something gets a concrete answer, whosever fault it is. */
function askedFor({ kind, culprit }: OpenIncident): string {
  if (kind === 'device-failure') return culprit === 'browser' ? 'browser' : 'device'
  if (kind === 'auth-failure') return 'token'
  return kind === 'resource-exhaustion' ? 'load' : 'network'
}

function refusals(options: readonly ExplainedOption[]): string {
  const refused = options.flatMap((one) =>
    one.refused === null ? [] : [`${one.strategy}: ${one.refused.replaceAll('-', ' ')}`],
  )
  return refused.length === 0 ? '' : `Looked at ${refused.join('; ')}.`
}

function seconds({ successMs }: ExplainedOption): string {
  return `${(successMs / 1000).toFixed(1)} s`
}

function percent(share: number): string {
  return `${Math.round(share * PER_CENT)} %`
}
