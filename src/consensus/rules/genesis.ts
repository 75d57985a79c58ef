/**
 * Rule 13: how a voter gets into its first lineage. It listens first; only when nobody who announced itself has
 * one does it found its own, the least voter id first, so that people who start together meet in one.
 */
import { genesisLineage } from '../lineage.js'
import { makeRecord } from '../record.js'
import { freshRegister } from '../register.js'
import { announce, isDue, remember, setRegister, type Turn } from '../turn.js'
import { adoptBest } from './hop.js'

/** Between two founders in waiting: about one sync, so that the first one's lineage is seen by the second. */
const FOUNDER_STAGGER_MS = 250

/** Rule 13. */
export function listen(turn: Turn): boolean {
  if (adoptBest(turn)) return true
  const { state, view } = turn
  const { listenMinMs, listenMaxMs } = state.timings
  const giveUpAt = state.listeningSince + Math.max(listenMinMs, listenMaxMs)
  if (view.isSyncing) {
    if (!isDue(turn, giveUpAt)) return false
  } else if (!isDue(turn, Math.min(state.listeningSince + listenMinMs + founderDelay(turn), giveUpAt)))
    return false
  found(turn)
  return true
}

function founderDelay({ live, state }: Turn): number {
  const rank = [...live].filter((voter) => voter < state.voter).length
  return rank * FOUNDER_STAGGER_MS
}

function found(turn: Turn): void {
  const { state } = turn
  const head = makeRecord({
    lineage: genesisLineage(state.voter),
    n: 0,
    provider: null,
    seats: [{ voter: state.voter, caps: state.caps }],
    parent: '',
  })
  remember(turn, { phase: 'active', forkBase: null })
  setRegister(turn, freshRegister(state, head))
  announce(turn, head)
}
