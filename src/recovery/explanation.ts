/**
 * Why, in plain words. Every decision gets a summary, a cause, its evidence and what the user should do,
 * also the decision to do nothing.
 */
import type { EvidenceKey } from '../health/verdict.js'
import type { Incident } from './incident.js'
import type { Strategy } from './plan.js'

/** An explanation; `key` is stable for translation. */
export interface Explanation {
  readonly key: string
  readonly summary: string
  readonly cause: string
  readonly evidence: readonly string[]
  readonly userAction: string
}

const EVIDENCE_TEXT: Readonly<Record<EvidenceKey, string> & Record<string, string>> = {
  'socket-closed': 'its connection closed without a goodbye',
  'probe-timeout': 'it no longer answers',
  'inbound-flat': 'no media arrives from it',
  'outbound-unacknowledged': 'it no longer acknowledges what is sent',
  'transport-flat': 'not a single packet arrives from it',
  'ice-disconnected': 'the media path was interrupted',
  'ice-failed': 'the media path failed',
  'others-fine': 'the others are fine on it',
  'others-see-it-too': 'the others see it too',
}

/** Explains why a strategy was chosen for an incident. */
export function explain(incident: Incident, strategy: Strategy, target: string | null): Explanation {
  return {
    key: `${incident.kind}.${strategy}`,
    summary: summaryOf(incident, strategy, target),
    cause: causeOf(incident),
    evidence: incident.evidence.map(evidenceText),
    userAction: strategy === 'wait' ? 'Stay on this page; the call goes on by itself when it can.' : 'Nothing.',
  }
}

/** The evidence of an incident as one clause, e.g. `no media arrives from it and it no longer answers`. */
export function evidenceClause(evidence: readonly string[]): string {
  const texts = evidence.map(evidenceText)
  if (texts.length <= 1) return texts.join('')
  return `${texts.slice(0, -1).join(', ')} and ${texts[texts.length - 1]}`
}

/** What a detector measured comes with keys that are words already. */
function evidenceText(key: string): string {
  return EVIDENCE_TEXT[key] ?? key.replaceAll('-', ' ')
}

function summaryOf(incident: Incident, strategy: Strategy, target: string | null): string {
  if (strategy === 'switch-provider') return `Everybody moves from ${incident.provider} to ${target}.`
  if (strategy === 'reconnect') return `Connecting to ${incident.provider} again, only here.`
  if (strategy === 'ice-restart') return `Looking for a new path to ${incident.provider}, only here.`
  return 'Waiting: no provider can be reached.'
}

function causeOf(incident: Incident): string {
  const clause = evidenceClause(incident.evidence)
  const because = clause === '' ? '' : `: ${clause}`
  if (incident.kind === 'provider-outage') return `${incident.provider} failed${because}.`
  if (incident.kind === 'path-broken') return `The path from here to ${incident.provider} broke${because}.`
  if (incident.kind === 'connect-failed') return `${incident.provider} could not be reached${because}.`
  if (incident.kind === 'rejoined') return 'This page came back.'
  return 'A participant asked for it.'
}
