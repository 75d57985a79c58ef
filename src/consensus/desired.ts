/**
 * The record that should come next, as this document and this live set show it. Voters with different views
 * may come to different answers; agreeing is the ballots' work, not this function's.
 */
import { adherentsOf } from './lineage.js'
import { openWants, rankProviders, readyWeight } from './preference.js'
import { COMMITTEE_MAX, quorumOf, weightWhere } from './quorum.js'
import type { CommittedRecord, VoterId } from './record.js'
import { hashRecord, isSameRecord, isValidRecord, makeRecord } from './record.js'
import type { Register, Registers } from './register.js'

/** What {@link desired} looks at. */
export interface DesireInput {
  readonly registers: Registers
  readonly live: ReadonlySet<VoterId>
  readonly head: CommittedRecord
  /** Wanted providers for which this is false are passed over. */
  readonly isAcceptable: (provider: string) => boolean
  /** Prefers the provider that most weight is ready for over the one most people want. */
  readonly isByReadiness?: boolean
}

/** The record that should follow `head`, or null when nothing should change. */
export function desired(input: DesireInput): CommittedRecord | null {
  const { head } = input
  const people = seatablePeople(input)
  const members = head.committee.flatMap((voter) => people.find((person) => person.voter === voter) ?? [])
  const { provider, kept } = chooseProvider(input, members)
  const canSit = (person: Register): boolean => provider === null || person.caps.includes(provider)
  const added = people.filter((person) => !head.committee.includes(person.voter) && canSit(person))
  const seats = [...kept, ...added].slice(0, COMMITTEE_MAX)
  if (seats.length === 0) return null
  const record = follow(head, provider, seats)
  return isSameRecord(record, recommit(head)) || !isValidRecord(record, head) ? null : record
}

/** The head once more, as the next record: ends an instance in which nothing else can be decided. */
export function recommit(head: CommittedRecord): CommittedRecord {
  return { ...head, n: head.n + 1, parent: hashRecord(head) }
}

/**
 * Whether a value may enter the instance here: its provider is the current one or wanted by somebody, and its
 * caps are what the members' registers say. Never asked of a value that is already on its way (rule 4).
 */
export function isProposable(record: CommittedRecord, registers: Registers, head: CommittedRecord): boolean {
  if (!isValidRecord(record, head)) return false
  const seats = record.committee.flatMap((voter) => {
    const register = registers.get(voter)
    return register?.lineage === head.lineage ? [register] : []
  })
  if (seats.length !== record.committee.length) return false
  if (!isSameRecord(record, follow(head, record.provider, seats))) return false
  return record.provider === head.provider || isWanted(record.provider, registers, head)
}

/** Live adherents that may hold a seat, in join order: the newest incarnation of each participant. */
function seatablePeople({ registers, live, head }: DesireInput): Register[] {
  const newest = new Map<string, Register>()
  for (const register of adherentsOf(registers, live, head.lineage)) {
    const known = newest.get(register.participant)
    if (known === undefined || isNewer(register, known, head)) newest.set(register.participant, register)
  }
  return [...newest.values()].sort(
    (one, other) => one.joinedAt - other.joinedAt || (one.voter < other.voter ? -1 : 1),
  )
}

function isNewer(one: Register, other: Register, head: CommittedRecord): boolean {
  if (one.joinedAt !== other.joinedAt) return one.joinedAt > other.joinedAt
  const hasSeat = head.committee.includes(one.voter)
  if (hasSeat !== head.committee.includes(other.voter)) return hasSeat
  return one.voter < other.voter
}

function chooseProvider(
  input: DesireInput,
  members: readonly Register[],
): { readonly provider: string | null; readonly kept: readonly Register[] } {
  const { registers, live, head } = input
  const wants = openWants(registers, live, head)
  const wanted = [...wants.keys()].filter(input.isAcceptable)
  // Somebody who can run none of the wanted providers must not hold all the others back for ever.
  const able = members.filter((member) => wanted.some((provider) => member.caps.includes(provider)))
  const ableVoters = new Set(able.map((member) => member.voter))
  const ableWeight = weightWhere(head.committee, (voter) => ableVoters.has(voter))
  const kept = ableWeight >= quorumOf(head.committee.length).classic ? able : members
  const options = wanted.filter((provider) => kept.every((member) => member.caps.includes(provider)))
  const score = (provider: string): number =>
    input.isByReadiness ? readyWeight(registers, head, provider) : (wants.get(provider) ?? 0)
  const [provider] = rankProviders(options, kept, score)
  return provider === undefined ? { provider: head.provider, kept: members } : { provider, kept }
}

function follow(head: CommittedRecord, provider: string | null, seats: readonly Register[]): CommittedRecord {
  return makeRecord({ lineage: head.lineage, n: head.n + 1, provider, seats, parent: hashRecord(head) })
}

function isWanted(provider: string | null, registers: Registers, head: CommittedRecord): boolean {
  for (const { want, lineage } of registers.values())
    if (lineage === head.lineage && want?.provider === provider && want.n === head.n + 1) return true
  return false
}
