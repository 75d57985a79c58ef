/**
 * Lineages: chains of records with one founder each. Partitions make several; after the heal everybody picks
 * the same one, by a pure function of the document and the live set (docs/protocol.md, S2).
 */
import { quorumOf, weightWhere } from './quorum.js'
import type { CommittedRecord, LineageId, VoterId } from './record.js'
import { hashRecord } from './record.js'
import type { Register, Registers } from './register.js'

/** The parts of a lineage id. */
export interface LineageParts {
  /** 0 for a call started from nothing, one more per fork. */
  readonly generation: number
  readonly founder: VoterId
  /** Epoch of the record that the fork was taken from; 0 for generation 0. */
  readonly baseN: number
  /** Founder of the lineage that the fork was taken from; empty for generation 0. */
  readonly baseFounder: VoterId
}

/** Composes a lineage id. */
export function lineageId(parts: LineageParts): LineageId {
  return `${parts.generation}.${parts.founder}.${parts.baseN}.${parts.baseFounder}`
}

/** Takes a lineage id apart; a malformed one reads as an old foreign lineage that nothing is based on. */
export function parseLineage(id: LineageId): LineageParts {
  const [generation = '', founder = '', baseN = '', baseFounder = ''] = id.split('.')
  return { generation: toCount(generation), founder, baseN: toCount(baseN), baseFounder }
}

/** The id of a lineage started from nothing. */
export function genesisLineage(founder: VoterId): LineageId {
  return lineageId({ generation: 0, founder, baseN: 0, baseFounder: '' })
}

/** The id of a lineage that goes on from `base` without its quorum. */
export function forkLineage(founder: VoterId, base: CommittedRecord): LineageId {
  const from = parseLineage(base.lineage)
  return lineageId({ generation: from.generation + 1, founder, baseN: base.n, baseFounder: from.founder })
}

/** Registers of voters who are live, in `lineage`, and have not left. */
export function adherentsOf(registers: Registers, live: ReadonlySet<VoterId>, lineage: LineageId): Register[] {
  return [...registers.values()].filter(
    (register) => register.lineage === lineage && !register.left && live.has(register.voter),
  )
}

/** The furthest record known of a lineage; equal epochs (never in one lineage, S1) fall to the least hash. */
export function furthestHead(registers: Registers, lineage: LineageId): CommittedRecord | null {
  let best: CommittedRecord | null = null
  for (const { lineage: other, head } of registers.values()) {
    if (other !== lineage) continue
    const isBetter =
      best === null || head.n > best.n || (head.n === best.n && hashRecord(head) < hashRecord(best))
    if (isBetter) best = head
  }
  return best
}

/** Whether live adherents of the head's own committee weigh a classic quorum. */
export function isViable(registers: Registers, live: ReadonlySet<VoterId>, head: CommittedRecord): boolean {
  const weight = weightWhere(head.committee, (voter) => {
    const register = registers.get(voter)
    return register?.lineage === head.lineage && !register.left && live.has(voter)
  })
  return weight >= quorumOf(head.committee.length).classic
}

/** The lineage everybody should be in; null when no lineage has a live adherent. */
export function bestLineage(registers: Registers, live: ReadonlySet<VoterId>): LineageId | null {
  const people = new Map<LineageId, Set<string>>()
  for (const register of registers.values()) {
    if (register.left || !live.has(register.voter)) continue
    const known = people.get(register.lineage)
    if (known) known.add(register.participant)
    else people.set(register.lineage, new Set([register.participant]))
  }
  // The common case, and the hot one: everybody is in one lineage.
  if (people.size <= 1) return people.keys().next().value ?? null
  let best: Rank | null = null
  for (const [lineage, participants] of people) {
    const rank = rankOf(registers, live, lineage, participants.size)
    if (rank && (best === null || compareRanks(rank, best) < 0)) best = rank
  }
  return best?.lineage ?? null
}

interface Rank {
  readonly lineage: LineageId
  /** Compared position by position, the smaller wins. */
  readonly keys: readonly number[]
}

function rankOf(
  registers: Registers,
  live: ReadonlySet<VoterId>,
  lineage: LineageId,
  people: number,
): Rank | null {
  const head = furthestHead(registers, lineage)
  if (head === null) return null
  const viable = isViable(registers, live, head)
  const advanced = isAdvanced(registers, lineage, head.n)
  const { generation } = parseLineage(lineage)
  return { lineage, keys: [viable ? 0 : 1, advanced ? 0 : 1, -people, generation, -head.n] }
}

function compareRanks(one: Rank, other: Rank): number {
  for (const [index, key] of one.keys.entries()) {
    const difference = key - (other.keys[index] ?? 0)
    if (difference !== 0) return difference
  }
  return one.lineage < other.lineage ? -1 : 1
}

/** Whether the lineage decided something after every fork that was taken from it. */
function isAdvanced(registers: Registers, lineage: LineageId, n: number): boolean {
  const { founder } = parseLineage(lineage)
  for (const register of registers.values()) {
    const fork = parseLineage(register.lineage)
    if (fork.generation > 0 && fork.baseFounder === founder && fork.baseN >= n) return false
  }
  return true
}

function toCount(text: string): number {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}
