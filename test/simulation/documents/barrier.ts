/**
 * Rule 11, checked from outside: a page that was frozen starts nothing before it has heard everybody again. It
 * may learn what is decided, accept proposals and join rounds.
 */
import type { Clock } from '../../../src/clock.js'
import type { Register } from '../../../src/consensus/register.js'
import { AGREEMENT_DEFAULTS } from '../../../src/consensus/timings.js'

/** The barrier of one page. */
export interface Barrier {
  /** The page wakes. */
  raise(): void
  /** What one turn did behind the barrier that it must not do; null when all is well. */
  problem(before: Register | null, after: Register | null): string | null
}

/** Starts lifted; `document` says whether somebody still has to sync. */
export function createBarrier(clock: Clock, document: { readonly isSyncing: boolean }): Barrier {
  let wokeAtMs: number | null = null
  return {
    raise() {
      wokeAtMs = clock.now()
    },
    problem(before, after) {
      if (wokeAtMs === null) return null
      const isOver = clock.now() >= wokeAtMs + AGREEMENT_DEFAULTS.listenMinMs && !document.isSyncing
      if (isOver) wokeAtMs = null
      if (isOver || before === null || after === null || before.voter !== after.voter) return null
      const isSameInstance = before.head.n === after.head.n
      const isVoteNew = after.votedBallot === 0 && !(isSameInstance && before.votedBallot === 0)
      const isRoundNew = after.proposedRound > (isSameInstance ? before.proposedRound : 0)
      if (isVoteNew) return `rule 11 broken: ${after.voter} cast a fast vote before it had heard the others`
      return isRoundNew ? `rule 11 broken: ${after.voter} proposed before it had heard the others` : null
    },
  }
}
