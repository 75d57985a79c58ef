/** Incidents and options for tests of the engine. */
import type { EngineOption } from '../../../../src/recovery/engine/contract.js'
import type { OpenIncident } from '../../../../src/recovery/incident.js'

/** A picture that cannot be decoded, the path's fault. */
export function anIncident(facts: Partial<OpenIncident> = {}): OpenIncident {
  return {
    id: 'i1',
    kind: 'codec-failure',
    provider: 'east',
    severity: 'high',
    blame: 'path',
    culprit: 'path',
    confidence: 0.8,
    evidence: ['nothing-decoded'],
    about: { type: 'peer', id: 'bob', media: 'video' },
    alerts: [1],
    value: null,
    sinceMs: 0,
    ...facts,
  }
}

/** A repair of one track. */
export function anOption(facts: Partial<EngineOption> = {}): EngineOption {
  return {
    strategy: 'key-frame',
    reach: 'track',
    timeoutMs: 1500,
    isOncePerIncident: false,
    hasUndo: false,
    ...facts,
  }
}
