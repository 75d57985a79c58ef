/**
 * Attempts of this page, in memory: the whole store in private mode, and the safety copy behind IndexedDB.
 * Bounded like the database; when full, the oldest goes.
 */
import type { Clock } from '../clock.js'
import type { Attempt } from './attempt.js'
import { isKept, LIST_MAX } from './retention.js'
import { byNewest } from './stored-attempt.js'

/** A bounded list of attempts. */
export interface MemoryAttempts {
  put(attempt: Attempt): void
  has(id: string): boolean
  list(query: { readonly room?: string; readonly limit?: number }): readonly Attempt[]
  erase(isErased: (attempt: Attempt) => boolean): void
}

/** Makes an empty one. */
export function createMemoryAttempts(clock: Clock): MemoryAttempts {
  const attempts = new Map<string, Attempt>()
  return {
    put(attempt) {
      attempts.set(attempt.id, attempt)
      if (attempts.size > LIST_MAX) attempts.delete(oldestOf(attempts.values()).id)
    },
    has: (id) => attempts.has(id),
    list({ room, limit }) {
      const nowMs = clock.wallNow()
      return [...attempts.values()]
        .filter((attempt) => isKept(attempt, nowMs) && (room === undefined || attempt.room === room))
        .sort(byNewest)
        .slice(0, limit ?? LIST_MAX)
    },
    erase(isErased) {
      for (const attempt of [...attempts.values()]) if (isErased(attempt)) attempts.delete(attempt.id)
    },
  }
}

function oldestOf(attempts: Iterable<Attempt>): Attempt {
  return [...attempts].reduce((oldest, attempt) => (byNewest(oldest, attempt) < 0 ? attempt : oldest))
}
