/**
 * Rule 5: the fast vote. The vote is the readiness report, so a switch is decided in the very round trip in
 * which the last voter needed says that it is connected.
 */
import { desired, isProposable, recommit } from '../desired.js'
import { membersOf, tallyBallot } from '../instance.js'
import { isFit, readyWeight } from '../preference.js'
import { quorumOf } from '../quorum.js'
import type { CommittedRecord, VoterId } from '../record.js'
import { type ActiveTurn, change, isDue, remember } from '../turn.js'
import { isMember } from './accept.js'

/** Rule 5. */
export function fastVote(turn: ActiveTurn): boolean {
  const { register } = turn
  if (!isMember(turn) || register.promised > 0 || register.votedBallot >= 0) return false
  const value = chooseFastVote(turn)
  if (value === null) return false
  change(turn, { votedBallot: 0, voted: value })
  return true
}

/** Whether the current provider is known dead here. */
export function isCurrentDead({ deadProvider, register }: ActiveTurn): boolean {
  return deadProvider !== null && deadProvider === register.head.provider
}

/** Whether a value's provider is the current one or one that enough members can still be connected to. */
export function isAcceptable(turn: ActiveTurn, provider: string | null): boolean {
  const { head } = turn.register
  if (provider === null || provider === head.provider) return true
  return isFit(turn.registers, head, provider, isCurrentDead(turn))
}

/** What this voter would put into the instance by itself: wanted providers that pass `test`, and the seats. */
export function desire(
  turn: ActiveTurn,
  test: (provider: string) => boolean,
  isByReadiness = false,
): CommittedRecord | null {
  const { registers, register } = turn
  const isChoice = (provider: string): boolean => isAcceptable(turn, provider) && test(provider)
  return desired({
    registers,
    live: expected(turn),
    head: register.head,
    isAcceptable: isChoice,
    isByReadiness,
  })
}

/** Whether a classic quorum is connected to the provider. */
export function isQuorumReady(turn: ActiveTurn, provider: string): boolean {
  const { head } = turn.register
  return readyWeight(turn.registers, head, provider) >= quorumOf(head.committee.length).classic
}

/** The live, and those whose seat is new: their register and the votes for them may overtake their presence. */
function expected(turn: ActiveTurn): ReadonlySet<VoterId> {
  const { seated, timings } = turn.state
  if (seated === null || seated.voters.length === 0) return turn.live
  return isDue(turn, seated.at + timings.deadAfterMs) ? turn.live : new Set([...turn.live, ...seated.voters])
}

function chooseFastVote(turn: ActiveTurn): CommittedRecord | null {
  const { register, registers } = turn
  const { head } = register
  const visible = tallyBallot(head, membersOf(registers, head), 0)
    .map((tally) => tally.record)
    .filter((record) => isProposable(record, registers, head))
  const followed = visible.find((record) => isAcceptable(turn, record.provider))
  const favourite = followed ?? desire(turn, () => true)
  if (favourite && canVoteNow(turn, favourite)) return favourite
  // Everything voted for so far has failed to warm up too widely. Saying so lets the round's owner choose to stay.
  if (!followed && visible.length > 0) return desire(turn, () => false) ?? recommit(head)
  if (!favourite || !isWarmUpOver(turn, favourite)) return null
  return mostReady(turn, followed ?? null)
}

function canVoteNow(turn: ActiveTurn, value: CommittedRecord): boolean {
  const { register } = turn
  if (value.provider === null || value.provider === register.head.provider) return true
  // Somebody who is leaving needs no connection to the next provider.
  return register.warm[value.provider] === 'ready' || isCurrentDead(turn) || register.left === true
}

function isWarmUpOver(turn: ActiveTurn, value: CommittedRecord): boolean {
  const { state, view } = turn
  const key = `${value.lineage}/${value.provider}`
  if (state.candidateSince?.key !== key) remember(turn, { candidateSince: { key, at: view.now } })
  return isDue(turn, (turn.state.candidateSince?.at ?? view.now) + state.timings.warmUpMs)
}

/** T_warm is over: what a classic quorum is ready for, or at least the seats, or silence. */
function mostReady(turn: ActiveTurn, followed: CommittedRecord | null): CommittedRecord | null {
  const value = followed ?? desire(turn, (provider) => isQuorumReady(turn, provider), true)
  if (value === null || value.provider === null || value.provider === turn.register.head.provider) return value
  if (!isQuorumReady(turn, value.provider)) return null
  return turn.register.warm[value.provider] === 'failed' ? null : value
}
