/**
 * Exhaustive search over one epoch, driving the production `step`. Every version of a register that was ever
 * published stays readable, and a voter may act on any combination of them at any time; that covers loss, delay,
 * duplication, reordering, stale relays and freezes. Timers are replaced by a choice: a round may open at any
 * moment. A voter that has learned the next record stands still, but its register stays readable.
 */
import { createAgreement } from '../../src/consensus/agreement.js'
import { type CommittedRecord, hashRecord, type VoterId } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import { step } from '../../src/consensus/step.js'

export interface Exploration {
  /** False when the search ended at `maxStates`: everything nearer to the start was seen. */
  readonly isComplete: boolean
  readonly states: number
  readonly steps: number
  /** How many different records were decided in one run or another; never two in the same run. */
  readonly outcomes: number
  /** Two different records for one epoch, if any were reached. */
  readonly violation: readonly [string, string] | null
}

export interface ExplorerInput {
  readonly head: CommittedRecord
  /** The first version of each voter's register. */
  readonly registers: readonly Register[]
  /** Rounds above this are cut off. */
  readonly maxRound: number
  readonly maxStates: number
}

/** Versions published so far, per voter, by number; the last one is the voter's latest. */
type State = readonly (readonly number[])[]

/** Long enough for every timer of the core to have run out. */
const LATER_MS = 1e9

/** Stands for a register that has not arrived. */
const ABSENT = -1

/** Searches breadth first until everything was seen, a violation was found or `maxStates` was passed. */
export function explore(input: ExplorerInput): Exploration {
  const { registers, maxRound, maxStates } = input
  const book = newBook(input)
  const start: State = registers.map((register) => [book.number(register)])
  const seen = new Set([JSON.stringify(start)])
  const queue: State[] = [start]
  const outcomes = new Set<string>()
  const result = (violation: Exploration['violation'], isComplete: boolean): Exploration => ({
    isComplete,
    states: seen.size,
    steps: book.steps(),
    outcomes: outcomes.size,
    violation,
  })
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const [index, versions] of state.entries())
      for (const version of successors(book, state, index)) {
        if (book.register(version).promised > maxRound || versions.includes(version)) continue
        const reached = state.map((list, at) => (at === index ? [...list, version] : list))
        const key = JSON.stringify(reached)
        if (seen.has(key)) continue
        seen.add(key)
        if (seen.size > maxStates) return result(null, false)
        const decided = new Set(reached.flat().flatMap((known) => decidedBy(book.register(known), input.head)))
        for (const text of decided) outcomes.add(text)
        const [one, other] = decided
        if (one && other) return result([one, other], false)
        queue.push(reached)
      }
  }
  return result(null, true)
}

/** The record after `head` that a register stands on, by hash; a lone survivor may go on in the same turn. */
function decidedBy(register: Register, head: CommittedRecord): string[] {
  if (register.head.n === head.n + 1) return [hashRecord(register.head)]
  return register.head.n === head.n + 2 ? [register.head.parent] : []
}

interface Book {
  number(register: Register): number
  register(version: number): Register
  /** What the owner of `own` publishes when it sees `others`; null when it stays silent. */
  act(own: number, others: readonly number[], isLate: boolean): number | null
  steps(): number
}

function newBook({ head, registers }: ExplorerInput): Book {
  const byText = new Map<string, number>()
  const versions: Register[] = []
  const acts = new Map<string, number | null>()
  const live: ReadonlySet<VoterId> = new Set(registers.map((register) => register.voter))
  let steps = 0
  const number = (register: Register): number => {
    const normal = { ...register, seq: 1 }
    const text = JSON.stringify(
      normal,
      Object.keys(normal)
        .sort()
        .concat(...NESTED_KEYS),
    )
    const known = byText.get(text)
    if (known !== undefined) return known
    byText.set(text, versions.push(normal) - 1)
    return versions.length - 1
  }
  const register = (version: number): Register => versions[version] as Register
  const run = (own: number, others: readonly number[], isLate: boolean): number | null => {
    steps++
    const mine = register(own)
    const seen = new Map(
      others
        .filter((version) => version !== ABSENT)
        .map((version) => [register(version).voter, register(version)]),
    )
    const at = isLate ? LATER_MS : 0
    const flags = { isSyncing: false, hasHeardPeer: true, isProviderDead: true }
    const view = { now: at, wallNow: at, registers: seen, live, ...flags }
    const { voter, participant, joinedAt, caps, warm } = mine
    const fresh = createAgreement({ voter, participant, joinedAt, caps, view })
    const members = [mine, ...seen.values()].filter((member) => member.head.n === head.n)
    const highest = Math.max(...members.map((member) => Math.max(member.promised, member.votedBallot)), 0)
    const roundSince = isLate ? { key: `${head.lineage}/${head.n}/${highest}`, at: 0 } : null
    const state = { ...fresh, phase: 'active' as const, register: mine, warm, roundSince }
    const { effects } = step(state, { type: 'view', view })
    const published = effects.find((effect) => effect.type === 'publish')
    return published ? number(published.register) : null
  }
  return {
    number,
    register,
    act(own, others, isLate) {
      const key = `${own}|${others}|${isLate}`
      const known = acts.get(key)
      if (known !== undefined) return known
      const result = run(own, others, isLate)
      acts.set(key, result)
      return result
    },
    steps: () => steps,
  }
}

/** Keys inside records and wants: a key list makes the text independent of insertion order. */
const NESTED_KEYS = ['provider', 'n', 'lineage', 'committee', 'providers', 'caps', 'parent', '0', '1', '2']

function successors(book: Book, state: State, index: number): Set<number> {
  const own = state[index]?.at(-1)
  const found = new Set<number>()
  if (own === undefined || book.register(own).head.n > book.register(state[index]?.[0] ?? 0).head.n)
    return found
  // A register that has not arrived yet is one more thing that may be seen.
  const others = state.filter((_list, at) => at !== index).map((list) => [ABSENT, ...list])
  for (const combination of combine(others))
    for (const isLate of [false, true]) {
      const version = book.act(own, combination, isLate)
      if (version !== null) found.add(version)
    }
  return found
}

function combine(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>(
    (rows, list) => rows.flatMap((row) => list.map((version) => [...row, version])),
    [[]],
  )
}
