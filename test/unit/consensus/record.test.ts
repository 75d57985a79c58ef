import { describe, expect, test } from 'vitest'
import {
  canAllRun,
  hashRecord,
  isSameRecord,
  isValidRecord,
  makeRecord,
  recordText,
} from '../../../src/consensus/record.js'
import { aRecord, following } from './support.js'

const head = aRecord(['a', 'b', 'c'])

test('equal proposals of different authors are one value', () => {
  const seats = [
    { voter: 'a', caps: ['west', 'east'] },
    { voter: 'b', caps: ['mesh', 'east'] },
  ]
  const one = makeRecord({ lineage: 'l', n: 1, provider: 'east', seats, parent: 'p' })
  const other = makeRecord({ parent: 'p', seats: structuredClone(seats), provider: 'east', n: 1, lineage: 'l' })
  expect(isSameRecord(one, other)).toBe(true)
  expect(hashRecord(one)).toBe(hashRecord(other))
  expect(one.providers).toEqual(['east', 'mesh', 'west'])
  expect(one.caps).toEqual([0b101, 0b011])
})

test('any change of a record changes its text and its hash', () => {
  const changed = [
    { ...head, n: 4 },
    { ...head, provider: 'west' },
    { ...head, provider: null },
    { ...head, lineage: 'other' },
    { ...head, committee: ['b', 'a', 'c'] },
    { ...head, caps: [7, 7, 3] },
    { ...head, parent: 'other' },
  ]
  for (const record of changed) {
    expect(recordText(record)).not.toBe(recordText(head))
    expect(hashRecord(record)).not.toBe(hashRecord(head))
  }
  expect(hashRecord(head)).toMatch(/^[\w-]{32}$/)
})

test('canAllRun asks every member', () => {
  const seats = [
    { voter: 'a', caps: ['west', 'east'] },
    { voter: 'b', caps: ['east'] },
  ]
  const record = makeRecord({ lineage: 'l', n: 1, provider: 'east', seats, parent: 'p' })
  expect(canAllRun(record, 'east')).toBe(true)
  expect(canAllRun(record, 'west')).toBe(false)
  expect(canAllRun(record, 'unknown')).toBe(false)
})

describe('a record may follow the head', () => {
  const next = following(head, { provider: 'west' })
  test('when everything fits', () => expect(isValidRecord(next, head)).toBe(true))
  test.each([
    ['it skips an epoch', { ...next, n: next.n + 1 }],
    ['it belongs to another lineage', { ...next, lineage: 'other' }],
    ['it has another parent', { ...next, parent: 'other' }],
    ['nobody sits in it', { ...next, committee: [], caps: [] }],
    ['too many sit in it', following(head, { committee: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    ['somebody sits twice', { ...next, committee: ['a', 'a', 'b'] }],
    ['a seat has no caps', { ...next, caps: [7, 7] }],
    ['a member cannot run the provider', { ...next, caps: [7, 7, 3] }],
    ['it gives up the provider', { ...next, provider: null }],
  ])('not when %s', (_why, record) => expect(isValidRecord(record, head)).toBe(false))
  test('without a provider while there has been none', () => {
    const genesis = aRecord(['a'], { n: 0, provider: null })
    expect(isValidRecord(following(genesis, { committee: ['a', 'b'] }), genesis)).toBe(true)
  })
})
