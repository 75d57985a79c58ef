/**
 * Which registers the shared document no longer needs. To a reader a deleted register is one that never arrived,
 * so agreement (S1) does not depend on this rule; it is made so that nobody waits for a vote that was deleted,
 * and so that a fork can still tell who is missing (docs/protocol.md, Garbage). Pure.
 */
import { parseLineage } from '../consensus/lineage.js'
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'

/** The voters whose entries may go; `silentForMs` is 0 for those of this page. */
export function findGarbage(
  registers: Registers,
  silentForMs: (voter: VoterId) => number,
  counts: (register: Register) => boolean = () => true,
): readonly VoterId[] {
  const all = [...registers.values()]
  const isHere = ({ voter, left }: Register): boolean => !left && silentForMs(voter) < KEEP_SILENT_MS
  const needed = neededBy(
    all.filter((register) => counts(register) && isHere(register)),
    all,
  )
  return all
    .filter((register) => !needed.has(register.voter) && !isHere(register))
    .filter(({ voter }) => silentForMs(voter) >= KEEP_LEFT_MS)
    .map(({ voter }) => voter)
}

/** Everybody in a record that somebody here stands on or has spoken for, and in the record it was forked from. */
function neededBy(here: readonly Register[], all: readonly Register[]): ReadonlySet<VoterId> {
  const needed = new Set<VoterId>()
  const bases = new Set<string>()
  for (const register of here) {
    const { head, voted, proposed, lineage } = register
    // Somebody without a seat writes its head late (rule 1): what the others have gone past holds nobody.
    const isPast = !head.committee.includes(register.voter) && isSurpassed(register, here)
    for (const record of isPast ? [] : [head, voted, proposed])
      for (const voter of record?.committee ?? []) needed.add(voter)
    const { generation, baseFounder, baseN } = parseLineage(lineage)
    if (generation > 0) bases.add(`${baseFounder}/${baseN}`)
  }
  for (const { voter, lineage, head } of all) {
    if (!bases.has(`${parseLineage(lineage).founder}/${head.n}`)) continue
    needed.add(voter)
    for (const member of head.committee) needed.add(member)
  }
  return needed
}

function isSurpassed({ lineage, head }: Register, here: readonly Register[]): boolean {
  return here.some((other) => other.lineage === lineage && other.head.n > head.n)
}

/** Longer than presence remembers somebody silent; a page that slept for longer writes its entry again. */
const KEEP_SILENT_MS = 90_000
/** Everybody connected has seen the goodbye by then. */
const KEEP_LEFT_MS = 10_000
