/**
 * The running instance: what the committee of `head` has said about record `head.n + 1` so far.
 */
import { quorumOf, weightAt, weightWhere } from './quorum.js'
import type { CommittedRecord, VoterId } from './record.js'
import { hashRecord, isValidRecord, recordText } from './record.js'
import type { Register, Registers } from './register.js'

/** A value with the weight behind it. */
export interface Tally {
  readonly record: CommittedRecord
  readonly weight: number
}

/** Registers of the committee's members that are in this very instance. */
export function membersOf(registers: Registers, head: CommittedRecord): Register[] {
  return head.committee.flatMap((voter) => {
    const register = registers.get(voter)
    return register && register.lineage === head.lineage && register.head.n === head.n ? [register] : []
  })
}

/** Weight of some members of the committee. */
export function weighMembers(head: CommittedRecord, members: readonly Register[]): number {
  return members.reduce((sum, member) => sum + weightAt(head.committee.indexOf(member.voter)), 0)
}

/** Valid values voted for at `ballot`, heaviest first, then by least hash. */
export function tallyBallot(head: CommittedRecord, members: readonly Register[], ballot: number): Tally[] {
  const tallies = new Map<string, Tally>()
  for (const { voter, voted, votedBallot } of members) {
    if (votedBallot !== ballot || voted === null || !isValidRecord(voted, head)) continue
    const text = recordText(voted)
    const weight = (tallies.get(text)?.weight ?? 0) + weightAt(head.committee.indexOf(voter))
    tallies.set(text, { record: tallies.get(text)?.record ?? voted, weight })
  }
  return [...tallies.values()].sort(
    (one, other) => other.weight - one.weight || (hashRecord(one.record) < hashRecord(other.record) ? -1 : 1),
  )
}

/**
 * Rounds further ahead of one's own promise are not followed (rules 4, 6 and 7). Honest members open them one
 * after the other; without a bound a hostile one could use up the numbers, and an instance would end for ever.
 */
const ROUNDS_AHEAD_MAX = 1000

/** Whether somebody who has promised `promised` follows into `round`. */
export function isWithinReach(round: number, promised: number): boolean {
  return round <= promised + ROUNDS_AHEAD_MAX
}

/** The highest round anybody of the committee promised or voted in, as far as it is within reach. */
export function highestRound(members: readonly Register[], promised: number): number {
  return members
    .flatMap((member) => [member.promised, member.votedBallot])
    .filter((round) => isWithinReach(round, promised))
    .reduce((highest, round) => Math.max(highest, round), 0)
}

/** Who may propose in a round. */
export function ownerOf(head: CommittedRecord, round: number): VoterId {
  const owner = head.committee[(round - 1) % head.committee.length]
  if (owner === undefined) throw new Error(`round ${round} has no owner`)
  return owner
}

/**
 * Whether ballot 0 may still decide, judged by who could still vote: members that are live, have not left and
 * have neither voted nor promised a round.
 */
export function canFastPathWin(
  head: CommittedRecord,
  members: readonly Register[],
  isActive: (voter: VoterId) => boolean,
): boolean {
  const byVoter = new Map(members.map((member) => [member.voter, member]))
  const open = weightWhere(head.committee, (voter) => {
    const member = byVoter.get(voter)
    // A live member that is still in an older instance will learn this one and can vote in it.
    return isActive(voter) && (member === undefined || (member.votedBallot < 0 && member.promised === 0))
  })
  const [heaviest] = tallyBallot(head, members, 0)
  return (heaviest?.weight ?? 0) + open >= quorumOf(head.committee.length).fast
}
