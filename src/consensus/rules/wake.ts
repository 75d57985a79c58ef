/**
 * Rule 11: the barrier after a sleep. A page that was frozen remembers a world that has moved on; until it has
 * heard everybody it may only learn, accept and join rounds.
 */
import { isDue, remember, type Turn } from '../turn.js'

/** A gap between two steps above this many T_dead means that the page slept: everybody takes it for dead. */
const SLEEP_FACTOR = 2

/** Notes a sleep, told by the shell or seen as a gap. */
export function noticeSleep(turn: Turn, isTold: boolean): void {
  const { state, view } = turn
  const hasGap = view.now - state.lastNow > SLEEP_FACTOR * state.timings.deadAfterMs
  if (!isTold && !hasGap) return
  remember(turn, { wakingSince: view.now, outrankedSince: null, lonelySince: null, roundSince: null })
}

/** Whether the barrier stands; lifts it when everybody connected has synced since the sleep. */
export function isWaking(turn: Turn): boolean {
  const { wakingSince, timings } = turn.state
  if (wakingSince === null) return false
  // The shell needs a moment to notice that its links have to sync again.
  if (!isDue(turn, wakingSince + timings.listenMinMs) || turn.view.isSyncing) return true
  remember(turn, { wakingSince: null })
  return false
}
