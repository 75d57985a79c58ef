/**
 * The proof that sound and picture are together again. Detectors look away from what was received anew a moment ago,
 * so that a drift is over for them before it is: it is measured here, wherever it could be measured before.
 */
import type { Target } from '../recovery/strategy.js'
import { driftOf } from './resync.js'
import type { LiveConnection } from './world.js'

/** Where health raises a drift of medium severity: less is no trouble to anybody. */
const IN_STEP_MS = 500

/** Looks before a run; what it gives says afterwards whether they are together. Always true for other incidents. */
export async function stepProof(
  before: LiveConnection | null,
  { kind, peer }: Pick<Target, 'kind' | 'peer'>,
): Promise<(after: LiveConnection | null) => Promise<boolean>> {
  if (kind !== 'sync-loss') return async () => true
  const measure = async (live: LiveConnection | null): Promise<number | null> =>
    live === null ? null : driftOf(live.connection.tracks.values(), peer)
  const wasMeasured = (await measure(before)) !== null
  return async (after) => {
    const driftMs = await measure(after)
    return driftMs === null ? !wasMeasured : driftMs < IN_STEP_MS
  }
}
