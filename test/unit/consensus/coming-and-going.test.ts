import { expect, test } from 'vitest'
import { genesisLineage } from '../../../src/consensus/lineage.js'
import { aRecord, aRegister, aVote, following, kinds, LINEAGE, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])
const pair = aRecord(['a', 'b'])
const west = following(head, { provider: 'west' })

test('R10 Clean leave: the last word is the vote for the record without me', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  const effects = probe.input({ type: 'leave' })
  expect(kinds(effects)).toEqual(['publish'])
  expect(published(effects)).toMatchObject({
    left: true,
    votedBallot: 0,
    voted: following(head, { committee: ['b', 'c'] }),
  })
  expect(probe.advance(5000)).toEqual([])
})

test('R10 Clean leave: a leaver completes a visible switch before it goes', () => {
  const b = { ...aVote('b', pair, 0, following(pair, { provider: 'west' })), want: { provider: 'west', n: 4 } }
  const probe = new Probe(aRegister('a', pair), b)
  const effects = probe.input({ type: 'leave' })
  expect(published(effects)).toMatchObject({
    left: true,
    head: { n: 4, provider: 'west', committee: ['a', 'b'] },
    voted: { n: 5, provider: 'west', committee: ['b'] },
  })
})

test('R10 Clean leave: a voter that has voted keeps its vote and only says goodbye', () => {
  const probe = new Probe(
    { ...aVote('a', head, 0, west), want: { provider: 'west', n: 4 } },
    aRegister('b', head),
  )
  probe.live = new Set(['a', 'b', 'c'])
  probe.registers.set('c', aRegister('c', head))
  expect(published(probe.input({ type: 'leave' }))).toMatchObject({ left: true, votedBallot: 0, voted: west })
})

test('R10 Clean leave: the others count a left voter as not live at once', () => {
  const gone = { ...aVote('a', pair, 0, following(pair, { committee: ['b'] })), left: true as const }
  const probe = new Probe(aRegister('b', pair), gone)
  probe.input()
  expect(probe.register.head).toMatchObject({ n: 4, committee: ['b'] })
})

test('R11 Wake: after a sleep only learning, accepting and joining rounds are allowed', () => {
  const probe = new Probe(aRegister('a', pair, { warm: { west: 'ready' } }), aRegister('b', pair))
  probe.input()
  probe.now += 600_000
  probe.live = new Set(['a'])
  probe.isSyncing = true
  expect(published(probe.input({ type: 'want', provider: 'west' }))?.votedBallot).toBe(-1)
  expect(kinds(probe.advance(5000))).toEqual([])
  probe.isSyncing = false
  probe.live = new Set(['a', 'b'])
  probe.advance(100)
  expect(probe.register.votedBallot).toBe(0)
})

test('R11 Wake: a frozen senior of two that wakes after ten minutes does not commit alone', () => {
  const probe = new Probe(aRegister('a', pair), aRegister('b', pair))
  probe.input()
  probe.now += 600_000
  probe.live = new Set(['a'])
  probe.isSyncing = true
  probe.input({ type: 'wake' })
  probe.advance(3000)
  expect(probe.register.head).toEqual(pair)
})

test('R11 Wake: a gap between steps is a sleep even if nobody says so', () => {
  const probe = new Probe(aRegister('a', pair), aRegister('b', pair))
  probe.input()
  probe.now += 6001
  probe.live = new Set(['a'])
  probe.isSyncing = true
  probe.input()
  expect(probe.register.head).toEqual(pair)
})

test('R11 Wake: rounds go on behind the barrier', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  probe.isSyncing = true
  probe.input({ type: 'wake' })
  probe.see(aRegister('b', head, { promised: 2 }))
  expect(probe.register.promised).toBe(2)
})

test('R13 Genesis: alone, a voter founds its lineage after listening, not before', () => {
  const probe = new Probe('a')
  probe.hasHeardPeer = false
  probe.input()
  expect(kinds(probe.advance(300))).toEqual([])
  probe.advance(100)
  expect(probe.register.head).toMatchObject({ lineage: LINEAGE, n: 0, provider: null, committee: ['a'] })
})

test('R13 Genesis: while a peer that announced itself has not synced, nobody founds, at most for two seconds', () => {
  const probe = new Probe('a')
  probe.isSyncing = true
  probe.live.add('b')
  probe.input()
  probe.advance(1900)
  expect(probe.state.phase).toBe('listening')
  probe.advance(100)
  expect(probe.state.phase).toBe('active')
})

test('R13 Genesis: of those who start together the least voter founds and the others adopt', () => {
  const later = new Probe('b')
  later.live.add('a')
  later.input()
  later.advance(600)
  expect(later.state.phase).toBe('listening')
  const genesis = aRecord(['a'], { n: 0, provider: null })
  later.see(aRegister('a', genesis))
  expect(later.register.lineage).toBe(LINEAGE)
})

test('R13 Genesis: whoever hears a lineage takes over its record at once', () => {
  const probe = new Probe('d', aRegister('a', head), aRegister('b', head), aRegister('c', head))
  expect(kinds(probe.input())).toEqual(['publish', 'committed'])
  expect(probe.register).toMatchObject({ lineage: LINEAGE, head, votedBallot: -1 })
})

test('R13 Genesis: a lineage that nobody live is in is not adopted', () => {
  const probe = new Probe('d', aRegister('a', head))
  probe.live = new Set(['d'])
  expect(probe.input()).toEqual([])
})

test('R13 Genesis: a lone founder moves at once when it meets a better lineage', () => {
  const genesis = aRecord(['m'], { lineage: genesisLineage('m'), n: 0, provider: null })
  const probe = new Probe(aRegister('m', genesis), aRegister('a', head), aRegister('b', head))
  expect(kinds(probe.input())).toContain('hop')
})

test('R13 Genesis: a founder without a provider wants its favourite and decides once it is connected', () => {
  const genesis = aRecord(['a'], { n: 0, provider: null })
  const probe = new Probe(aRegister('a', genesis))
  expect(published(probe.input())?.want).toEqual({ provider: 'east', n: 1 })
  probe.input({ type: 'warm', provider: 'east', outcome: 'ready' })
  expect(probe.register.head).toMatchObject({ n: 1, provider: 'east' })
})

test('R13 Genesis: a founder whose favourite cannot be reached takes the next one', () => {
  const probe = new Probe(aRegister('a', aRecord(['a'], { n: 0, provider: null })))
  probe.input()
  probe.input({ type: 'warm', provider: 'east', outcome: 'failed' })
  expect(probe.register.want).toEqual({ provider: 'west', n: 1 })
})
