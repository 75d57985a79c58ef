/**
 * Proof that a voter has signed two different registers with one seq: the two signed values, one after the
 * other. It stands in the document beside the registers, so that everybody excludes the same voter, also who
 * saw only one of the two. Whoever reads a proof verifies both signatures; a proof cannot be invented.
 */
import type { VoterId } from '../consensus/record.js'
import type { Evidence } from './fold.js'
import type { Verify } from './identity.js'
import { readRegister } from './register-wire.js'

/** The entry that holds the proof against a voter. */
export function proofKey(voter: VoterId): string {
  return PREFIX + voter
}

/** Whom the entry `key` accuses; null for any other entry. */
export function accusedBy(key: string): VoterId | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null
}

/** The text of a proof; the same for everybody who has seen the same two values. */
export function writeProof(evidence: Evidence): string {
  const [first = '', second = ''] = [...evidence].sort()
  return `${first.length}.${first}${second}`
}

/** The evidence in `value` if it convicts `voter`. Never throws. */
export async function readProof(
  voter: VoterId,
  value: unknown,
  room: string,
  verify: Verify,
): Promise<Evidence | null> {
  if (typeof value !== 'string' || value.length > PROOF_MAX_CHARACTERS) return null
  const [, digits] = /^(\d{1,4})\./.exec(value) ?? []
  if (digits === undefined) return null
  const text = value.slice(digits.length + 1)
  const evidence: Evidence = [text.slice(0, Number(digits)), text.slice(Number(digits))]
  const [first, second] = await Promise.all(evidence.map((one) => readRegister(voter, one, room, verify)))
  if (!first || !second || 'problem' in first || 'problem' in second) return null
  const isTwice = first.register.seq === second.register.seq && first.content !== second.content
  return isTwice ? evidence : null
}

/** No voter id begins with it. */
const PREFIX = '!'
/** Two of the largest registers and the length of the first. */
const PROOF_MAX_CHARACTERS = 4101
