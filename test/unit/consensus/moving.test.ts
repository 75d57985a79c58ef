import { expect, test } from 'vitest'
import { bestLineage, forkLineage, genesisLineage } from '../../../src/consensus/lineage.js'
import { statusOf } from '../../../src/consensus/status.js'
import { aRecord, aRegister, doc, following, kinds, LINEAGE, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])
const other = aRecord(['x', 'y'], { lineage: genesisLineage('x'), n: 9 })
const foreign = [aRegister('x', other), aRegister('y', other)]

test('R2 Lineage: a better lineage is followed after T_hop, not before', () => {
  const probe = new Probe(aRegister('a', head), ...foreign)
  probe.input()
  expect(kinds(probe.advance(600))).toEqual([])
  expect(probe.advance(200)).toContainEqual({ type: 'hop', from: LINEAGE, reason: 'better-lineage' })
})

test('R2 Lineage: a lineage that looks better only for a moment moves nobody', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head), ...foreign)
  probe.live = new Set(['a', 'x', 'y'])
  probe.input()
  probe.advance(500)
  probe.live = new Set(['a', 'b', 'c', 'x', 'y'])
  probe.advance(500)
  probe.live = new Set(['a', 'x', 'y'])
  expect(kinds(probe.advance(600))).not.toContain('hop')
})

test('R2 Lineage: nobody hops on a partial document', () => {
  const probe = new Probe(aRegister('a', head), ...foreign)
  probe.isSyncing = true
  probe.input()
  expect(kinds(probe.advance(2000))).not.toContain('hop')
})

test('R2 Lineage: nothing new is started while a better lineage is in sight', () => {
  const alone = aRecord(['a', 'b'], { n: 3 })
  const probe = new Probe(aRegister('a', alone, { warm: { west: 'ready' } }), aRegister('b', alone), ...foreign)
  probe.live = new Set(['a', 'x', 'y', 'z'])
  probe.registers.set('z', aRegister('z', other))
  probe.input({ type: 'want', provider: 'west' })
  expect(probe.register.votedBallot).toBe(-1)
})

test('R2 Lineage: oldest does not win against a fork that went on (one thawed tab drags nobody back)', () => {
  const base = aRecord(['a', 'b'])
  const fork = aRecord(['f', 'g', 'h'], { lineage: forkLineage('f', base), n: base.n + 1 })
  const forked = ['f', 'g', 'h'].map((voter) => aRegister(voter, fork))
  const registers = doc(aRegister('a', base), ...forked)
  expect(bestLineage(registers, new Set(['a', 'f', 'g', 'h']))).toBe(fork.lineage)
})

test('R2 Lineage: a lineage that decided past its forks wins over them when as many are in it', () => {
  const base = aRecord(['a', 'b'])
  const on = following(base, { committee: ['a'] })
  const fork = aRecord(['f'], { lineage: forkLineage('f', base), n: base.n + 1 })
  const registers = doc(aRegister('a', on), aRegister('f', fork))
  expect(bestLineage(registers, new Set(['a', 'f']))).toBe(LINEAGE)
})

test('R2 Lineage: with equal standing the same n in two lineages is told apart by id', () => {
  const one = aRecord(['m'], { lineage: genesisLineage('m'), n: 0, provider: null })
  const two = aRecord(['n'], { lineage: genesisLineage('n'), n: 0, provider: null })
  const registers = doc(aRegister('n', two), aRegister('m', one))
  expect(bestLineage(registers, new Set(['m', 'n']))).toBe(one.lineage)
})

test('R3 Fork: without a quorum for T_fork the survivor goes on in a lineage of its own', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  probe.live = new Set(['a'])
  probe.input()
  expect(kinds(probe.advance(200))).not.toContain('hop')
  expect(probe.advance(200)).toContainEqual({ type: 'hop', from: LINEAGE, reason: 'fork' })
  const effects = probe.input({ type: 'hopped', voter: 'a2' })
  expect(published(effects)).toMatchObject({ lineage: forkLineage('a2', head), seq: 1, voter: 'a2' })
  expect(probe.register.head).toMatchObject({ n: head.n + 1, provider: 'east', committee: ['a2'] })
  expect(statusOf(probe.state, probe.view())).toBe('provisional')
})

test('R3 Fork: a person who says go on does not wait', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  probe.live = new Set(['a'])
  expect(kinds(probe.input({ type: 'go-on' }))).toEqual(['hop'])
})

test('R3 Fork: with a quorum nobody forks, however many are missing', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  probe.live = new Set(['a', 'b'])
  probe.input({ type: 'go-on' })
  expect(kinds(probe.advance(6000))).not.toContain('hop')
})

test('R3 Fork: the first in join order forks, the others follow it instead of forking too', () => {
  const probe = new Probe(
    aRegister('d', head),
    aRegister('c', head),
    aRegister('a', head),
    aRegister('b', head),
  )
  probe.live = new Set(['c', 'd'])
  probe.input()
  const waited = probe.advance(350)
  const fork = aRecord(['c2'], { lineage: forkLineage('c2', head), n: head.n + 1 })
  probe.live = new Set(['c2', 'd'])
  probe.see(aRegister('c2', fork))
  expect(kinds([...waited, ...probe.advance(600)])).not.toContain('hop')
  expect(probe.advance(200)).toContainEqual({ type: 'hop', from: LINEAGE, reason: 'better-lineage' })
})

