/**
 * Attempts of this page, in memory: the whole store in private mode, and the safety copy behind IndexedDB.
 * Bounded like the database; when full, the oldest goes.
 */
import type { Clock } from '../clock.js'
import type { Attempt } from './attempt.js'
import { ATTEMPTS_MAX, RETENTION_MS } from './retention.js'
import { byNewest } from './stored-attempt.js'

/** A bounded list of attempts. */
export interface MemoryAttempts {
  put(attempt: Attempt): void
  has(id: string): boolean
  list(query: { readonly room?: string; readonly limit?: number }): readonly Attempt[]
  erase(room?: string): void
}

/** Makes an empty one. */
export function createMemoryAttempts(clock: Clock): MemoryAttempts {
  const attempts = new Map<string, Attempt>()
  return {
    put(attempt) {
      attempts.set(attempt.id, attempt)
      if (attempts.size > ATTEMPTS_MAX) attempts.delete(oldestOf(attempts.values()).id)
    },
    has: (id) => attempts.has(id),
    list({ room, limit }) {
      const expiredMs = clock.wallNow() - RETENTION_MS
      return [...attempts.values()]
        .filter((attempt) => attempt.startedAtMs >= expiredMs && (room === undefined || attempt.room === room))
        .sort(byNewest)
        .slice(0, limit ?? ATTEMPTS_MAX)
    },
    erase(room) {
      for (const attempt of [...attempts.values()])
        if (room === undefined || attempt.room === room) attempts.delete(attempt.id)
    },
  }
}

function oldestOf(attempts: Iterable<Attempt>): Attempt {
  return [...attempts].reduce((oldest, attempt) => (byNewest(oldest, attempt) < 0 ? attempt : oldest))
}
