/**
 * Commands of scenarios that are played turn by turn, without network or time: who acts, which version of each
 * register it reads, whom it takes for live. This is what the explorer prints when it finds something.
 */
import { type Book, newBook } from '../simulation/explorer-book.js'
import { type Judge, newJudge, Violation } from '../simulation/explorer-judge.js'
import type { Core, Model, Mood } from '../simulation/explorer-model.js'
import { pagesOf, withVoters } from '../simulation/explorer-models.js'
import { PRODUCTION } from '../simulation/explorer-production.js'
import { takeTurn } from '../simulation/explorer-turn.js'
import { type Player, wordsOf } from './script.js'
import { recordWords, writeWords } from './words.js'

/** How often a page may hop. */
const VOTERS = 4

interface Table {
  readonly core: Core
  readonly model: Model
  readonly book: Book
  readonly judge: Judge
  readonly names: readonly string[]
  chains: readonly number[]
  facts: number
}

/** A player for one scenario; the functions played may be a broken variant. */
export function newTurnPlayer(core: Core = PRODUCTION): Player {
  let table: Table | null = null
  return (command) => {
    const [verb, ...words] = wordsOf(command)
    if (verb === 'table') {
      table = lay(core, words)
      return table.names.map(
        (name, page) => `${name}:1 is on ${recordWords(latest(table as Table, page).head)}`,
      )
    }
    if (verb !== 'turn' || table === null) throw new Error(`unknown command: ${command}`)
    return turn(table, words)
  }
}

/** `table a b c d=c on east`: d is another page of participant c and has no seat yet. */
function lay(core: Core, words: readonly string[]): Table {
  const people = words.slice(0, words.indexOf('on'))
  const names = people.map((word) => word.slice(0, 1))
  const seated = people.filter((word) => !word.includes('=')).join('')
  const others = people
    .filter((word) => word.includes('='))
    .map((word) => [word.slice(0, 1), word.slice(2)] as const)
  const pages = pagesOf(seated, others).map((page) => withVoters(page, VOTERS))
  const bounds = { maxRound: Number.POSITIVE_INFINITY, maxEpoch: Number.POSITIVE_INFINITY }
  const model: Model = { name: 'table', pages, moods: [], ...bounds, isOneLineage: false, isSettled: false }
  const book = newBook(core, model)
  const judge = newJudge(core, model, book)
  const chains = pages.map(({ start }, page) => book.extend(book.emptyChain(page), book.number(start)))
  return { core, model, book, judge, names, chains, facts: judge.start(chains) }
}

/** `turn b sees a:2 c:-, hears a b, late, want west`; `a:2+5` reads two voters of page a. */
function turn(table: Table, words: readonly string[]): string[] {
  const { book, core, model, names } = table
  const [name = '', ...how] = words
    .join(' ')
    .split(',')
    .flatMap((part) => wordsOf(part))
  const page = names.indexOf(name)
  const told = readTurn(how)
  for (const [who, read] of told.sees)
    for (const one of read)
      if (one > versionsOf(table, names.indexOf(who)).length) return [`there is no ${who}:${one}`]
  const mine = latest(table, page)
  const seen = names.flatMap((who, index) => {
    const versions = versionsOf(table, index)
    const read = told.sees.get(who) ?? [versions.length]
    return index === page ? [] : read.map((one) => book.version(versions[one - 1] as number))
  })
  const registers = new Map([...seen, mine].map((register) => [register.voter, register]))
  const hears = (told.hears ?? names).map((who) => names.indexOf(who))
  const mood: Mood = { hears, isProviderDead: told.isDead, ...(told.input ? { input: told.input } : {}) }
  const published = takeTurn(core, model, { mine, page, registers, mood, isLate: told.isLate })
  if (published instanceof Error) return [`${name} broke: ${published.message}`]
  if (published === null) return [`${name} is silent`]
  const version = book.number(published)
  table.chains = table.chains.with(page, book.extend(table.chains[page] as number, version))
  return [
    `${name}:${versionsOf(table, page).length} writes ${writeWords(published, mine)}`,
    ...stands(table, version),
  ]
}

/** What is decided since this version can be read. */
function stands(table: Table, version: number): string[] {
  const { judge, book } = table
  const before = judge.facts(table.facts)
  try {
    table.facts = judge.judge(table.facts, table.chains, version)
  } catch (error) {
    if (error instanceof Violation) return [error.message]
    throw error
  }
  const known = [...judge.facts(table.facts).keys()].filter((key) => !before.has(key))
  const { head, voted } = book.version(version)
  const records = [head, voted].flatMap((record) => (record ? [record] : []))
  return records
    .filter((record) => known.includes(`${record.lineage}/${record.n}`))
    .map((record) => `decided: ${recordWords(record)}`)
}

interface Told {
  /** Versions read by page; of a page that has hopped, one of each of its voters. */
  readonly sees: Map<string, readonly number[]>
  hears: string[] | null
  isLate: boolean
  isDead: boolean
  input: Mood['input'] | null
}

function readTurn(words: readonly string[]): Told {
  const told: Told = { sees: new Map(), hears: null, isLate: false, isDead: false, input: null }
  let part = ''
  for (const word of words) {
    if (['sees', 'hears', 'want'].includes(word)) part = word
    else if (word === 'late') told.isLate = true
    else if (word === 'dead') told.isDead = true
    else if (word === 'leave') told.input = { type: 'leave' }
    else if (part === 'want') told.input = { type: 'want', provider: word }
    else if (word === 'nobody') told.hears = []
    else if (part === 'hears') told.hears = [...(told.hears ?? []), word]
    else if (part === 'sees')
      told.sees.set(word.slice(0, 1), word.endsWith('-') ? [] : word.slice(2).split('+').map(Number))
    else throw new Error(`unknown word: ${word}`)
  }
  return told
}

function versionsOf({ book, chains }: Table, page: number): readonly number[] {
  return book.chain(chains[page] as number).versions
}

function latest(table: Table, page: number) {
  return table.book.version(versionsOf(table, page).at(-1) as number)
}
