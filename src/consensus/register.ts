/**
 * What one voter says, written by that voter alone (docs/protocol.md, Data). The signed wire form lives in
 * `document/`; inside the core a register is believed.
 */
import type { CommittedRecord, LineageId, VoterId } from './record.js'

/** One voter's register. Fields from `promised` on belong to instance `head.n + 1` only. */
export interface Register {
  readonly voter: VoterId
  /** Strictly growing; readers keep the highest they verified. */
  readonly seq: number
  /** Stable id of the person; may have several voters over time. */
  readonly participant: string
  /** Milliseconds since 1970 at join, for the committee's join order only. */
  readonly joinedAt: number
  readonly lineage: LineageId
  readonly head: CommittedRecord
  /** Provider ids this voter can run, its favourite first. */
  readonly caps: readonly string[]
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
