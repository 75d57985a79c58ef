/**
 * How often a page beats. What everybody receives grows with the number of pages, so those who only watch beat
 * more rarely in large rooms, and say so; members of the committee stay fast, because the others wait for them.
 */

/** Time between heartbeats of a page in a room of `pages` pages, itself included. */
export function beatEveryMs(pages: number, sits: boolean): number {
  return sits ? BEAT_EVERY_MS : Math.min(BEAT_MAX_MS, BEAT_EVERY_MS * Math.ceil(pages / PAGES_PER_BEAT))
}

/** How long somebody may be silent who beats every `beatEveryMs`, where `limitMs` is enough at every second. */
export function silenceLimitMs(
  limitMs: number,
  { beatEveryMs: everyMs = BEAT_EVERY_MS }: { readonly beatEveryMs?: number },
): number {
  return (limitMs * everyMs) / BEAT_EVERY_MS
}

/** The promised liveness is a second. */
export const BEAT_EVERY_MS = 1000
/** Whoever only watches is missed within a quarter of a minute. */
export const BEAT_MAX_MS = 5000
/** Twelve pages at a beat a second are well below the budget of 2 kB/s. */
const PAGES_PER_BEAT = 12
