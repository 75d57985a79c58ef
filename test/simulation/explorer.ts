/**
 * Exhaustive search, driving the production `step` and `decide`. A state is what every page has ever published. A
 * page may act at any time on any combination of published versions (one per voter, or none), in any mood of the
 * model, with its timers fresh or run out: that covers loss, delay, duplication, reordering, stale relays and
 * freezes. Breadth first, so that the first violation found is a shortest one.
 *
 * Two reductions, both exact:
 * 1. Who has learned a decision that any reader can see already stays where it was. Its new head could only make
 *    others learn the same, which they can do from the votes; and in the old instance it is silent for ever.
 * 2. Instances of one lineage are searched one after the other. When somebody enters the next, the others' versions
 *    of the old one shrink to the register as it was before they said anything in it: `step` reads no more of a
 *    register of an older instance (`membersOf` drops it), and who reads a newer head learns before anything else.
 */
import type { Register } from '../../src/consensus/register.js'
import { ABSENT, type Book, Broken, type Chain, newBook } from './explorer-book.js'
import { type Judge, newJudge, Violation } from './explorer-judge.js'
import type { Core, Model } from './explorer-model.js'
import { IntList, TupleTable } from './explorer-tuples.js'

export interface Exploration {
  readonly name: string
  readonly states: number
  readonly transitions: number
  /** How often `step` was really run; every other answer was remembered. */
  readonly steps: number
  /** Steps from the start to the furthest state. */
  readonly depth: number
  /** False when the search stopped at a bound of depth or states. */
  readonly isComplete: boolean
  /** Turns that led past the highest round or epoch. */
  readonly cut: number
  /** Different records that were decided in one run or another; never two of one epoch in one run. */
  readonly outcomes: number
  readonly violation: { readonly message: string; readonly moves: readonly Move[] } | null
}

/** One step on the way to a state. */
export interface Move {
  readonly page: number
  /** Latest version of each page before. */
  readonly before: readonly (readonly number[])[]
  /** What it published; -1 when the core threw. */
  readonly version: number
  /** The turn in which the core threw. */
  readonly turn?: Broken['turn']
}

interface Search {
  readonly model: Model
  readonly book: Book
  readonly judge: Judge
  readonly states: TupleTable
  readonly facts: IntList
  readonly parents: IntList
  readonly depths: IntList
  /** Page and version that led here. */
  readonly moves: IntList
  /** Who with what was asked whether it would do anything, and the answers. */
  readonly looks: TupleTable
  readonly answers: boolean[]
  transitions: number
  cut: number
}

/** Searches until everything was seen, something broke or a bound was reached. */
export function explore(core: Core, model: Model): Exploration & { readonly book: Book } {
  const book = newBook(core, model)
  const search: Search = {
    model,
    book,
    judge: newJudge(core, model, book),
    states: new TupleTable(model.pages.length + 1),
    facts: new IntList(),
    parents: new IntList(),
    depths: new IntList(),
    moves: new IntList(),
    looks: new TupleTable(model.pages.length + 1),
    answers: [],
    transitions: 0,
    cut: 0,
  }
  const start = model.pages.map(({ start }, page) => book.extend(book.emptyChain(page), book.number(start)))
  const epoch = model.isOneLineage ? Math.max(...model.pages.map(({ start }) => start.head.n)) : 0
  search.states.intern([epoch, ...start])
  note(search, search.judge.start(start), { index: -1, page: -1, version: -1 })
  let index = 0
  let violation: Exploration['violation'] = null
  for (; index < search.states.size && violation === null; index++) {
    if (search.states.size > (model.maxStates ?? Number.POSITIVE_INFINITY)) break
    if (search.depths.at(index) >= (model.maxDepth ?? Number.POSITIVE_INFINITY)) break
    violation = expand(search, index)
  }
  return {
    book,
    name: model.name,
    states: search.states.size,
    transitions: search.transitions,
    steps: book.steps,
    depth: search.depths.at(search.states.size - 1),
    isComplete: violation === null && index === search.states.size,
    cut: search.cut,
    outcomes: search.judge.decided.size,
    violation,
  }
}

/** Adds everything that can happen next; returns what broke, if anything did. */
function expand(search: Search, index: number): Exploration['violation'] {
  const { book, states } = search
  const [epoch = 0, ...chains] = states.tuple(index)
  for (let page = 0; page < chains.length; page++) {
    let last = -1
    try {
      for (const version of book.successors(chains, page)) {
        last = version
        move(search, epoch, chains, { index, page, version })
      }
    } catch (error) {
      if (!(error instanceof Violation || error instanceof Broken)) throw error
      const final = moveOf(book, chains, page, last)
      const moves = [
        ...path(search, index),
        error instanceof Broken ? { ...final, version: -1, turn: error.turn } : final,
      ]
      return { message: error.message, moves }
    }
  }
  const unrest = search.model.isOneLineage ? null : unsettled(search, chains)
  return unrest === null ? null : { message: unrest, moves: path(search, index) }
}

