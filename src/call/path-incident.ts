/** What is wrong with the connection of the agreed provider: the incident that the repair loop works on. */
import { type Incident, incidentOf } from '../recovery/index.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** A path that falls silent this soon after the network changed was lost with the old network. */
const CHANGE_HINT_MS = 5_000

/** The trouble of the current connection, as its verdict and its state tell it; null: none. */
export function incidentNow(core: CallCore, reading: Reading): Incident | null {
  const { current, agreed } = reading
  if (current === null || agreed === null) return null
  const verdict = core.verdicts.get(current.id)
  const incident = verdict ? incidentOf(agreed, verdict) : null
  if (incident) return incident
  const path = { kind: 'path-broken', provider: agreed, severity: 'high', blame: 'path' } as const
  if (current.state === 'failed') return { ...path, evidence: ['ice-failed'] }
  const { isOnline, changedAtMs } = core.network
  const isLost = verdict?.state === 'suspect' && isOnline && reading.now - changedAtMs < CHANGE_HINT_MS
  return isLost ? { ...path, evidence: verdict.evidence } : null
}

/** A provider that is known for dead, whatever the own connection says. */
export function outageOf(provider: string): Incident {
  return { kind: 'provider-outage', provider, severity: 'critical', blame: 'provider', evidence: [] }
}
