/**
 * What one voter says, written by that voter alone (docs/protocol.md, Data). The signed wire form lives in
 * `document/`; inside the core a register is believed.
 */
import type { CommittedRecord, LineageId, VoterId } from './record.js'
import { isValidRecord } from './record.js'

/** One voter's register. Fields from `promised` on belong to instance `head.n + 1` only. */
export interface Register {
  readonly voter: VoterId
  /** Strictly growing; readers keep the highest they verified. */
  readonly seq: number
  /** Stable id of the person; may have several voters over time. */
  readonly participant: string
  /** Milliseconds since 1970 at join (or at the last hop), for join order and for which incarnation is newer. */
  readonly joinedAt: number
  readonly lineage: LineageId
  readonly head: CommittedRecord
  /** Provider ids this voter can run, its favourite first. */
  readonly caps: readonly string[]
  /** `n` is the instance the wish is meant for: `head.n + 1` at the time of writing. */
  readonly want?: { readonly provider: string; readonly n: number }
  /** How warm-ups of candidates ended here. */
  readonly warm: Readonly<Record<string, 'ready' | 'failed'>>
  readonly left?: true
  readonly promised: number
  readonly votedBallot: number
  readonly voted: CommittedRecord | null
  readonly proposedRound: number
  readonly proposed: CommittedRecord | null
}

/** The verified, folded registers of everybody, own one included, by voter id. */
export type Registers = ReadonlyMap<VoterId, Register>

/** `votedBallot` of somebody who has not voted in the running instance. */
export const NO_BALLOT = -1

/** The part of a register that belongs to one instance, as it is before anything was said in it. */
export const FRESH_INSTANCE = {
  promised: 0,
  votedBallot: NO_BALLOT,
  voted: null,
  proposedRound: 0,
  proposed: null,
} as const

/** A register that has adopted `head` and said nothing yet; `seq` 0 means never published. */
export function freshRegister(
  identity: Pick<Register, 'voter' | 'participant' | 'joinedAt' | 'caps' | 'warm'>,
  head: CommittedRecord,
): Register {
  const { voter, participant, joinedAt, caps, warm } = identity
  return { voter, seq: 0, participant, joinedAt, lineage: head.lineage, head, caps, warm, ...FRESH_INSTANCE }
}

/** The same register with another want, or with none. */
export function withWant(register: Register, want: Register['want'] | null): Register {
  const { want: _dropped, ...rest } = register
  return want ? { ...rest, want } : rest
}

/**
 * Throws when an own register breaks what every register must keep.
 *
 * @throws Error - a bug in this core, never a user's or a peer's fault.
 */
export function assertRegister(next: Register, previous: Register | null): void {
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`agreement invariant broken: ${what}`)
  }
  check(next.lineage === next.head.lineage, 'the head belongs to the register’s lineage')
  check((next.voted === null) === next.votedBallot < 0, 'a vote has a ballot')
  check((next.proposed === null) === (next.proposedRound === 0), 'a proposal has a round')
  check(next.votedBallot <= Math.max(next.promised, 0), 'no vote above the promise')
  check(next.proposedRound <= next.votedBallot || next.proposedRound === 0, 'a proposer votes for its proposal')
  check(next.voted === null || isValidRecord(next.voted, next.head), 'a vote follows the head')
  check(next.proposed === null || isValidRecord(next.proposed, next.head), 'a proposal follows the head')
  if (previous === null) return
  check(next.voter === previous.voter, 'a register keeps its voter')
  check(next.lineage === previous.lineage, 'a voter never changes its lineage')
  check(next.seq > previous.seq, 'seq grows')
  check(next.head.n >= previous.head.n, 'the head never goes back')
  check(!previous.left, 'a voter that left stays silent')
  if (next.head.n !== previous.head.n) return
  check(next.promised >= previous.promised, 'a promise is kept')
  check(next.votedBallot >= previous.votedBallot, 'ballots grow')
  check(next.votedBallot > previous.votedBallot || next.voted === previous.voted, 'one vote per ballot')
  check(
    next.votedBallot === previous.votedBallot || next.votedBallot >= previous.promised,
    'no vote below a promise',
  )
  check(
    next.proposedRound > previous.proposedRound || next.proposed === previous.proposed,
    'one proposal per round',
  )
}