/**
 * L2: where everybody hears everybody, has read all there is and has waited, and still nobody does anything, all
 * have met in one lineage and hold a seat in it. The first mood of the model is the one in which all hear all.
 */
function unsettled(search: Search, chains: readonly number[]): string | null {
  const { book } = search
  const latest = chains.map((chain) => book.chain(chain).latest)
  const readings = latest.map((version) => book.readingOf([version]))
  if (latest.some((own, page) => isMoving(search, own, readings.with(page, ABSENT)))) return null
  const registers = latest.map((version) => book.version(version))
  const lineages = new Set(registers.map((register) => register.lineage))
  if (lineages.size > 1) return `L2 broken: at rest in ${lineages.size} lineages`
  const furthest = registers.reduce(
    (best, { head }) => (head.n > best.n ? head : best),
    (registers[0] as Register).head,
  )
  const standing = registers.find(({ voter }) => !furthest.committee.includes(voter))
  return standing ? `L2 broken: ${standing.voter} is at rest without a seat` : null
}

/** Whether a page that hears everybody does anything, at once or after a while. */
function isMoving({ book, model, looks, answers }: Search, own: number, readings: readonly number[]): boolean {
  const look = looks.intern([own, ...readings])
  answers[look] ??= book.explain(own, readings).some(({ mood }) => mood === model.moods[0])
  return answers[look]
}

/** How a state was reached. */
interface Arrival {
  readonly index: number
  readonly page: number
  readonly version: number
}

function move(search: Search, epoch: number, chains: readonly number[], by: Arrival): void {
  const { book, judge, model } = search
  const { head, promised } = book.version(by.version)
  const next = chains.with(by.page, book.extend(chains[by.page] as number, by.version))
  if (next[by.page] === chains[by.page]) return
  // Whoever has gone on already rests here; so do all who are still in an older instance.
  const hasGoneOn = model.isOneLineage && latestHead(book, chains[by.page]) > epoch
  if (hasGoneOn || (model.isOneLineage && head.n < epoch)) return
  search.transitions++
  if (promised > model.maxRound || (!model.isOneLineage && head.n > model.maxEpoch)) {
    search.cut++
    return
  }
  const isLearning = model.isOneLineage && head.n > epoch
  const known = search.facts.at(by.index)
  if (!isLearning) {
    if (isNew(search, [epoch, ...next])) note(search, judge.judge(known, next, by.version), by)
    return
  }
  const facts = judge.judge(known, next, by.version)
  // Reduction 1, unless nobody saw the votes: a senior of two, or somebody alone, decides within one turn.
  if (facts !== known && isNew(search, [epoch, ...next])) note(search, facts, by)
  // The first to go on opens the next instance; there all others learn in every way in which they could here.
  const isFirst = chains.every((chain) => latestHead(book, chain) <= epoch)
  if (head.n >= model.maxEpoch || !isFirst) return
  const later = chains.map((chain, at) => enteredChain(book, chain, at === by.page ? by.version : -1))
  if (isNew(search, [head.n, ...later])) note(search, facts, by)
}

function latestHead(book: Book, chain: number | undefined): number {
  const { latest } = book.chain(chain as number)
  return latest < 0 ? -1 : book.version(latest).head.n
}

/** What is left of a page's versions when somebody has entered the next instance. */
function enteredChain(book: Book, number: number, version: number): number {
  const chain: Chain = book.chain(number)
  if (chain.latest < 0) return number
  const old = book.extend(book.emptyChain(chain.page), book.entered(chain.latest))
  if (version < 0) return old
  // Read without what its owner says next, it stands for the votes that decided: others may learn from those.
  const witness = book.extend(old, book.entered(version))
  return book.extend(witness, version)
}

/** Whether the state was never reached before; then it has to be noted. */
function isNew({ states, facts }: Search, state: readonly number[]): boolean {
  return states.intern(state) === facts.length
}

function note(search: Search, facts: number, by: Arrival): void {
  search.facts.push(facts)
  search.parents.push(by.index)
  search.depths.push(by.index < 0 ? 0 : search.depths.at(by.index) + 1)
  search.moves.push(by.page)
  search.moves.push(by.version)
}

function path(search: Search, index: number): Move[] {
  const moves: Move[] = []
  for (let at = index; search.parents.at(at) >= 0; at = search.parents.at(at)) {
    const [, ...before] = search.states.tuple(search.parents.at(at))
    moves.unshift(moveOf(search.book, before, search.moves.at(at * 2), search.moves.at(at * 2 + 1)))
  }
  return moves
}

function moveOf(book: Book, chains: readonly number[], page: number, version: number): Move {
  return { page, version, before: chains.map((chain) => book.chain(chain).versions) }
}
