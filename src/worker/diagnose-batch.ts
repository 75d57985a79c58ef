/**
 * The detectors over one batch. A file of its own, because the script-tag build puts
 * `script-tag/no-diagnosis.ts` in its place.
 */
import type { DeathState } from '../health/death.js'
import { type DiagnosisState, diagnose, INITIAL_DIAGNOSIS } from '../health/diagnosis.js'
import { NO_FACTS } from '../health/facts.js'
import type { Sample } from '../health/layout.js'
import type { IsMuted } from '../health/rating.js'
import type { HealthReport } from '../health/report.js'
import { isMuted } from '../health/scene.js'
import type { SampleBatch } from './protocol.js'

/** What a batch led to; `state` null: nothing is remembered. */
export interface Diagnosed {
  readonly state: DiagnosisState | null
  readonly report: HealthReport | null
}

/** Looks at one batch; `samples` are those of its connections in order. */
export function diagnoseBatch(
  known: DiagnosisState | null,
  { atMs, isOnline, facts, connections }: SampleBatch,
  samples: readonly (Sample | null)[],
  { latenessMs, watches }: DeathState,
): Diagnosed {
  return diagnose(known ?? INITIAL_DIAGNOSIS, {
    atMs,
    isOnline,
    latenessMs,
    facts: facts ?? null,
    verdictOf: (connectionId) => watches[connectionId]?.verdict ?? null,
    connections: connections.map(({ values: _values, ...one }, index) => ({
      ...one,
      sample: samples[index] ?? null,
    })),
  })
}

/** Who has muted what, as the page told last. */
export function mutesIn(state: DiagnosisState | null, { facts }: SampleBatch): IsMuted {
  const latest = facts ?? state?.facts ?? NO_FACTS
  return (peer, kind) => isMuted(latest, true, { peer, kind }) ?? false
}
