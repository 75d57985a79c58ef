/**
 * What must hold after every write (S1, S3, the invariants of registers) and what must come true once the world is
 * healed (liveness). Written against the protocol's text, not against the code that it checks.
 */
import type { AgreementState } from '../../src/consensus/agreement.js'
import { quorumOf, weightWhere } from '../../src/consensus/quorum.js'
import { type CommittedRecord, canAllRun, recordText, type VoterId } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import type { Effect } from '../../src/consensus/step.js'
import { encodeRegister } from '../../src/document/register-body.js'

/** Everything ever said and decided in one world. */
export interface Ledger {
  /** `lineage/n` to the record. */
  readonly decided: Map<string, CommittedRecord>
  /** Voters that voted twice or proposed what they were not free to: S1 does not cover their committees. */
  readonly liars: Set<VoterId>
  /** Lineages in which S1 was lost to a liar. */
  readonly split: Set<string>
  readonly latest: Map<VoterId, Register>
  /** `lineage/n/provider` of every wish. */
  readonly wishes: Set<string>
  /** Who voted for what, by `lineage/n/ballot/record`. */
  readonly votes: Map<string, Set<VoterId>>
}

/** Committees up to this size decide with their senior alone. */
const SENIOR_DECIDES = 2

export function newLedger(): Ledger {
  return {
    decided: new Map(),
    liars: new Set(),
    split: new Set(),
    latest: new Map(),
    wishes: new Set(),
    votes: new Map(),
  }
}

/** After one turn of an honest page. */
export function checkWrite(
  ledger: Ledger,
  before: AgreementState,
  after: AgreementState,
  effects: readonly Effect[],
): void {
  for (const effect of effects) {
    if (effect.type === 'publish') notePublished(ledger, effect.register)
    if (effect.type === 'committed') noteDecided(ledger, effect.record)
  }
  const record = after.register?.head
  const previous = before.register?.head
  if (!record || !previous || record.lineage !== previous.lineage) return
  if (record.n < previous.n) throw new Error('the head went back')
}

/** A register that an honest page writes. */
export function notePublished(ledger: Ledger, register: Register): void {
  const { voter, want, head, lineage } = register
  const previous = ledger.latest.get(voter)
  // A page that continues a refreshed one shows its register once more.
  if (previous?.seq === register.seq && encodeRegister(previous) === encodeRegister(register)) return
  if (previous) checkSuccession(previous, register)
  ledger.latest.set(voter, register)
  if (want) ledger.wishes.add(`${lineage}/${want.n}/${want.provider}`)
  noteDecided(ledger, head)
  noteVote(ledger, register)
}

/** S1 and S3 of a record that somebody takes for decided. */
export function noteDecided(ledger: Ledger, record: CommittedRecord): void {
  const { lineage, n, provider } = record
  const key = `${lineage}/${n}`
  const known = ledger.decided.get(key)
  if (known === record) return
  const previous = ledger.decided.get(`${lineage}/${n - 1}`)
  if (known !== undefined) {
    if (recordText(known) === recordText(record) || ledger.split.has(lineage)) return
    const isExcused = previous?.committee.some((voter) => ledger.liars.has(voter)) ?? false
    if (!isExcused) throw new Error(`S1 broken at ${key}:\n${recordText(known)}\n${recordText(record)}`)
    ledger.split.add(lineage)
    return
  }
  ledger.decided.set(key, record)
  if (provider === null) return
  if (!canAllRun(record, provider)) throw new Error(`S3 broken at ${key}: not everybody can run ${provider}`)
  // A member that is a quorum by itself may wish and decide in one turn, and its register shows only the end of it.
  if (previous === undefined || previous.committee.length <= SENIOR_DECIDES || ledger.liars.size > 0) return
  if (previous.provider !== provider && !ledger.wishes.has(`${key}/${provider}`))
    throw new Error(`S3 broken at ${key}: nobody wanted ${provider}`)
}

/** A value is decided when a quorum has voted for it, whether or not anybody has learned it yet. */
function noteVote(ledger: Ledger, { voter, lineage, head, votedBallot, voted }: Register): void {
  if (voted === null) return
  const key = `${lineage}/${voted.n}/${votedBallot}/${recordText(voted)}`
  const voters = ledger.votes.get(key) ?? new Set()
  ledger.votes.set(key, voters.add(voter))
  const { fast, classic } = quorumOf(head.committee.length)
  const weight = weightWhere(head.committee, (member) => voters.has(member))
  if (weight >= (votedBallot === 0 ? fast : classic)) noteDecided(ledger, voted)
}

/** What one voter may say after what it has said. */
function checkSuccession(before: Register, after: Register): void {
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`register of ${after.voter} broken: ${what}`)
  }
  check(after.seq > before.seq, `seq ${after.seq} after ${before.seq}`)
  check(after.lineage === before.lineage, 'another lineage under the same id')
  check(!before.left, 'it had left')
  check(after.head.n >= before.head.n, 'the head went back')
  if (after.head.n > before.head.n) return
  check(after.promised >= before.promised, 'a promise was taken back')
  check(after.votedBallot >= before.votedBallot, 'a vote was taken back')
  const isSameBallot = after.votedBallot === before.votedBallot
  const textOf = ({ voted }: Register): string | null => (voted === null ? null : recordText(voted))
  check(!isSameBallot || textOf(after) === textOf(before), 'two votes at one ballot')
  check(isSameBallot || after.votedBallot >= before.promised, 'a vote below a promise')
}

/** What {@link unsettled} looks at: the pages that are up, and the providers that are dead. */
export interface Standing {
  up(): readonly {
    readonly id: number
    readonly participant: string
    readonly state: AgreementState
  }[]
  readonly dead: ReadonlySet<string>
}

/** What is wrong with a healed, quiet world; empty when nothing is. */
export function unsettled(world: Standing): string[] {
  const pages = world.up()
  const problems: string[] = []
  const heads = new Set<string>()
  for (const { id, state } of pages) {
    if (state.register === null || state.phase !== 'active') problems.push(`${id} is ${state.phase}`)
    else heads.add(recordText(state.register.head))
  }
  if (heads.size > 1) problems.push(`${heads.size} heads: ${[...heads].join('\n')}`)
  const head = pages[0]?.state.register?.head
  if (!head) return problems
  const voters = new Set(pages.map(({ state }) => state.voter))
  const people = new Set(pages.map(({ participant }) => participant)).size
  if (head.provider === null || world.dead.has(head.provider)) problems.push(`provider ${head.provider}`)
  if (head.committee.some((voter) => !voters.has(voter))) problems.push('a dead voter has a seat')
  if (head.committee.length !== Math.min(5, people))
    problems.push(`${head.committee.length} of ${people} seated`)
  const wishing = pages.filter(({ state }) => state.register?.want)
  if (wishing.length > 0) problems.push(`open wants: ${wishing.map(({ id }) => id).join(' ')}`)
  return problems
}
