/**
 * The agreement core's one entry: `step(state, input)`. Pure: no clock, no randomness, no document; the same
 * state and input give the same answer.
 *
 * Duties of the shell that drives it (call/agreement-loop.ts):
 * 1. perform effects in order, persisting a register before publishing it where persistence is on;
 * 2. after a `hop` effect delete the old key from the document, mint a fresh voter and answer with `hopped`;
 * 3. call `step` again no later than `state.wakeAt`;
 * 4. feed every change of the folded registers and of liveness as a new input;
 * 5. take a voter out of `live` as soon as its presence names another voter, and after a sleep start everybody's
 *    silence anew, with `isSyncing` true until every connected peer has synced once more (rule 11);
 * 6. connect to the `candidates` and answer with `warm`; a warm-up that takes too long has failed.
 */
import type { AgreementState } from './agreement.js'
import { noteArrivals } from './arrivals.js'
import { isViable } from './lineage.js'
import type { CommittedRecord, LineageId, VoterId } from './record.js'
import type { Register, Registers } from './register.js'
import { assertRegister } from './register.js'
import { accept, joinRound } from './rules/accept.js'
import { listen } from './rules/genesis.js'
import { beginHop, endHop, fork, hopToBetter, isOutranked } from './rules/hop.js'
import { learn } from './rules/learn.js'
import { markLeft } from './rules/leave.js'
import { propose, timeOut } from './rules/round.js'
import { fastVote } from './rules/vote.js'
import { isWaking, noticeSleep } from './rules/wake.js'
import { forgetFailures, setWarm, takePendingWant, wantByItself, wish, withdrawWant } from './rules/want.js'
import { type ActiveTurn, beginTurn, type Rule, remember, type Turn } from './turn.js'

export type { AgreementTimings } from './timings.js'

/** Everything the core sees of the world; each input carries the whole of it, so no event can be missed. */
export interface View {
  /** Monotonic milliseconds. */
  readonly now: number
  /** Wall-clock milliseconds, only written into `joinedAt`. */
  readonly wallNow: number
  /** Verified, folded registers as the document shows them (own register: what was last published). */
  readonly registers: Registers
  /** Voters heard from within T_dead, self included. */
  readonly live: ReadonlySet<VoterId>
  /** Voters that will never write again although they signed no leave; for rule 12 alone. */
  readonly parted?: ReadonlySet<VoterId>
  /** True while a peer that announced itself has not completed its first sync (rules 11 and 13). */
  readonly isSyncing: boolean
  /** Whether any other participant has announced itself so far (rule 13). */
  readonly hasHeardPeer: boolean
  /** The current provider (that of the head before this step) is known dead here by hard evidence (rule 5). */
  readonly isProviderDead: boolean
}

/** What can happen. `view` rides on all of them. */
export type Input =
  | { readonly type: 'view' }
  /** Somebody here wants the call to move; wanting the current provider takes an earlier want back. */
  | { readonly type: 'want'; readonly provider: string }
  | { readonly type: 'warm'; readonly provider: string; readonly outcome: 'ready' | 'failed' | 'unknown' }
  | { readonly type: 'wake' }
  /** A person says: go on without those who are missing. */
  | { readonly type: 'go-on' }
  | { readonly type: 'leave' }
  | { readonly type: 'hopped'; readonly voter: VoterId }

/** An input with the world it came in. */
export type SteppedInput = Input & { readonly view: View }

/** What the shell must do. */
export type Effect =
  | { readonly type: 'publish'; readonly register: Register }
  /** This record is now the head here: decided, or taken over on entering a lineage. */
  | { readonly type: 'committed'; readonly record: CommittedRecord }
  | { readonly type: 'hop'; readonly from: LineageId; readonly reason: 'better-lineage' | 'fork' }

/** Where this voter stands, for people to look at. */
export type AgreementStatus = 'listening' | 'provisional' | 'committed'

/** One step's outcome. */
export interface StepResult {
  readonly state: AgreementState
  /** In the order in which the shell must perform them; at most one `publish`, and it comes first. */
  readonly effects: readonly Effect[]
}

/**
 * Takes one input and runs the rules to their fixpoint.
 *
 * @throws Error - an invariant is broken: a bug in this core.
 */
export function step(state: AgreementState, input: SteppedInput): StepResult {
  if (state.phase === 'left') return { state, effects: [] }
  const turn = beginTurn(state, input.view)
  noticeSleep(turn, input.type === 'wake')
  takeInput(turn, input)
  runRules(turn)
  return finish(turn, state)
}

