/** How much history is kept, by kind; the same in IndexedDB and in memory. */

const DAY_MS = 24 * 60 * 60 * 1000

/** Attempts older than this are no longer shown and are deleted at the next pruning (promise P21). */
export const RETENTION_MS = 7 * DAY_MS
/** What failed is asked about later: attempts that failed, explanations and events (promise P47). */
export const FAILURES_KEPT_MS = 90 * DAY_MS
/** Readings are for looking back at a bad hour; a day of them is about 3 MB. */
export const READINGS_KEPT_MS = 1 * DAY_MS
/** About 50 MB at 500 bytes each, of which nobody has as much trouble in a week; a runaway caller stops there. */
export const ATTEMPTS_MAX = 100_000
/** In memory, and in one answer: a week of constant trouble. */
export const LIST_MAX = 5000
/** Pruning waits until a join or a switch is surely over. */
export const PRUNE_DELAY_MS = 5000
/** Later prunings come after this many writes, so that a page that stays open for weeks is bounded too. */
export const PRUNE_EVERY_WRITES = 100
/** Rows of one transaction: read and deleted in about a millisecond of the page's time. */
export const PRUNE_CHUNK = 50
/** Between two chunks everybody else's transactions and a frame have their turn. */
export const PRUNE_PAUSE_MS = 16

/** Whether an attempt is still kept. */
export function isKept(
  { outcome, startedAtMs }: { readonly outcome: string; readonly startedAtMs: number },
  nowMs: number,
): boolean {
  return nowMs - startedAtMs <= (outcome === 'failed' ? FAILURES_KEPT_MS : RETENTION_MS)
}
