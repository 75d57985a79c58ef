/**
 * What the desk remembers of its decisions, for as long as the page is open: the explanation of each incident and
 * attempt, and how often an incident like it was seen before.
 */
import type { ExplanationRow } from '../history/archive-contract.js'
import { contextOf, hashOf, signatureOf } from '../recovery/context.js'
import type { OpenIncident } from '../recovery/incident.js'
import type { RecoveryExplanation } from '../recovery/incident-explanation.js'
import type { CallCore } from './core.js'
import { readSurroundings } from './surroundings.js'

/** A call of hours with a bad network stays in here; older ones are in the archive. */
const KEPT_MAX = 200

/** A decision as the archive keeps it. */
export interface Told {
  readonly incident: OpenIncident
  readonly explanation: RecoveryExplanation
  /** Which try for the incident, from 1; 0: nothing was done. */
  readonly number: number
}

/** The memory of the desk. */
export interface RecoveryBook {
  remember(id: string, explanation: RecoveryExplanation): void
  /** By id of an incident (its latest) or of an attempt. */
  find(id: string): Promise<RecoveryExplanation | ExplanationRow | null>
  latest(id: string): RecoveryExplanation | null
  /** An incident appeared: looks up how often it was seen. */
  count(incident: OpenIncident): void
  occurrence(id: string): number | null
  clear(): void
}

/** Starts empty. */
export function createRecoveryBook(core: CallCore): RecoveryBook {
  const explanations = new Map<string, RecoveryExplanation>()
  const occurrences = new Map<string, number>()
  const bound = (map: Map<string, unknown>): void => {
    for (const id of map.keys()) if (map.size > KEPT_MAX) map.delete(id)
  }
  return {
    remember(id, explanation) {
      explanations.delete(id)
      explanations.set(id, explanation)
      bound(explanations)
    },
    find: async (id) => explanations.get(id) ?? (await core.archive?.explanation(id)) ?? null,
    latest: (id) => explanations.get(id) ?? null,
    count(incident) {
      void core.archive?.incidents().then((rows) => {
        const id = hashOf(signatureOf(incident), circumstancesOf(core, incident))
        occurrences.set(incident.id, (rows.find((row) => row.id === id)?.count ?? 0) + 1)
        bound(occurrences)
        core.requestRefresh()
      })
    },
    occurrence: (id) => occurrences.get(id) ?? null,
    clear() {
      explanations.clear()
      occurrences.clear()
    },
  }
}

/** The circumstances of the first try at an incident (promise P42). */
export function circumstancesOf(core: CallCore, { provider }: Pick<OpenIncident, 'provider'>): string {
  const kind = core.options.providers.find(({ id }) => id === provider)?.kind ?? 'unknown'
  return contextOf({ ...readSurroundings(), provider: kind, stage: 'first' })
}
