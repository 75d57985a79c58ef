/** The risks of a batch, once a second; a file of its own, so that the script-tag build can leave it out. */
import type { DeathState } from '../health/death.js'
import { at, H } from '../health/layout.js'
import type { Rating } from '../health/rating.js'
import { assessRisk, INITIAL_RISK_STATE, type RiskReport, type RiskState } from '../health/risk.js'
import type { SampleBatch } from './protocol.js'

/** Takes the connections that have just been rated; the others keep what was said of them. */
export function assessBatch(
  state: RiskState | null,
  batch: SampleBatch,
  ratings: Readonly<Record<string, Rating>>,
  { others, watches }: DeathState,
): { readonly state: RiskState | null; readonly report: RiskReport | null } {
  const inputs = batch.connections.flatMap(({ connectionId, provider, isCurrent, expectsInbound, values }) => {
    const rating = ratings[connectionId]
    if (!rating) return []
    // A rating of an earlier batch was assessed then.
    const isNew = values !== null && rating.atMs === at(values, H.atMs) && at(values, H.isFull) === 1
    const observation = isNew && expectsInbound ? rating.observation : null
    return [{ connectionId, provider, isCurrent, observation, verdict: watches[connectionId]?.verdict ?? null }]
  })
  if (!inputs.some(({ observation }) => observation !== null)) return { state, report: null }
  return assessRisk(state ?? INITIAL_RISK_STATE, batch.atMs, inputs, others)
}
