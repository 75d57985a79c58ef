import { expect, test } from 'vitest'
import { decide } from '../../../src/consensus/decide.js'
import { aRecord, aRegister, aVote, doc, following, kinds, LINEAGE, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])
const west = following(head, { provider: 'west' })
const mesh = following(head, { provider: 'mesh' })

test('R1 Learn: ballot 0 needs a fast quorum, not a majority', () => {
  const two = doc(aVote('a', head, 0, west), aVote('b', head, 0, west), aRegister('c', head))
  expect(decide(two, LINEAGE, head)).toBeNull()
  const all = doc(aVote('a', head, 0, west), aVote('b', head, 0, west), aVote('c', head, 0, west))
  expect(decide(all, LINEAGE, head)).toEqual(west)
})

test('R1 Learn: a round needs a classic quorum of votes in that very round', () => {
  const mixed = doc(aVote('a', head, 1, west), aVote('b', head, 2, west), aRegister('c', head))
  expect(decide(mixed, LINEAGE, head)).toBeNull()
  const same = doc(aVote('a', head, 0, mesh), aVote('b', head, 1, west), aVote('c', head, 1, west))
  expect(decide(same, LINEAGE, head)).toEqual(west)
})

test('R1 Learn: votes of observers and of another lineage never count', () => {
  const other = aRecord(['a', 'b', 'c'], { lineage: '0.z.0.' })
  const foreign = aVote('b', other, 0, following(other, { provider: 'west' }))
  const votes = doc(aVote('a', head, 0, west), foreign, aVote('c', head, 0, west), aVote('d', head, 0, west))
  expect(decide(votes, LINEAGE, head)).toBeNull()
})

test('R1 Learn: a higher head in the lineage is a decision, the highest one', () => {
  const later = following(west, { provider: 'mesh' })
  const registers = doc(aRegister('a', head), aRegister('b', west), aRegister('c', later))
  expect(decide(registers, LINEAGE, head)).toEqual(later)
})

test('R1 Learn: a learned record empties the instance, is published once and told', () => {
  const probe = new Probe(aVote('a', head, 0, mesh))
  probe.live = new Set(['a', 'b', 'c'])
  const effects = probe.see(aRegister('b', west), aRegister('c', head))
  expect(kinds(effects)).toEqual(['publish', 'committed'])
  expect(published(effects)).toMatchObject({ head: west, promised: 0, votedBallot: -1, voted: null, seq: 2 })
})

test('R1 Learn: a want that lost against another switch is dropped, so the call does not bounce', () => {
  const probe = new Probe(aRegister('a', head, { want: { provider: 'mesh', n: head.n + 1 } }))
  probe.live = new Set(['a', 'b', 'c'])
  probe.see(aRegister('b', west), aRegister('c', west))
  expect(probe.register.want).toBeUndefined()
  expect(probe.register.head).toEqual(west)
})

test('R1 Learn: a want that only lost its turn to a change of seats is carried to the next instance', () => {
  const seats = following(head, { committee: ['a', 'b', 'c', 'd'] })
  const probe = new Probe(aRegister('a', head, { want: { provider: 'west', n: head.n + 1 } }))
  probe.live = new Set(['a', 'b', 'c', 'd'])
  probe.see(aRegister('b', seats), aRegister('c', seats), aRegister('d', seats))
  expect(probe.register.want).toEqual({ provider: 'west', n: seats.n + 1 })
})

test('R1 Learn: the same document gives everybody the same decision, whatever the order of its entries', () => {
  const votes = [aVote('a', head, 0, west), aVote('b', head, 0, west), aVote('c', head, 0, west)]
  expect(decide(doc(...votes), LINEAGE, head)).toEqual(decide(doc(...votes.reverse()), LINEAGE, head))
})

test('R1 Learn: an observer learns without writing, and writes the head along with its next wish', () => {
  const probe = new Probe(aRegister('d', head))
  probe.live = new Set(['a', 'b', 'c', 'd'])
  expect(kinds(probe.see(aRegister('a', west), aRegister('b', west)))).toEqual(['committed'])
  expect(probe.register.head).toEqual(west)
  const effects = probe.input({ type: 'want', provider: 'mesh' })
  expect(published(effects)).toMatchObject({ head: west, seq: 2, want: { provider: 'mesh', n: west.n + 1 } })
})

test('R1 Learn: a voter that gains or loses its seat says so at once', () => {
  const seats = following(head, { committee: ['a', 'b', 'd'] })
  for (const voter of ['c', 'd']) {
    const probe = new Probe(aRegister(voter, head))
    probe.live = new Set(['a', 'b', 'c', 'd'])
    expect(published(probe.see(aRegister('a', seats), aRegister('b', seats)))).toMatchObject({ head: seats })
  }
})

test('R1 Learn: a vote that decides and ends the voter’s seat in the same turn is not kept to itself', () => {
  const seats = following(head, { committee: ['a', 'b', 'd'] })
  const without = following(seats, { committee: ['a', 'b', 'c'] })
  const owner = { ...aVote('b', seats, 2, without), proposedRound: 2, proposed: without }
  const probe = new Probe(aRegister('d', head))
  probe.live = new Set(['a', 'b', 'c', 'd'])
  expect(published(probe.see(aRegister('a', seats), owner))).toMatchObject({ head: without })
})

test('R1 Learn: warm-ups of an observer are written with its seat, not before', () => {
  const probe = new Probe(aRegister('d', head))
  probe.live = new Set(['a', 'b', 'c', 'd'])
  expect(probe.input({ type: 'warm', provider: 'west', outcome: 'ready' })).toEqual([])
  const seats = following(head, { committee: ['a', 'b', 'c', 'd'] })
  expect(published(probe.see(aRegister('a', seats)))).toMatchObject({ warm: { west: 'ready' } })
})
