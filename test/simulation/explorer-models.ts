/**
 * The searches that are run. Each starts in a call that is settled on `east`; what may happen from there is in its
 * moods. Providers are warm, so that whoever may vote does.
 */
import { genesisLineage } from '../../src/consensus/lineage.js'
import { type CommittedRecord, makeRecord, type VoterId } from '../../src/consensus/record.js'
import { freshRegister, type Register } from '../../src/consensus/register.js'
import type { Model, Mood, Page } from './explorer-model.js'

const CAPS = ['east', 'west', 'mesh']
const WARM = { west: 'ready', mesh: 'ready' } as const
const LINEAGE = genesisLineage('a')
/** Epoch of the record that everybody starts with. */
const START = 1

/** The record that a search starts with. */
function settledHead(committee: readonly VoterId[]): CommittedRecord {
  const seats = committee.map((voter) => ({ voter, caps: CAPS }))
  return makeRecord({ lineage: LINEAGE, n: START, provider: 'east', seats, parent: 'before' })
}

/** A page that holds or waits for a seat; its participant is its first voter unless given. */
function settledPage(
  head: CommittedRecord,
  voters: readonly [VoterId, ...VoterId[]],
  parts: Partial<Register> = {},
): Page {
  const [voter] = voters
  const joinedAt = 'abcdefgh'.indexOf(voter)
  const identity = { voter, participant: voter, joinedAt, caps: CAPS, warm: WARM }
  return { voters, start: { ...freshRegister(identity, head), seq: 1, ...parts } }
}

/** One page for each letter of `seated`; `others` are further pages of somebody, without a seat. */
export function pagesOf(seated: string, others: readonly (readonly [VoterId, string])[] = []): Page[] {
  const head = settledHead([...seated])
  const observers = others.map(([voter, participant]) => settledPage(head, [voter], { participant }))
  return [...[...seated].map((voter) => settledPage(head, [voter])), ...observers]
}

/** Everybody hears everybody. */
function all(pages: readonly Page[]): number[] {
  return pages.map((_page, index) => index)
}

/** Page `page` may ask for `provider`, whomever it hears. */
function wanting(page: number, provider: string, hears: readonly (readonly number[])[]): Mood[] {
  return hears.map((heard) => ({ hears: heard, pages: [page], input: { type: 'want', provider } }))
}

const ONE_EPOCH = { maxRound: 2, maxEpoch: START + 1, isOneLineage: true, isSettled: true } as const
const TWO_EPOCHS = { ...ONE_EPOCH, maxEpoch: START + 2 }

const three = pagesOf('abc')
/** `d` is another page of the person who also has page `c`. */
const withReplacement = pagesOf('abc', [['d', 'c']])
const BEFORE = [0, 1, 2]
const REPLACED = [0, 1, 3]

/**
 * Fork and merge. What is abstracted: a page is alone or hears all of its group, and T_fork and T_hop have passed or
 * not, by choice; a hop and the entry that follows it see one document; and each page has so many voters. All versions
 * of all lineages stay readable, those of voters that have hopped away too.
 */
const LINEAGES = { isOneLineage: false, isSettled: false, maxRound: 2 } as const

/** The same page with so many voters, one after the other: a, a2, a3. */
export function withVoters(page: Page, count: number): Page {
  const [first] = page.voters
  const more = Array.from({ length: count - 1 }, (_voter, index) => `${first}${index + 2}`)
  return { ...page, voters: [first, ...more] }
}

const two = pagesOf('ab').map((page) => withVoters(page, 4))
const oneOfThree = three.map((page, index) => withVoters(page, index === 2 ? 3 : 1))

/** In `npm test`: rounds 0 to 2, every state. */
export const QUICK_MODELS: readonly Model[] = [
  {
    ...ONE_EPOCH,
    name: 'three voters, two wishes',
    pages: three,
    moods: [{ hears: BEFORE }, ...wanting(0, 'west', [BEFORE]), ...wanting(1, 'mesh', [BEFORE])],
  },
  {
    ...ONE_EPOCH,
    name: 'three voters and a re-incarnation, one wish',
    pages: withReplacement,
    moods: [{ hears: BEFORE }, { hears: REPLACED }, ...wanting(0, 'west', [BEFORE])],
  },
  {
    ...ONE_EPOCH,
    name: 'three voters, one wishes and is taken for dead',
    pages: three,
    moods: [{ hears: BEFORE }, { hears: [1, 2] }, ...wanting(0, 'west', [BEFORE])],
  },
  {
    ...ONE_EPOCH,
    name: 'two voters, two wishes, any register missing',
    pages: pagesOf('ab'),
    isSettled: false,
    moods: [{ hears: [0, 1] }, ...wanting(0, 'west', [[0, 1]]), ...wanting(1, 'mesh', [[0, 1]])],
  },
  {
    ...LINEAGES,
    name: 'two lineages: a call of two parts and meets again',
    pages: two,
    moods: [{ hears: [0, 1] }, { hears: [] }],
    maxEpoch: START + 2,
  },
]

