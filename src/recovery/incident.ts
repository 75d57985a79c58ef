/**
 * Something went wrong, as data: what, where, how sure, whose fault. Incidents come from verdicts, from failed
 * connects and from alerts (`incident-from-alert.ts`); they are the only input of a plan besides what could be
 * done about them.
 */
import type { Culprit, Severity, Subject } from '../health/alert.js'
import type { ConnectionVerdict } from '../health/verdict.js'

/** What can go wrong in a call, as far as this page can tell. */
export type IncidentKind =
  | 'provider-outage'
  | 'path-broken'
  | 'connect-failed'
  | 'switch-requested'
  | 'rejoined'
  | 'frame-corruption'
  | 'sync-loss'
  | 'packet-loss'
  | 'timeout'
  | 'buffer-overflow'
  | 'codec-failure'
  | 'network-disconnect'
  | 'auth-failure'
  | 'resource-exhaustion'
  | 'quality-degradation'
  | 'device-failure'
  | 'stale-peer'
  | 'control-plane-loss'

/** One incident. */
export interface Incident {
  readonly kind: IncidentKind
  readonly provider: string
  readonly severity: Severity
  /** How far a repair may reach: the call moves for the provider's fault alone. */
  readonly blame: 'provider' | 'path' | 'nobody'
  /** Stable keys, e.g. `others-see-it-too`; `explanation.ts` has the words. */
  readonly evidence: readonly string[]
  /** Whose fault it is, where a detector says so more closely than `blame`. */
  readonly culprit?: Culprit
  /** How sure that is, 0 to 1. */
  readonly confidence?: number
  /** Whom or what it is about; absent where it is the whole connection. */
  readonly about?: Subject
}

/** An incident that is open in a call. */
export interface OpenIncident extends Incident {
  /** The same from raised to cleared, e.g. `i3`. */
  readonly id: string
  readonly culprit: Culprit
  readonly confidence: number
  readonly about: Subject
  /** Alerts behind it, e.g. `freeze` and `decoder-stall`; empty where no detector saw it. */
  readonly alerts: readonly number[]
  /** The number that was found wrong, e.g. a drift in milliseconds; null where there is none. */
  readonly value: number | null
  /** Monotonic clock of the page. */
  readonly sinceMs: number
}

/** Severity and blame that go with a kind. */
const KINDS: Readonly<Record<IncidentKind, Pick<Incident, 'severity' | 'blame'>>> = {
  'provider-outage': { severity: 'critical', blame: 'provider' },
  'path-broken': { severity: 'high', blame: 'path' },
  'connect-failed': { severity: 'high', blame: 'path' },
  'switch-requested': { severity: 'low', blame: 'nobody' },
  rejoined: { severity: 'low', blame: 'nobody' },
  'frame-corruption': { severity: 'medium', blame: 'path' },
  'sync-loss': { severity: 'medium', blame: 'path' },
  'packet-loss': { severity: 'medium', blame: 'path' },
  timeout: { severity: 'high', blame: 'path' },
  'buffer-overflow': { severity: 'medium', blame: 'path' },
  'codec-failure': { severity: 'high', blame: 'path' },
  'network-disconnect': { severity: 'critical', blame: 'path' },
  'auth-failure': { severity: 'high', blame: 'path' },
  'resource-exhaustion': { severity: 'medium', blame: 'path' },
  'quality-degradation': { severity: 'medium', blame: 'path' },
  'device-failure': { severity: 'high', blame: 'path' },
  'stale-peer': { severity: 'medium', blame: 'path' },
  'control-plane-loss': { severity: 'high', blame: 'path' },
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
