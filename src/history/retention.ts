/** How much history is kept; the same in IndexedDB and in memory. */

const DAY_MS = 24 * 60 * 60 * 1000

/** Attempts older than this are no longer shown and are deleted at the next pruning (promise P21). */
export const RETENTION_MS = 7 * DAY_MS
/** About 2.5 MB at 500 bytes each: far below any quota, enough for a week of constant trouble. */
export const ATTEMPTS_MAX = 5000
/** Pruning waits until a join or a switch is surely over. */
export const PRUNE_DELAY_MS = 5000
/** Later prunings come after this many writes, so that a page that stays open for weeks is bounded too. */
export const PRUNE_EVERY_WRITES = 100
