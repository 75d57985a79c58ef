/**
 * The decided value: a whole record. The committee inside record n governs instance n + 1, so that a switch
 * and an eviction compete for the same instance and can never race (docs/protocol.md, Data).
 */
import { COMMITTEE_MAX } from './quorum.js'
import { base64url, sha256 } from './sha256.js'

/** Hash of a public key minted at page load; base64url, 22 characters. */
export type VoterId = string

/** `generation.founder.baseN.baseFounder`; unique because its founder is a fresh voter id. */
export type LineageId = string

/** One decided value. Canonical JSON with no author and no time: equal proposals are equal values. */
export interface CommittedRecord {
  readonly lineage: LineageId
  /** The epoch. Only (lineage, n) names an epoch; n alone does not. */
  readonly n: number
  /** Id of the agreed media provider; null until the first one was chosen. */
  readonly provider: string | null
  /** 1 to K voters, the senior first. */
  readonly committee: readonly VoterId[]
  /** Sorted union of the provider ids that the committee can run; the bits of `caps` index it. */
  readonly providers: readonly string[]
  /** One bitmap per committee member over `providers`. */
  readonly caps: readonly number[]
  /** {@link hashRecord} of the record before; empty in a genesis record. */
  readonly parent: string
}

/** Most providers a voter may list; the caps bitmap has to stay a small integer. */
export const PROVIDERS_MAX = 16

/** Who sits in a record to be, with what it can run. */
export interface Seat {
  readonly voter: VoterId
  /** Provider ids, the favourite first. */
  readonly caps: readonly string[]
}

/** Builds a record from seats; the one place where `providers` and `caps` are laid out. */
export function makeRecord(parts: {
  readonly lineage: LineageId
  readonly n: number
  readonly provider: string | null
  readonly seats: readonly Seat[]
  readonly parent: string
}): CommittedRecord {
  const providers = [...new Set(parts.seats.flatMap((seat) => seat.caps))].sort()
  return {
    lineage: parts.lineage,
    n: parts.n,
    provider: parts.provider,
    committee: parts.seats.map((seat) => seat.voter),
    providers,
    caps: parts.seats.map((seat) => bitmap(providers, seat.caps)),
    parent: parts.parent,
  }
}

/** The one text of a record: fixed key order, no spaces. Equal texts mean equal records. */
export function recordText(record: CommittedRecord): string {
  let text = texts.get(record)
  if (text === undefined) {
    const { lineage, n, provider, committee, providers, caps, parent } = record
    text = JSON.stringify([lineage, n, provider, committee, providers, caps, parent])
    texts.set(record, text)
  }
  return text
}

/** 192 bits of SHA-256 over {@link recordText}, 32 characters: out of reach for somebody who forges a parent. */
export function hashRecord(record: CommittedRecord): string {
  let hash = hashes.get(record)
  if (hash === undefined) {
    hash = base64url(sha256(recordText(record)).subarray(0, HASH_BYTES))
    hashes.set(record, hash)
  }
  return hash
}

/** Whether both are the same value. */
export function isSameRecord(one: CommittedRecord, other: CommittedRecord): boolean {
  return one === other || recordText(one) === recordText(other)
}

/** Whether every member can run the provider. */
export function canAllRun(record: CommittedRecord, provider: string): boolean {
  const bit = record.providers.indexOf(provider)
  return bit >= 0 && record.caps.every((caps) => (caps & (1 << bit)) !== 0)
}

/**
 * Whether `record` may follow `head`. Looks at nothing but the two records, so that every reader at any time
 * comes to the same answer; what the registers say is checked only where a value enters (`isProposable`).
 */
export function isValidRecord(record: CommittedRecord, head: CommittedRecord): boolean {
  if (record.n !== head.n + 1 || record.lineage !== head.lineage) return false
  if (record.parent !== hashRecord(head)) return false
  const size = record.committee.length
  if (size < 1 || size > COMMITTEE_MAX || record.caps.length !== size) return false
  if (new Set(record.committee).size !== size) return false
  if (record.provider === null) return head.provider === null
  return canAllRun(record, record.provider)
}

const HASH_BYTES = 24

// Records are immutable and compared often; the text and hash of each object are computed once.
const texts = /* @__PURE__ */ new WeakMap<CommittedRecord, string>()
const hashes = /* @__PURE__ */ new WeakMap<CommittedRecord, string>()

function bitmap(providers: readonly string[], caps: readonly string[]): number {
  return providers.reduce((bits, provider, bit) => (caps.includes(provider) ? bits | (1 << bit) : bits), 0)
}
