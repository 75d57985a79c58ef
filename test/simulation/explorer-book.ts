/**
 * The explorer's memory: every register version, every list of versions that a page has published, and what a
 * page does when it reads what. Everything has a number, and every question is asked of the production `step` once.
 */
import { recordText } from '../../src/consensus/record.js'
import { FRESH_INSTANCE, type Register } from '../../src/consensus/register.js'
import type { Core, Model, Mood } from './explorer-model.js'
import { TupleTable } from './explorer-tuples.js'
import { readInTwoOrders, takeTurn } from './explorer-turn.js'

/** Versions that a page has published, oldest first. */
export interface Chain {
  readonly page: number
  /** Number of the chain without its last version; -1 for the empty one. */
  readonly parent: number
  /** The page's latest version; -1 for the empty chain. */
  readonly latest: number
  readonly versions: readonly number[]
  /** Ways to read the page that need the last version: a reading has at most one version of each of its voters. */
  readonly readings: readonly number[]
}

/** A turn that must not be: an invariant of the core broke, or one document was read in two ways. */
export class Broken extends Error {
  override readonly name = 'Broken'
  /** Who acted on what, and how. */
  readonly turn: Omit<Outcome, 'version'> & { readonly own: number; readonly readings: readonly number[] }
  constructor(message: string, turn: Broken['turn']) {
    super(message)
    this.turn = turn
  }
}

export interface Book {
  version(number: number): Register
  chain(number: number): Chain
  /** The register as it was on entering its instance. */
  entered(version: number): number
  /** Registers of a reading. */
  reading(number: number): readonly Register[]
  number(register: Register): number
  /** The number of a reading of these versions. */
  readingOf(versions: readonly number[]): number
  /** The chain with one version more; the same chain when it has that version already. */
  extend(chain: number, version: number): number
  emptyChain(page: number): number
  /** All that the chain's page may publish next when it can read the given chains in every combination. */
  successors(chains: readonly number[], page: number): readonly number[]
  /** What it publishes when it reads exactly this. @throws Broken */
  act(own: number, readings: readonly number[]): readonly number[]
  /** The same with the mood that leads to each, for people. */
  explain(own: number, readings: readonly number[]): readonly Outcome[]
  readonly steps: number
}

/** What one mood led to. */
export interface Outcome {
  readonly mood: Mood
  /** Whether every timer had run out. */
  readonly isLate: boolean
  readonly version: number
}

/** Where the mood does not matter. */
const FIRST: Mood = { hears: [] }

/** More versions than a search can keep: chain and version share one number. */
const VERSIONS_MAX = 2 ** 26

/** Nothing of the page has arrived. */
export const ABSENT = 0

