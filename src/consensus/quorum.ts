/**
 * Weights and quorums (docs/protocol.md, Quorums). The senior weighs 3 and everybody else 2, so a committee of
 * an even size has no tie and two halves can never both go on. Any two classic quorums meet; any classic quorum
 * meets any two fast quorums.
 */

/** K: seats of a committee. Five survive two losses; more would only make each decision dearer. */
export const COMMITTEE_MAX = 5

/** Weight of the first member: it breaks the tie of an even split. */
export const SENIOR_WEIGHT = 3

/** Weight of every other member. */
export const MEMBER_WEIGHT = 2

/** What a committee of one size needs. */
export interface Quorum {
  /** W, the sum of all weights. */
  readonly total: number
  /** Q: decides in rounds from 1 on. */
  readonly classic: number
  /** F: decides at ballot 0, without a leader. */
  readonly fast: number
}

/** Quorum sizes for a committee of `size` members. */
export function quorumOf(size: number): Quorum {
  const total = size === 0 ? 0 : SENIOR_WEIGHT + MEMBER_WEIGHT * (size - 1)
  const classic = Math.floor(total / 2) + 1
  return { total, classic, fast: Math.floor((2 * total - classic) / 2) + 1 }
}

/** Weight of the member at `seat`; 0 for a seat that does not exist (negative index). */
export function weightAt(seat: number): number {
  if (seat < 0) return 0
  return seat === 0 ? SENIOR_WEIGHT : MEMBER_WEIGHT
}

/** Weight of those members of `committee` for whom `test` holds. */
export function weightWhere(committee: readonly string[], test: (voter: string) => boolean): number {
  return committee.reduce((sum, voter, seat) => (test(voter) ? sum + weightAt(seat) : sum), 0)
}