const four = pagesOf('abcd')
const five = pagesOf('abcde')

/** With `npm run explore -- --full`. */
export const FULL_MODELS: readonly Model[] = [
  ...QUICK_MODELS,
  {
    ...ONE_EPOCH,
    name: 'three voters and a re-incarnation, two wishes',
    pages: withReplacement,
    moods: [
      { hears: BEFORE },
      { hears: REPLACED },
      ...wanting(0, 'west', [BEFORE, REPLACED]),
      ...wanting(1, 'mesh', [BEFORE]),
    ],
  },
  {
    ...ONE_EPOCH,
    name: 'three voters, one wish, any register missing',
    pages: three,
    isSettled: false,
    moods: [{ hears: BEFORE }, ...wanting(0, 'west', [BEFORE])],
  },
  {
    ...ONE_EPOCH,
    name: 'three voters, the provider is dead, one cannot reach the next',
    maxRound: 1,
    pages: three.map((page, index) =>
      index === 2 ? { ...page, start: { ...page.start, warm: { west: 'failed', mesh: 'ready' } } } : page,
    ),
    moods: [{ hears: BEFORE }, { hears: BEFORE, isProviderDead: true }, ...wanting(0, 'west', [BEFORE])],
  },
  {
    ...ONE_EPOCH,
    name: 'three voters, one wish, one leaves',
    pages: three,
    moods: [
      { hears: BEFORE },
      ...wanting(0, 'west', [BEFORE]),
      { hears: BEFORE, pages: [1], input: { type: 'leave' } },
    ],
  },
  {
    ...TWO_EPOCHS,
    name: 'two epochs, a replaced voter, one wish',
    pages: withReplacement,
    moods: [{ hears: BEFORE }, { hears: REPLACED }, ...wanting(0, 'west', [BEFORE, REPLACED])],
  },
  {
    ...TWO_EPOCHS,
    name: 'two epochs, shrink to two, one wish',
    pages: three,
    moods: [
      { hears: BEFORE },
      { hears: [0, 1], pages: [0, 1] },
      { hears: [1, 2], pages: [1, 2] },
      ...wanting(1, 'west', [BEFORE]),
    ],
  },
  {
    ...ONE_EPOCH,
    name: 'four voters, two wishes',
    pages: four,
    moods: [{ hears: all(four) }, ...wanting(1, 'west', [all(four)]), ...wanting(2, 'mesh', [all(four)])],
    maxDepth: 10,
  },
  {
    ...ONE_EPOCH,
    name: 'five voters, two wishes',
    pages: five,
    moods: [{ hears: all(five) }, ...wanting(1, 'west', [all(five)]), ...wanting(2, 'mesh', [all(five)])],
    maxDepth: 7,
  },
  {
    ...LINEAGES,
    name: 'two lineages: a call of two parts and meets again, one epoch more',
    pages: two,
    moods: [{ hears: [0, 1] }, { hears: [] }],
    maxEpoch: START + 3,
  },
  {
    ...LINEAGES,
    name: 'two lineages: a call of two parts and meets again, one wish',
    pages: two,
    moods: [{ hears: [0, 1] }, { hears: [] }, ...wanting(1, 'west', [[0, 1], []])],
    maxRound: 1,
    maxEpoch: START + 2,
  },
  {
    ...LINEAGES,
    name: 'two lineages: one of three goes on alone and comes back',
    pages: oneOfThree,
    moods: [{ hears: BEFORE }, { hears: [0, 1], pages: [0, 1] }, { hears: [], pages: [2] }],
    isSettled: true,
    maxRound: 1,
    maxEpoch: START + 2,
    maxDepth: 13,
  },
]
