/** Whether the participants can still agree: an incident of its own when every way of the document is closed. */
import type { BookEntry, IncidentBook } from '../recovery/incident-book.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** Looks at the ways of the document. */
export interface LinkWatch {
  /** What became of the incident at this look; null: nothing. */
  look(reading: Reading, book: IncidentBook): BookEntry | null
}

/** Links come back within two seconds after most changes of a network; then somebody has to see to them. */
const LOST_AFTER_MS = 3_000

/** Starts with everything fine. */
export function createLinkWatch(core: CallCore): LinkWatch {
  let goneSinceMs: number | null = null
  let incidentId: string | null = null
  return {
    look({ now, agreed }, book) {
      const { links } = core.document
      const isUp = links.some(({ state }) => state === 'connected')
      // Offline is another incident, and a call that has none of its own ways is not joined.
      if (isUp || links.length === 0 || !core.network.isOnline) {
        goneSinceMs = null
        const id = incidentId
        incidentId = null
        return id === null ? null : book.end(id)
      }
      goneSinceMs ??= now
      if (incidentId !== null || now - goneSinceMs < LOST_AFTER_MS) return null
      const entry = book.see({
        kind: 'control-plane-loss',
        provider: agreed ?? '',
        severity: 'high',
        blame: 'path',
        culprit: 'my-network',
        confidence: 0.6,
        evidence: ['every-link-closed'],
        about: { type: 'me', id: '', media: null },
        alerts: [],
        value: null,
        sinceMs: goneSinceMs,
      })
      incidentId = entry?.incident.id ?? null
      return entry
    },
  }
}
