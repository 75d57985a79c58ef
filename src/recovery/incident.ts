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

/** Severity and blame that go with a kind. */
const KINDS: Readonly<Record<IncidentKind, Pick<Incident, 'severity' | 'blame'>>> = {
  'provider-outage': { severity: 'critical', blame: 'provider' },
  'path-broken': { severity: 'high', blame: 'path' },
  'connect-failed': { severity: 'high', blame: 'path' },
  'switch-requested': { severity: 'low', blame: 'nobody' },
  rejoined: { severity: 'low', blame: 'nobody' },
}

/** The incident of a kind by its name, as an attempt keeps it; an unknown name is nobody's fault. */
export function incidentNamed(name: string, provider: string): Incident {
  const kind = Object.hasOwn(KINDS, name) ? (name as IncidentKind) : 'switch-requested'
  return { kind, provider, ...KINDS[kind], evidence: [] }
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
