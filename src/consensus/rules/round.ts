/**
 * Rules 7 and 8: when ballot 0 cannot decide, a round does. Any member may open a round after a pause; only the
 * round's owner proposes in it, and it must take over whatever may already be decided.
 */
import { mustPick } from '../decide.js'
import { isProposable, recommit } from '../desired.js'
import { canFastPathWin, highestRound, membersOf, ownerOf, tallyBallot, weighMembers } from '../instance.js'
import { quorumOf } from '../quorum.js'
import type { CommittedRecord, VoterId } from '../record.js'
import type { Register } from '../register.js'
import { type ActiveTurn, change, isDue, remember } from '../turn.js'
import { isMember } from './accept.js'
import { desire, isAcceptable, isCurrentDead, isQuorumReady } from './vote.js'

/** Rounds double their patience up to this factor, so that delays above T_round still let one succeed. */
const PATIENCE_MAX = 8

/** Rule 7. */
export function timeOut(turn: ActiveTurn): boolean {
  if (!isMember(turn) || turn.register.left) return false
  const { head } = turn.register
  const members = membersOf(turn.registers, head)
  if (!members.some((member) => member.votedBallot >= 0 || member.promised > 0)) return false
  const highest = highestRound(members, turn.register.promised)
  const key = `${head.lineage}/${head.n}/${highest}`
  if (turn.state.roundSince?.key !== key) remember(turn, { roundSince: { key, at: turn.view.now } })
  const since = turn.state.roundSince?.at ?? turn.view.now
  const { roundStaggerMs } = turn.state.timings
  const rank = head.committee.filter((voter) => isPresent(turn, voter)).indexOf(turn.register.voter)
  if (!isDue(turn, since + patience(turn, members, highest) + rank * roundStaggerMs)) return false
  change(turn, { promised: nextRound(turn, highest) })
  return true
}

/** Rule 8. */
export function propose(turn: ActiveTurn): boolean {
  if (!isMember(turn)) return false
  const { register } = turn
  const { head, promised, votedBallot, voter } = register
  const round = Math.max(promised, votedBallot === 0 && ownerOf(head, 1) === voter ? 1 : 0)
  if (round < 1 || ownerOf(head, round) !== voter) return false
  if (register.proposedRound >= round || votedBallot >= round) return false
  const members = membersOf(turn.registers, head)
  const promisers = members.filter(
    (member) => Math.max(member.promised, member.votedBallot + 1) >= round && member.votedBallot < round,
  )
  if (weighMembers(head, promisers) < quorumOf(head.committee.length).classic) return false
  if (promised === 0 && canFastPathWin(head, members, (other) => isPresent(turn, other))) return false
  const value = mustPick(head, promisers) ?? freeChoice(turn, promisers)
  change(turn, { promised: round, votedBallot: round, voted: value, proposedRound: round, proposed: value })
  return true
}

/** Live and not left. */
function isPresent({ live, registers }: ActiveTurn, voter: VoterId): boolean {
  return live.has(voter) && !registers.get(voter)?.left
}

/** How long the present round, or ballot 0, is given before the next round. */
function patience(turn: ActiveTurn, members: readonly Register[], highest: number): number {
  const { roundAfterMs, warmUpMs } = turn.state.timings
  const { head } = turn.register
  const isOwnerPresent = isPresent(turn, ownerOf(head, Math.max(highest, 1)))
  const isPresentVoter = (voter: VoterId): boolean => isPresent(turn, voter)
  if (highest === 0) {
    // Nobody who is here can still make ballot 0 decide, and the owner of round 1 is not here to act on it.
    if (!isOwnerPresent && !canFastPathWin(head, members, isPresentVoter)) return 0
    return isSomebodyWarming(turn, members) ? Math.max(roundAfterMs, warmUpMs) : roundAfterMs
  }
  const hasProposal = members.some((member) => member.votedBallot === highest)
  if (!isOwnerPresent && !hasProposal) return 0
  return roundAfterMs * Math.min(2 ** (highest - 1), PATIENCE_MAX)
}

/** Whether a member may yet vote at ballot 0 once its connection to the leading candidate stands. */
function isSomebodyWarming(turn: ActiveTurn, members: readonly Register[]): boolean {
  const { head } = turn.register
  const provider = tallyBallot(head, members, 0)[0]?.record.provider ?? head.provider
  if (provider === null || provider === head.provider || isCurrentDead(turn)) return false
  return members.some(
    (member) => isPresent(turn, member.voter) && member.votedBallot < 0 && member.warm[provider] === undefined,
  )
}

function nextRound(turn: ActiveTurn, highest: number): number {
  const { head } = turn.register
  for (let round = highest + 1; round <= highest + head.committee.length; round++)
    if (isPresent(turn, ownerOf(head, round))) return round
  throw new Error('a member must count itself as live')
}

/** Nothing can be decided yet: the most voted acceptable value, else what is desired, else the head again. */
function freeChoice(turn: ActiveTurn, promisers: readonly Register[]): CommittedRecord {
  const { register, registers } = turn
  const { head } = register
  const voted = tallyBallot(head, promisers, 0).find(
    ({ record }) => isProposable(record, registers, head) && isAcceptable(turn, record.provider),
  )
  if (voted) return voted.record
  const isVotable = (provider: string): boolean => isCurrentDead(turn) || isQuorumReady(turn, provider)
  return desire(turn, isVotable) ?? recommit(head)
}
