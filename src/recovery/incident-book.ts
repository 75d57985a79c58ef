/**
 * Which incidents are open: many alerts are one incident, and an incident is over when the last of its alerts is.
 * Keeps ids and nothing else; no clock, no randomness.
 */
import { SEVERITIES, type Severity } from '../health/alert.js'
import type { OpenIncident } from './incident.js'
import { incidentKey } from './incident-from-alert.js'

/** What became of a sighting. */
export interface BookEntry {
  readonly type: 'raised' | 'changed' | 'cleared'
  readonly incident: OpenIncident
}

/** A sighting by a detector (with the alert's number) or by the call itself. */
export type Sighting = Omit<OpenIncident, 'id'>

/** The open incidents of one call. */
export interface IncidentBook {
  /** Somebody sees it, or sees it otherwise than before. Null where nothing follows. */
  see(sighting: Sighting): BookEntry | null
  /** An alert is over; null while others still see the incident. */
  lose(alertId: number): BookEntry | null
  /** What no detector watches is over. */
  end(incidentId: string): BookEntry | null
  get(incidentId: string): OpenIncident | null
  readonly open: readonly OpenIncident[]
}

/** Starts with none. */
export function createIncidentBook(): IncidentBook {
  const open = new Map<string, OpenIncident>()
  let count = 0
  const close = (incident: OpenIncident): BookEntry => {
    open.delete(incident.id)
    return { type: 'cleared', incident }
  }
  return {
    see(sighting) {
      const key = incidentKey(sighting)
      const known = [...open.values()].find((one) => incidentKey(one) === key)
      if (known === undefined) {
        count += 1
        const incident = { ...sighting, id: `i${count}` }
        open.set(incident.id, incident)
        return { type: 'raised', incident }
      }
      const merged = merge(known, sighting)
      open.set(known.id, merged)
      const isNews = merged.severity !== known.severity || merged.culprit !== known.culprit
      return isNews ? { type: 'changed', incident: merged } : null
    },
    lose(alertId) {
      const incident = [...open.values()].find(({ alerts }) => alerts.includes(alertId))
      if (incident === undefined) return null
      const alerts = incident.alerts.filter((one) => one !== alertId)
      if (alerts.length === 0) return close(incident)
      open.set(incident.id, { ...incident, alerts })
      return null
    },
    end(incidentId) {
      const incident = open.get(incidentId)
      return incident === undefined ? null : close(incident)
    },
    get: (incidentId) => open.get(incidentId) ?? null,
    get open() {
      return [...open.values()]
    },
  }
}

/** The same alert says anew how it stands; another one adds to it, and the surer blame wins. */
function merge(known: OpenIncident, sighting: Sighting): OpenIncident {
  const isSameAlert = sighting.alerts.every((id) => known.alerts.includes(id)) && known.alerts.length <= 1
  if (isSameAlert) return { ...known, ...sighting, sinceMs: known.sinceMs }
  const alerts = [...new Set([...known.alerts, ...sighting.alerts])]
  const surer = sighting.confidence > known.confidence ? sighting : known
  const { culprit, confidence, blame } = surer
  return {
    ...known,
    severity: graver(known.severity, sighting.severity),
    evidence: [...new Set([...known.evidence, ...sighting.evidence])],
    culprit,
    confidence,
    blame,
    alerts,
  }
}

function graver(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other) ? one : other
}
