/**
 * What a state of the explorer shows: which records stand, and whether that may be (S1, S3). A record stands when
 * a register has it as its head, or when some document made of published versions decides it.
 */
import { type CommittedRecord, canAllRun, hashRecord } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import type { Book } from './explorer-book.js'
import type { Core, Model } from './explorer-model.js'
import { TupleTable } from './explorer-tuples.js'

export interface Judge {
  /** Facts of the state in which `version` has just been published, and which before had the facts `known`. */
  judge(known: number, chains: readonly number[], version: number): number
  /** Facts of a state without history. */
  start(chains: readonly number[]): number
  /** Decided records by `lineage/epoch`, as hashes. */
  facts(number: number): ReadonlyMap<string, string>
  /** Every record that was ever decided after the start, by hash. */
  readonly decided: ReadonlySet<string>
}

/** More versions than a search can keep: facts and version share one number. */
const VERSIONS_MAX = 2 ** 26

/** A state that must not be. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

/** A judge over one book. */
export function newJudge(core: Core, model: Model, book: Book): Judge {
  const sets: ReadonlyMap<string, string>[] = [new Map()]
  const byText = new Map<string, number>([['', 0]])
  const joined = new Map<string, number>()
  const documents = new TupleTable(model.pages.length + 1)
  const decisions: (CommittedRecord | null)[] = []
  const decided = new Set<string>()

  const join = (known: number, key: string, hash: string): number => {
    const step = `${known} ${key} ${hash}`
    const index = joined.get(step)
    if (index !== undefined) return index
    const facts = sets[known] as ReadonlyMap<string, string>
    const old = facts.get(key)
    if (old !== undefined && old !== hash) throw new Violation(`S1 broken: two records stand at ${key}`)
    const next = new Map([...facts, [key, hash] as const].sort())
    const text = [...next].join(';')
    let found = byText.get(text)
    if (found === undefined) {
      found = sets.push(next) - 1
      byText.set(text, found)
    }
    joined.set(step, found)
    return found
  }

  /** A number for what a version votes for and at which ballot; equal votes have equal numbers. */
  const votes: number[] = []
  const byVote = new Map<string, number>()
  const voteOf = (version: number): number => {
    const known = votes[version]
    if (known !== undefined) return known
    const { votedBallot, voted } = book.version(version)
    const text = voted ? `${votedBallot} ${hashRecord(voted)}` : ''
    const vote = byVote.get(text) ?? byVote.size
    byVote.set(text, vote)
    votes[version] = vote
    return vote
  }

  /** The document in which most versions vote as this one does: if any document decides its value, this one does. */
  const documentOf = (chains: readonly number[], version: number): number => {
    const vote = voteOf(version)
    const versions = chains.map(
      (chain) => book.chain(chain).versions.findLast((one) => voteOf(one) === vote) ?? -1,
    )
    return documents.intern([...versions, version])
  }
  const decideIn = (document: number, { lineage, head }: Register): CommittedRecord | null => {
    const known = decisions[document]
    if (known !== undefined) return known
    const versions = documents.tuple(document).slice(0, -1)
    const registers = versions.filter((one) => one >= 0).map((one) => book.version(one))
    const record = core.decide(new Map(registers.map((one) => [one.voter, one])), lineage, head)
    decisions[document] = record
    return record
  }

  const afterHead = new Map<number, number>()
  const headJoined = (known: number, version: number): number => {
    const step = known * VERSIONS_MAX + version
    let facts = afterHead.get(step)
    if (facts === undefined) {
      const { head } = book.version(version)
      facts = standing(head).reduce((sum, [key, hash]) => join(sum, key, hash), known)
      decided.add(hashRecord(head))
      afterHead.set(step, facts)
    }
    return facts
  }

  const judge: Judge['judge'] = (known, chains, version) => {
    const facts = headJoined(known, version)
    const register = book.version(version)
    if (register.votedBallot < 0) return facts
    const record = decideIn(documentOf(chains, version), register)
    if (record === null) return facts
    assertValid(book, chains, register, record)
    decided.add(hashRecord(record))
    return join(facts, `${record.lineage}/${record.n}`, hashRecord(record))
  }

  return {
    judge,
    start: (chains) => {
      const versions = chains.flatMap((chain) => book.chain(chain).versions)
      const facts = versions.reduce((sum, version) => judge(sum, chains, version), 0)
      decided.clear()
      return facts
    },
    facts: (number) => sets[number] as ReadonlyMap<string, string>,
    decided,
  }
}

/** What a head says to be decided: itself, and within its lineage the record before. */
function standing(head: CommittedRecord): [string, string][] {
  const own: [string, string] = [`${head.lineage}/${head.n}`, hashRecord(head)]
  const isFounding = head.lineage.split('.')[2] === String(head.n - 1)
  return isFounding || head.parent === '' ? [own] : [own, [`${head.lineage}/${head.n - 1}`, head.parent]]
}

/** S3: wanted by somebody or nothing new, and everybody seated can run it. */
function assertValid(book: Book, chains: readonly number[], { head }: Register, record: CommittedRecord): void {
  if (record.provider === null) return
  if (!canAllRun(record, record.provider))
    throw new Violation(`S3 broken: a member cannot run ${record.provider}`)
  if (record.provider === head.provider) return
  const wants = chains.flatMap((chain) => book.chain(chain).versions.map((one) => book.version(one).want))
  const isWanted = wants.some((want) => want?.provider === record.provider && want.n === record.n)
  if (!isWanted) throw new Violation(`S3 broken: nobody wanted ${record.provider}`)
}
