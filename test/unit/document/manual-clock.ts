/** A clock that stands still until a test moves it. */
import type { Clock } from '../../../src/clock.js'

/** A {@link Clock} with `advance`. */
export interface ManualClock extends Clock {
  /** Runs what falls due on the way, in order. */
  advance(ms: number): void
}

/** Starts at zero. */
export function manualClock(): ManualClock {
  let now = 0
  let timers: { readonly at: number; readonly task: () => void }[] = []
  return {
    now: () => now,
    wallNow: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((one) => one !== next)
        now = Math.max(now, next.at)
        next.task()
      }
      now = until
    },
  }
}
