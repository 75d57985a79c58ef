/**
 * A run that the explorer found, as the commands of a scenario (test/scenarios/turn-player.ts plays them).
 */

import type { Move } from './explorer.js'
import type { Book, Outcome } from './explorer-book.js'
import type { Model } from './explorer-model.js'

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
      ? { outcome: turn, seen: turn.readings.map((one) => seenIn(book, one)) }
      : howToGet(book, own, others, version)
    const sees = others.flatMap((_versions, at) => {
      if (at === page || !found) return []
      return [`${names[at]}:${numberOf(book, published[at] ?? [], found.seen[at] ?? -1)}`]
    })
    lines.push([`turn ${names[page]} sees ${sees.join(' ')}`, ...moodWords(names, found?.outcome)].join(', '))
    if (version >= 0) published[page]?.push(version)
  }
  return `${lines.join('\n\n')}\n`
}

interface Found {
  readonly outcome: Omit<Outcome, 'version'>
  /** Version read of each page, -1 for none. */
  readonly seen: readonly number[]
}

/** A combination of versions and a mood in which the page publishes `version`: as fresh a one as there is. */
function howToGet(
  book: Book,
  own: number,
  others: readonly (readonly number[])[],
  version: number,
): Found | null {
  const rows = others.reduce<number[][]>(
    (all, versions) => all.flatMap((row) => [...versions.toReversed(), -1].map((one) => [...row, one])),
    [[]],
  )
  for (const seen of rows) {
    const readings = seen.map((one, at) =>
      book.readingOf(one < 0 || (others[at]?.length ?? 0) === 0 ? [] : [one]),
    )
    const outcome = book.explain(own, readings).find((one) => one.version === version)
    if (outcome) return { outcome, seen }
  }
  return null
}

/** The version in a reading, -1 for none. */
function seenIn(book: Book, reading: number): number {
  const register = book.reading(reading).at(-1)
  return register ? book.number(register) : -1
}

/** Its place in what the page has published; a version that stands for older ones is the last of its instance. */
function numberOf(book: Book, published: readonly number[], version: number): string {
  if (version < 0) return '-'
  const exact = published.indexOf(version)
  if (exact >= 0) return String(exact + 1)
  const epoch = book.version(version).head.n
  return String(published.findLastIndex((one) => book.version(one).head.n <= epoch) + 1)
}

function moodWords(names: readonly string[], outcome: Found['outcome'] | undefined): string[] {
  if (outcome === undefined) return []
  const { mood, isLate } = outcome
  const words =
    mood.hears.length === names.length ? [] : [`hears ${mood.hears.map((at) => names[at]).join(' ')}`]
  if (isLate) words.push('late')
  if (mood.isProviderDead) words.push('dead')
  if (mood.input?.type === 'leave') words.push('leave')
  if (mood.input?.type === 'want') words.push(`want ${mood.input.provider}`)
  return words
}
