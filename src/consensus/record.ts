/**
 * The decided value: a whole record. The committee inside record n governs instance n + 1, so that a switch
 * and an eviction compete for the same instance and can never race (docs/protocol.md, Data).
 */

/** Hash of a public key minted at page load; base64url, 22 characters. */
export type VoterId = string

/** `generation.founder.baseN.baseFounder`; unique because its founder is a fresh voter id. */
export type LineageId = string

/** One decided value. Canonical JSON with no author and no time: equal proposals are equal values. */
export interface CommittedRecord {
  readonly lineage: LineageId
  /** The epoch. Only (lineage, n) names an epoch; n alone does not. */
  readonly n: number
  /** Id of the agreed media provider; null in a genesis record. */
  readonly provider: string | null
  /** 1 to K voters, the senior first. */
  readonly committee: readonly VoterId[]
  /** Sorted union of the provider ids that the committee can run; the bits of `caps` index it. */
  readonly providers: readonly string[]
  /** One bitmap per committee member over `providers`. */
  readonly caps: readonly number[]
  /** Hash of the record before; empty in a genesis record. */
  readonly parent: string
}