/** An empty memory for one model. */
export function newBook(core: Core, model: Model): Book {
  const versions: Register[] = []
  const pageOf: number[] = []
  const byText = new Map<string, number>()
  const readings: (readonly number[])[] = [[]]
  const byVersions = new Map<string, number>([['', ABSENT]])
  const chains: Chain[] = []
  const byStep = new Map<number, number>()
  const asked = new TupleTable(model.pages.length + 1)
  const answers: (readonly number[] | undefined)[] = []
  const pageByVoter = new Map(model.pages.flatMap((page, index) => page.voters.map((voter) => [voter, index])))
  let steps = 0

  const number = (register: Register): number => {
    const text = registerText(register)
    let known = byText.get(text)
    if (known === undefined) {
      known = versions.push({ ...register, seq: 1 }) - 1
      pageOf.push(pageByVoter.get(register.voter) ?? -1)
      byText.set(text, known)
    }
    return known
  }
  const version = (index: number): Register => versions[index] as Register
  const readingOf = (parts: readonly number[]): number => {
    const key = parts.join()
    const known = byVersions.get(key)
    if (known !== undefined) return known
    byVersions.set(key, readings.push(parts) - 1)
    return readings.length - 1
  }
  const reading = (index: number): readonly Register[] => (readings[index] ?? []).map(version)

  const fresh: number[] = []
  const entered = (one: number): number => {
    fresh[one] ??= number({ ...version(one), ...FRESH_INSTANCE })
    return fresh[one]
  }

  const emptyChain = (page: number): number => {
    const known = byStep.get(-1 - page)
    if (known !== undefined) return known
    chains.push({ page, parent: -1, latest: -1, versions: [], readings: [ABSENT] })
    byStep.set(-1 - page, chains.length - 1)
    return chains.length - 1
  }
  const extend = (from: number, added: number): number => {
    const chain = chains[from] as Chain
    if (chain.versions.includes(added)) return from
    const key = from * VERSIONS_MAX + added
    const known = byStep.get(key)
    if (known !== undefined) return known
    const { voter } = version(added)
    const voters = (model.pages[chain.page]?.voters ?? []).filter((other) => other !== voter)
    let parts: number[][] = [[added]]
    for (const other of voters) {
      const olds = chain.versions.filter((old) => version(old).voter === other)
      parts = parts.flatMap((part) => [part, ...olds.map((old) => [...part, old])])
    }
    chains.push({
      page: chain.page,
      parent: from,
      latest: added,
      versions: [...chain.versions, added],
      readings: parts.map(readingOf),
    })
    byStep.set(key, chains.length - 1)
    return chains.length - 1
  }

  const explain = (own: number, read: readonly number[]): readonly Outcome[] => {
    const mine = version(own)
    const page = pageOf[own] as number
    if (mine.left) return []
    const registers = new Map(read.flatMap((one) => reading(one)).map((register) => [register.voter, register]))
    registers.set(mine.voter, mine)
    const scene = { own, readings: read }
    if (!readInTwoOrders(core, mine, registers))
      throw new Broken('S2 broken: the order of registers matters', { mood: FIRST, isLate: false, ...scene })
    const found: Outcome[] = []
    for (const mood of model.moods) {
      if (mood.pages && !mood.pages.includes(page)) continue
      for (const isLate of [false, true]) {
        steps++
        const published = takeTurn(core, model, { mine, page, registers, mood, isLate })
        if (published instanceof Error) throw new Broken(published.message, { mood, isLate, ...scene })
        if (published !== null) found.push({ mood, isLate, version: number(published) })
      }
    }
    return found
  }
  const act = (own: number, read: readonly number[]): readonly number[] => [
    ...new Set(explain(own, read).map((outcome) => outcome.version)),
  ]

  // An item is a whole chain, or (below zero) one single reading.
  const ask = (own: number, items: number[]): readonly number[] => {
    const index = asked.intern([own, ...items])
    const known = answers[index]
    if (known !== undefined) return known
    const at = items.findIndex((item) => item >= 0)
    let answer: readonly number[]
    if (at < 0)
      answer = act(
        own,
        items.map((item) => -item - 1),
      )
    else {
      const chain = chains[items[at] as number] as Chain
      const isFirst = chain.parent < 0 || (model.isSettled && (chains[chain.parent] as Chain).parent < 0)
      answer = isFirst ? [] : ask(own, items.with(at, chain.parent))
      for (const one of chain.readings) answer = union(answer, ask(own, items.with(at, -one - 1)))
    }
    answers[index] = answer
    return answer
  }

  return {
    version,
    number,
    reading,
    readingOf,
    extend,
    entered,
    emptyChain,
    act,
    explain,
    chain: (index) => chains[index] as Chain,
    successors: (state, page) => {
      const own = chains[state[page] as number]?.latest ?? -1
      return own < 0
        ? []
        : ask(
            own,
            state.map((chain, at) => (at === page ? -ABSENT - 1 : chain)),
          )
    },
    get steps() {
      return steps
    },
  }
}

/** Everything of a register but its seq, in one order. */
function registerText(register: Register): string {
  const { voter, participant, joinedAt, head, want, warm, left } = register
  const { promised, votedBallot, voted, proposedRound, proposed } = register
  const values = [voted, proposed].map((record) => (record ? recordText(record) : null))
  const warmed = Object.entries(warm).sort()
  const wanted = want && [want.provider, want.n]
  return JSON.stringify([
    [voter, participant, joinedAt, recordText(head), wanted, warmed, left],
    [promised, votedBallot, proposedRound, values],
  ])
}

function union(one: readonly number[], other: readonly number[]): readonly number[] {
  const added = other.filter((version) => !one.includes(version))
  if (added.length === 0) return one
  return one.length === 0 ? other : [...one, ...added]
}
