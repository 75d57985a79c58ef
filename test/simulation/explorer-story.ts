/**
 * A run that the explorer found, as the commands of a scenario (test/scenarios/turn-player.ts plays them).
 */

import type { Move } from './explorer.js'
import type { Book, Outcome } from './explorer-book.js'
import type { Model } from './explorer-model.js'

const NOBODY = 'nobody'

/** Commands that lead through `moves`. */
export function storyOf(model: Model, book: Book, moves: readonly Move[]): string {
  const names = model.pages.map((page) => page.voters[0])
  const published = model.pages.map(({ start }) => [book.number(start)])
  const people = model.pages.map(({ start }, page) =>
    start.participant === names[page] ? names[page] : `${names[page]}=${start.participant}`,
  )
  const lines = [`table ${people.join(' ')} on ${model.pages[0]?.start.head.provider}`]
  for (const { page, version, before, turn } of moves) {
    const own = before[page]?.at(-1) ?? -1
    const others = before.map((versions, at) => (at === page ? [] : versions))
    const found = turn
      ? { outcome: turn, seen: turn.readings.map((one) => book.reading(one).map(book.number)) }
      : howToGet(book, own, others, version)
    const sees = others.flatMap((_versions, at) => {
      if (at === page || !found) return []
      const numbers = (found.seen[at] ?? []).map((one) => numberOf(book, published[at] ?? [], one))
      return [`${names[at]}:${numbers.join('+') || '-'}`]
    })
    lines.push([`turn ${names[page]} sees ${sees.join(' ')}`, ...moodWords(names, found?.outcome)].join(', '))
    if (version >= 0) published[page]?.push(version)
  }
  return `${lines.join('\n\n')}\n`
}

interface Found {
  readonly outcome: Omit<Outcome, 'version'>
  /** Versions read of each page, at most one of each of its voters. */
  readonly seen: readonly (readonly number[])[]
}

/** A combination of versions and a mood in which the page publishes `version`: as fresh a one as there is. */
function howToGet(
  book: Book,
  own: number,
  others: readonly (readonly number[])[],
  version: number,
): Found | null {
  const rows = others.reduce<(readonly number[])[][]>(
    (all, versions) => all.flatMap((row) => waysToRead(book, versions).map((one) => [...row, one])),
    [[]],
  )
  for (const seen of rows) {
    const outcome = book.explain(own, seen.map(book.readingOf)).find((one) => one.version === version)
    if (outcome) return { outcome, seen }
  }
  return null
}

/** Ways to read a page that has published these: the latest versions first, nothing last. */
function waysToRead(book: Book, versions: readonly number[]): readonly (readonly number[])[] {
  const voters = [...new Set(versions.map((one) => book.version(one).voter))]
  return voters.reduce<(readonly number[])[]>(
    (ways, voter) => {
      const own = versions.filter((one) => book.version(one).voter === voter).toReversed()
      const read: (readonly number[])[] = own.flatMap((one) => ways.map((way) => [...way, one]))
      return read.concat(ways)
    },
    [[]],
  )
}

/** Its place in what the page has published; a version that stands for older ones is the last of its instance. */
function numberOf(book: Book, published: readonly number[], version: number): string {
  const exact = published.indexOf(version)
  if (exact >= 0) return String(exact + 1)
  const epoch = book.version(version).head.n
  return String(published.findLastIndex((one) => book.version(one).head.n <= epoch) + 1)
}

function moodWords(names: readonly string[], outcome: Found['outcome'] | undefined): string[] {
  if (outcome === undefined) return []
  const { mood, isLate } = outcome
  const words =
    mood.hears.length === names.length ? [] : [`hears ${mood.hears.map((at) => names[at]).join(' ') || NOBODY}`]
  if (isLate) words.push('late')
  if (mood.isProviderDead) words.push('dead')
  if (mood.input?.type === 'leave') words.push('leave')
  if (mood.input?.type === 'want') words.push(`want ${mood.input.provider}`)
  return words
}
