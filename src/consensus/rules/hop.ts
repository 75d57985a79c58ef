/**
 * Rules 2, 3 and 9: moving to another lineage. A voter never moves itself: it asks the shell for a fresh voter
 * (`hop`) and enters the other lineage as that one, so nothing it ever said is taken back.
 */

import { FRESH_TIMERS } from '../agreement.js'
import { adherentsOf, bestLineage, forkLineage, furthestHead, isViable, parseLineage } from '../lineage.js'
import type { CommittedRecord, LineageId, VoterId } from '../record.js'
import { hashRecord, makeRecord } from '../record.js'
import { freshRegister, type Register } from '../register.js'
import { type ActiveTurn as Active, announce, isDue, remember, setRegister, type Turn } from '../turn.js'

/** Ranks above this fork no later than this one, so that a big call does not wait for its tail. */
const FORK_RANK_MAX = 10

/** Rule 2. */
export function hopToBetter(turn: Active): boolean {
  const { register, state, view } = turn
  const best = bestLineage(turn.registers, turn.live)
  if (best === null || best === register.lineage) {
    if (state.outrankedSince !== null) remember(turn, { outrankedSince: null })
    return false
  }
  if (state.outrankedSince === null) remember(turn, { outrankedSince: view.now })
  const since = turn.state.outrankedSince ?? view.now
  const { hopAfterMs, listenMaxMs } = state.timings
  // A partial document may show the wrong winner; a sync that never ends must not hold the hop for ever.
  const patience = isLoneFounder(turn) ? 0 : hopAfterMs + (view.isSyncing ? listenMaxMs : 0)
  if (!isDue(turn, since + patience)) return false
  beginHop(turn, 'better-lineage')
  return true
}

/** Rule 3. */
export function fork(turn: Active): boolean {
  const { register, state, view } = turn
  if (isViable(turn.registers, turn.live, register.head) || isOutranked(turn)) {
    if (state.lonelySince !== null) remember(turn, { lonelySince: null })
    return false
  }
  if (state.lonelySince === null) remember(turn, { lonelySince: view.now })
  const { forkAfterMs, roundStaggerMs } = state.timings
  // One forks first and the others hop to it, instead of everybody founding a lineage of its own.
  const rank = Math.min(joinRank(turn), FORK_RANK_MAX)
  const since = turn.state.lonelySince ?? view.now
  if (!isDue(turn, since + forkAfterMs + rank * roundStaggerMs)) return false
  beginHop(turn, 'fork')
  return true
}

/** Whether a better lineage is in sight: then nothing new is started in this one. */
export function isOutranked({ state }: Turn): boolean {
  return state.outrankedSince !== null
}

/** Rule 9, first half: this voter falls silent for ever. */
export function beginHop(turn: Active, reason: 'better-lineage' | 'fork'): void {
  const from = turn.register
  turn.effects.push({ type: 'hop', from: from.lineage, reason })
  const wish = turn.state.isAppWant ? (from.want?.provider ?? null) : null
  remember(turn, { phase: 'hopping', hop: { reason, from, wish } })
}

/** Rule 9, second half: the shell has answered with a fresh voter. */
export function endHop(turn: Turn, voter: VoterId): void {
  const { state, view } = turn
  if (state.hop === null) return
  const { reason, from, wish } = state.hop
  turn.registers.delete(state.voter)
  const live = new Set(view.live)
  live.delete(from.voter)
  live.add(voter)
  const joinedAt = Math.max(view.wallNow, state.joinedAt + 1)
  turn.live = live
  remember(turn, { voter, joinedAt, hop: null, register: null, ...FRESH_TIMERS })
  const target = bestLineage(turn.registers, live)
  const head = target === null ? null : furthestHead(turn.registers, target)
  const isUseful = head !== null && (reason === 'better-lineage' || isViable(turn.registers, live, head))
  if (isUseful) enter(turn, head)
  else if (from.head.provider !== null || reason === 'fork') foundFork(turn, from)
  else remember(turn, { phase: 'listening', listeningSince: view.now })
  // As in rule 1: a wish is carried along unless it lost against another provider on the way.
  const provider = turn.register?.head.provider ?? null
  const isOpen = from.head.provider === null || from.head.provider === provider
  if (wish !== null && isOpen && state.pendingWant === null) remember(turn, { pendingWant: wish })
}

/** Enters the best lineage that somebody live is in; false when there is none. */
export function adoptBest(turn: Turn): boolean {
  const best: LineageId | null = bestLineage(turn.registers, turn.live)
  const head = best === null ? null : furthestHead(turn.registers, best)
  if (head === null) return false
  enter(turn, head)
  return true
}

/** Starts an empty register on `head`. */
export function enter(turn: Turn, head: CommittedRecord): void {
  const { state } = turn
  remember(turn, { phase: 'active', forkBase: null, ...FRESH_TIMERS })
  setRegister(turn, freshRegister(state, head))
  announce(turn, head)
}

function foundFork(turn: Turn, from: Register): void {
  const { state } = turn
  const base = from.head
  const lineage = forkLineage(state.voter, base)
  const head = makeRecord({
    lineage,
    n: base.n + 1,
    provider: bestOwnProvider(turn, from),
    seats: [{ voter: state.voter, caps: state.caps }],
    parent: hashRecord(base),
  })
  const known = base.committee.flatMap((voter) => {
    const participant = voter === from.voter ? from.participant : turn.registers.get(voter)?.participant
    return participant === undefined ? [] : [[voter, participant] as const]
  })
  enter(turn, head)
  remember(turn, { forkBase: { record: base, participants: Object.fromEntries(known) } })
}

/** The current provider while it lives, else the own wish, else the first that is not known to fail. */
function bestOwnProvider({ state, view }: Turn, from: Register): string | null {
  const current = from.head.provider
  if (current !== null && state.caps.includes(current) && !view.isProviderDead) return current
  const isHopeful = (provider: string): boolean => provider !== current && state.warm[provider] !== 'failed'
  if (from.want && isHopeful(from.want.provider)) return from.want.provider
  return state.caps.find(isHopeful) ?? (current !== null && state.caps.includes(current) ? current : null)
}

/** Rule 13: a founder with whom nobody else is has nothing to lose by moving at once. */
function isLoneFounder({ register, registers, live }: Active): boolean {
  const { generation, founder } = parseLineage(register.lineage)
  if (generation !== 0 || founder !== register.voter || register.head.committee.length > 1) return false
  return adherentsOf(registers, live, register.lineage).length === 1
}

function joinRank(turn: Active): number {
  const { register, registers, live } = turn
  return adherentsOf(registers, live, register.lineage).filter(
    (other) =>
      other.joinedAt < register.joinedAt ||
      (other.joinedAt === register.joinedAt && other.voter < register.voter),
  ).length
}
