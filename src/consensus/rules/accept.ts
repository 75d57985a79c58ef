/**
 * Rules 4 and 6: accept a round's proposal, join a round. Both only look at what the committee has written, so
 * they stay in force behind the barrier after a sleep (rule 11).
 */
import { highestRound, isWithinReach, membersOf, ownerOf } from '../instance.js'
import { isValidRecord } from '../record.js'
import type { Register } from '../register.js'
import { type ActiveTurn, change } from '../turn.js'

/** Whether this voter has a seat in the committee that governs the running instance. */
export function isMember({ register }: ActiveTurn): boolean {
  return register.head.committee.includes(register.voter)
}

/** Rule 4. */
export function accept(turn: ActiveTurn): boolean {
  if (!isMember(turn)) return false
  const { head, promised, votedBallot } = turn.register
  let chosen: Register | null = null
  for (const member of membersOf(turn.registers, head)) {
    const round = member.proposedRound
    if (round < 1 || member.proposed === null || ownerOf(head, round) !== member.voter) continue
    if (!isWithinReach(round, promised)) continue
    if (promised > round || votedBallot >= round || !isValidRecord(member.proposed, head)) continue
    if (chosen === null || round > chosen.proposedRound) chosen = member
  }
  if (chosen === null) return false
  const { proposedRound, proposed } = chosen
  change(turn, { promised: proposedRound, votedBallot: proposedRound, voted: proposed })
  return true
}

/** Rule 6. */
export function joinRound(turn: ActiveTurn): boolean {
  if (!isMember(turn)) return false
  const highest = highestRound(membersOf(turn.registers, turn.register.head), turn.register.promised)
  if (highest <= turn.register.promised) return false
  change(turn, { promised: highest })
  return true
}
