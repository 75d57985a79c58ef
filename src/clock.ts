/**
 * The only way to the time. Everything that waits takes a {@link Clock}, so that tests advance it by hand
 * and the worker can drive the page's (a hidden tab throttles the page's own timers).
 */

/** Monotonic time and timers. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number
  /** Wall-clock milliseconds since 1970, for history entries. */
  wallNow(): number
  /** Runs `task` once after `delayMs`; call the result to cancel. */
  after(delayMs: number, task: () => void): () => void
}

/** The platform's clock. */
export function systemClock(): Clock {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    after(delayMs, task) {
      const id = setTimeout(task, delayMs)
      return () => clearTimeout(id)
    },
  }
}
