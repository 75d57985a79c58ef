/** How often a page calls for others that it does not reach, and answers those that call. */
import type { Clock } from '../clock.js'

/** Paces the calls of one page. */
export interface Announcing {
  /** Whether to call now; ever more rarely while it does not help. */
  isTime(isNeeded: boolean): boolean
  /** Somebody has just called: begins anew with short pauses. */
  restart(): void
  /** Whether `id` may be answered again. */
  mayAnswer(id: string): boolean
}

/** Makes it; `random` in [0, 1) spreads the calls. */
export function createAnnouncing(clock: Clock, random: () => number = Math.random): Announcing {
  const answeredAtMs = new Map<string, number>()
  let nextAtMs = clock.now()
  let calls = 0
  const wait = (): void => {
    nextAtMs = clock.now() + Math.min(EVERY_MAX_MS, EVERY_MIN_MS * 2 ** calls) * (0.8 + random() * 0.4)
    calls += 1
  }
  return {
    isTime(isNeeded) {
      if (!isNeeded) calls = 0
      if (!isNeeded || clock.now() < nextAtMs) return false
      wait()
      return true
    },
    restart() {
      calls = 0
      wait()
    },
    mayAnswer(id) {
      const now = clock.now()
      if (now - (answeredAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < ANSWER_EVERY_MS) return false
      if (answeredAtMs.size >= ANSWERED_MAX) answeredAtMs.clear()
      answeredAtMs.set(id, now)
      return true
    },
  }
}

/** A lost announcement costs two seconds; a page that cannot be reached is called ever more rarely. */
const EVERY_MIN_MS = 2000
/** Spread to 10 to 15 s: the longest that a page stays unlinked although nothing is in the way any more. */
const EVERY_MAX_MS = 12_500
/** Answers to one page's repeated announcements. */
const ANSWER_EVERY_MS = 300
const ANSWERED_MAX = 256
