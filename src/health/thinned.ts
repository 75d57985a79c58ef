/**
 * The first sign that what I send has stopped: at the read after it, sound has left at a fraction of its pace. One
 * read a second proves a standstill a second later only; a closer look does in half of that. Pure.
 */
import type { DiagnosisState } from './diagnosis.js'

/** Sound leaves at an even pace: a step with less than this share of the one before had a stop in it, or a pause of DTX. */
const THINNED_RATIO = 0.6

/** Whether sound of mine left clearly slower in the latest read than in the one before. */
export function hasThinned(
  before: Pick<DiagnosisState, 'views'> | null,
  after: Pick<DiagnosisState, 'views'> | null,
): boolean {
  if (before === null || after === null || before.views === after.views) return false
  return after.views.outbound.some(({ kind, key, packetsPerSecond }) => {
    const past = before.views.outbound.find((one) => one.key === key)
    return kind === 'audio' && past !== undefined && packetsPerSecond < past.packetsPerSecond * THINNED_RATIO
  })
}
