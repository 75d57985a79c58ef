/**
 * In place of `history/history.ts` in the script-tag file: attempts are kept as long as the page is open, and the
 * snapshot's `history` says `memory`. What outlives a page, and all that is learned from it, are the modules'.
 */
import type { Attempt, HistoryStore } from '../history/attempt.js'
import { LIST_MAX } from '../history/retention.js'

/** As in `history/history.ts`; there is no database to warn of. */
export function openHistory(): HistoryStore {
  const attempts = new Map<string, Attempt>()
  const forget: HistoryStore['forget'] = (isErased) => {
    for (const attempt of [...attempts.values()]) if (isErased(attempt)) attempts.delete(attempt.id)
  }
  return {
    mode: 'memory',
    async put(attempt) {
      attempts.set(attempt.id, attempt)
      if (attempts.size > LIST_MAX) attempts.delete([...attempts.keys()][0] ?? '')
    },
    // They were put in the order in which they began.
    list: async ({ room, limit = LIST_MAX } = {}) =>
      [...attempts.values()]
        .reverse()
        .filter((attempt) => room === undefined || attempt.room === room)
        .slice(0, limit),
    settleAbandoned: async () => 0,
    erase: async ({ room } = {}) => forget((attempt) => room === undefined || attempt.room === room),
    forget,
    work: async () => null,
    close: async () => undefined,
  }
}