test('R3 Fork: a dead provider is not taken along', () => {
  const probe = new Probe(aRegister('b', head), aRegister('a', head), aRegister('c', head))
  probe.live = new Set(['b'])
  probe.isProviderDead = true
  probe.input({ type: 'go-on' })
  probe.input({ type: 'hopped', voter: 'b2' })
  expect(probe.register.head.provider).toBe('west')
})

test('R9 Hop: the old voter falls silent for ever and the fresh one starts empty', () => {
  const own = aRegister('a', head, { promised: 2, warm: { west: 'ready' } })
  const probe = new Probe(own, ...foreign)
  probe.advance(900)
  expect(probe.state.register).toBeNull()
  expect(probe.input({ type: 'want', provider: 'west' })).toEqual([])
  const effects = probe.input({ type: 'hopped', voter: 'a2' })
  expect(published(effects)).toMatchObject({ voter: 'a2', head: other, promised: 0, votedBallot: -1 })
  expect(probe.register.joinedAt).toBeGreaterThan(own.joinedAt)
})

test('R9 Hop: when the target is gone by then, the provider is kept in a fork', () => {
  const probe = new Probe(aRegister('a', head), ...foreign)
  probe.advance(900)
  probe.live = new Set(['a'])
  probe.input({ type: 'hopped', voter: 'a2' })
  expect(probe.register).toMatchObject({ lineage: forkLineage('a2', head), head: { provider: 'east' } })
})

test('R12 Lone status: a fork is provisional until everybody of its base is accounted for', () => {
  const base = aRecord(['a', 'b'])
  const probe = new Probe(aRegister('b', base), aRegister('a', base))
  probe.live = new Set(['b'])
  expect(statusOf(probe.state, probe.view())).toBe('committed')
  probe.input({ type: 'go-on' })
  probe.input({ type: 'hopped', voter: 'b2' })
  expect(statusOf(probe.state, probe.view())).toBe('provisional')
  const returned = aRegister('a2', probe.register.head, { participant: 'A' })
  probe.see(returned)
  expect(statusOf(probe.state, probe.view())).toBe('committed')
})

test('R12 Lone status: who came here and went again stays accounted for when its entry is collected', () => {
  const base = aRecord(['a', 'b'])
  const probe = new Probe(aRegister('b', base), aRegister('a', base))
  probe.live = new Set(['b'])
  probe.input({ type: 'go-on' })
  probe.input({ type: 'hopped', voter: 'b2' })
  probe.see(aRegister('a2', probe.register.head, { participant: 'A' }))
  probe.registers.delete('a2')
  probe.input()
  expect(statusOf(probe.state, probe.view())).toBe('committed')
})

test('R12 Lone status: who came to an earlier fork is not accounted for in the next', () => {
  const base = aRecord(['a', 'b'])
  const both = aRecord(['a2', 'b2'], { lineage: forkLineage('b2', base), n: base.n + 2 })
  const came = aRegister('a2', both, { participant: 'A' })
  const probe = new Probe(aRegister('b2', both, { participant: 'B' }), came, aRegister('a', base))
  probe.input()
  expect(probe.state.arrived).toEqual(['A'])
  probe.live = new Set(['b2'])
  expect(kinds(probe.input({ type: 'go-on' }))).toEqual(['hop'])
  probe.input({ type: 'hopped', voter: 'b3' })
  expect(probe.state.arrived).not.toContain('A')
  expect(statusOf(probe.state, probe.view())).toBe('provisional')
})

test('R12 Lone status: somebody who left is accounted for', () => {
  const base = aRecord(['a', 'b'])
  const probe = new Probe(aRegister('b', base), aRegister('a', base))
  probe.live = new Set(['b'])
  probe.input({ type: 'go-on' })
  probe.input({ type: 'hopped', voter: 'b2' })
  probe.see(aRegister('a', base, { left: true, seq: 9 }))
  expect(statusOf(probe.state, probe.view())).toBe('committed')
})

test('R12 Lone status: listening until a lineage is entered', () => {
  const probe = new Probe('a')
  expect(statusOf(probe.state, probe.view())).toBe('listening')
})

test('R9 Hop: an open wish of the app is carried into a fork', () => {
  const probe = new Probe(aRegister('b', head), aRegister('a', head), aRegister('c', head))
  probe.input({ type: 'want', provider: 'west' })
  probe.live = new Set(['b'])
  probe.input({ type: 'go-on' })
  probe.input({ type: 'hopped', voter: 'b2' })
  expect(probe.register.want).toEqual({ provider: 'west', n: head.n + 2 })
})

test('R9 Hop: a wish is dropped when the other lineage is on another provider', () => {
  const elsewhere = aRecord(['x', 'y'], { lineage: genesisLineage('x'), n: 9, provider: 'mesh' })
  const probe = new Probe(aRegister('a', head), aRegister('x', elsewhere), aRegister('y', elsewhere))
  probe.input({ type: 'want', provider: 'west' })
  probe.advance(900)
  probe.input({ type: 'hopped', voter: 'a2' })
  expect(probe.register.want).toBeUndefined()
})
