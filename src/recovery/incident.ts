/**
 * Something went wrong, as data: what, where, how sure, whose fault. Incidents come from verdicts and from
 * failed connects; they are the only input of a plan besides what could be done about them.
 */
import type { ConnectionVerdict, EvidenceKey } from '../health/verdict.js'

/** What can go wrong in a call, as far as this page can tell. */
export type IncidentKind =
  | 'provider-outage'
  | 'path-broken'
  | 'connect-failed'
  | 'switch-requested'
  | 'rejoined'

/** One incident. */
export interface Incident {
  readonly kind: IncidentKind
  readonly provider: string
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  readonly blame: 'provider' | 'path' | 'nobody'
  readonly evidence: readonly EvidenceKey[]
}

/** The incident behind a verdict; null where nothing has to be done. */
export function incidentOf(provider: string, verdict: ConnectionVerdict): Incident | null {
  if (verdict.state !== 'dead') return null
  const isProvider = verdict.blame === 'provider'
  return {
    kind: isProvider ? 'provider-outage' : 'path-broken',
    provider,
    severity: isProvider ? 'critical' : 'high',
    blame: isProvider ? 'provider' : 'path',
    evidence: verdict.evidence,
  }
}