/** Rules 1, 4 and 6 only read what others wrote; they stay in force behind the barrier of rule 11. */
const PASSIVE_RULES: readonly Rule[] = [learn, accept, joinRound]

/** What a voter does in a lineage that it is about to leave, or as one who is leaving the call. */
const WISHES: readonly Rule[] = [takePendingWant, withdrawWant, wantByItself, forgetFailures]
const STARTING_RULES: readonly Rule[] = [...WISHES, fastVote, joinRound, timeOut, propose]

/** More passes than any legal turn needs; reaching it means that two rules undo each other. */
const PASSES_MAX = 200

function takeInput(turn: Turn, input: SteppedInput): void {
  if (input.type === 'hopped') endHop(turn, input.voter)
  else if (isActive(turn)) takeActiveInput(turn, input)
  else if (input.type === 'want') remember(turn, { pendingWant: input.provider })
  else if (input.type === 'leave') remember(turn, { phase: 'left' })
  else if (input.type === 'warm') rememberWarm(turn, input.provider, input.outcome)
}

function takeActiveInput(turn: ActiveTurn, input: SteppedInput): void {
  if (input.type === 'want') wish(turn, input.provider, true)
  else if (input.type === 'warm') setWarm(turn, input.provider, input.outcome)
  else if (input.type === 'leave') markLeft(turn)
  else if (input.type === 'go-on' && !isViable(turn.registers, turn.live, turn.register.head))
    beginHop(turn, 'fork')
}

function rememberWarm(turn: Turn, provider: string, outcome: 'ready' | 'failed' | 'unknown'): void {
  const { [provider]: _old, ...others } = turn.state.warm
  remember(turn, { warm: outcome === 'unknown' ? others : { ...others, [provider]: outcome } })
}

function isActive(turn: Turn): turn is ActiveTurn {
  return turn.state.phase === 'active' && turn.register !== null
}

function runRules(turn: Turn): void {
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    turn.wakeAt = turn.view.now + turn.state.timings.deadAfterMs
    if (!runOnce(turn)) return
  }
  throw new Error('agreement rules did not come to rest')
}

function runOnce(turn: Turn): boolean {
  if (turn.state.phase === 'listening') return listen(turn)
  if (!isActive(turn)) return false
  const active: ActiveTurn = turn
  const isBarred = isWaking(active)
  if (PASSIVE_RULES.some((rule) => rule(active))) return true
  if (isBarred) return false
  if (!active.register.left && (hopToBetter(active) || fork(active))) return false
  if (isOutranked(active)) return false
  return STARTING_RULES.some((rule) => rule(active))
}

function finish(turn: Turn, before: AgreementState): StepResult {
  const publish = publishable(turn, before)
  const isLeaving = turn.register?.left === true
  const isHopping = turn.state.phase === 'hopping'
  return {
    state: {
      ...turn.state,
      phase: isLeaving ? 'left' : turn.state.phase,
      register: isHopping ? null : (publish ?? turn.register),
      ...noteArrivals(turn.state, turn.register, turn.registers),
      lastNow: turn.view.now,
      wakeAt: turn.wakeAt,
    },
    effects: publish ? [{ type: 'publish', register: publish }, ...turn.effects] : turn.effects,
  }
}

/** The register to publish, one seq on; null when nothing changed that anybody would read. */
function publishable(turn: Turn, before: AgreementState): Register | null {
  const { register } = turn
  if (register === null || register === before.register) return null
  const previous = before.register?.voter === register.voter ? before.register : null
  const next = { ...register, seq: (previous?.seq ?? 0) + 1 }
  assertRegister(next, previous)
  return previous !== null && !turn.hasSpoken && isSilent(next, previous) ? null : next
}

/**
 * Rule 1 for observers: the head and the warm-ups of somebody without a seat take part in nothing. Writing them
 * would make a decision dearer with every participant; they are written along with the next thing that counts.
 * Not so when a seat was held for a part of the turn: what then was voted decided something that only this voter
 * knows.
 */
function isSilent(next: Register, previous: Register): boolean {
  const hasSeat = [next, previous].some(({ head, voter }) => head.committee.includes(voter))
  const isSameWant = next.want?.provider === previous.want?.provider && next.want?.n === previous.want?.n
  return !hasSeat && isSameWant && next.left === previous.left
}
