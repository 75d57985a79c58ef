/**
 * Reading a decision out of the document. Pure and free of time, liveness and identity: the same document gives
 * the same answer everywhere (docs/protocol.md, S2).
 */
import { membersOf, tallyBallot, weighMembers } from './instance.js'
import { furthestHead } from './lineage.js'
import { quorumOf } from './quorum.js'
import type { CommittedRecord, LineageId } from './record.js'
import { hashRecord } from './record.js'
import type { Register, Registers } from './register.js'
import { NO_BALLOT } from './register.js'

/** The record that follows `head` in `lineage`, or a later one; null while nothing is decided. */
export function decide(
  registers: Registers,
  lineage: LineageId,
  head: CommittedRecord,
): CommittedRecord | null {
  const furthest = furthestHead(registers, lineage)
  if (furthest && furthest.n > head.n) return furthest
  const members = membersOf(registers, head)
  const quorum = quorumOf(head.committee.length)
  const ballots = [...new Set(members.map((member) => member.votedBallot))].sort((one, other) => one - other)
  for (const ballot of ballots) {
    if (ballot < 0) continue
    const [heaviest] = tallyBallot(head, members, ballot)
    if (heaviest && heaviest.weight >= (ballot === 0 ? quorum.fast : quorum.classic)) return heaviest.record
  }
  return null
}

/**
 * The value a round's proposer must take over from the members that promised the round, a classic quorum of
 * them (docs/protocol.md, rule 8): it may have been decided already. With null the proposer is free.
 */
export function mustPick(head: CommittedRecord, promisers: readonly Register[]): CommittedRecord | null {
  const highest = promisers.reduce((ballot, member) => Math.max(ballot, member.votedBallot), NO_BALLOT)
  if (highest < 0) return null
  const tallies = tallyBallot(head, promisers, highest)
  if (highest >= 1) return tallies[0]?.record ?? null
  const quorum = quorumOf(head.committee.length)
  const outside = quorum.total - weighMembers(head, promisers)
  const reachable = tallies.filter((tally) => tally.weight + outside >= quorum.fast)
  if (reachable.length > 1) throw new Error(`two values may be decided after ${hashRecord(head)}`)
  return reachable[0]?.record ?? null
}
