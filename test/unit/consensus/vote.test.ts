import { expect, test } from 'vitest'
import { aRecord, aRegister, aVote, following, kinds, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])
const west = following(head, { provider: 'west' })
const mesh = following(head, { provider: 'mesh' })
const others = [aRegister('b', head), aRegister('c', head)]
const both = [aRegister('a', head), aRegister('c', head)]
const wanting = (voter: string, provider: string) => ({ want: { provider, n: head.n + 1 }, voter })

test('R5 Fast vote: want and vote travel in one register when the candidate is warm', () => {
  const probe = new Probe(aRegister('a', head, { warm: { west: 'ready' } }), ...others)
  const effects = probe.input({ type: 'want', provider: 'west' })
  expect(kinds(effects)).toEqual(['publish'])
  expect(published(effects)).toMatchObject({ want: { provider: 'west', n: 4 }, votedBallot: 0, voted: west })
})

test('R5 Fast vote: the vote is the readiness report, so it waits for the warm-up', () => {
  const probe = new Probe(
    aRegister('b', head),
    aRegister('a', head, wanting('a', 'west')),
    aRegister('c', head),
  )
  expect(probe.input()).toEqual([])
  expect(published(probe.input({ type: 'warm', provider: 'west', outcome: 'ready' }))).toMatchObject({
    votedBallot: 0,
    voted: west,
  })
})

test('R5 Fast vote: nobody waits for a warm-up when the current provider is known dead', () => {
  const probe = new Probe(
    aRegister('b', head),
    aRegister('a', head, wanting('a', 'west')),
    aRegister('c', head),
  )
  probe.isProviderDead = true
  expect(published(probe.input())).toMatchObject({ votedBallot: 0, voted: west })
})

test('R5 Fast vote: a visible vote is followed rather than an own wish', () => {
  const want = { provider: 'mesh', n: head.n + 1 }
  const probe = new Probe(aRegister('b', head, { want, warm: { west: 'ready', mesh: 'ready' } }))
  probe.live = new Set(['a', 'b', 'c'])
  probe.registers.set('a', { ...aVote('a', head, 0, west), want: { provider: 'west', n: head.n + 1 } })
  probe.registers.set('c', aRegister('c', head))
  expect(published(probe.input())).toMatchObject({ voted: west })
})

test('R5 Fast vote: a value nobody wants does not enter', () => {
  const probe = new Probe(aRegister('b', head, { warm: { west: 'ready' } }), aVote('a', head, 0, west))
  probe.live = new Set(['a', 'b', 'c'])
  probe.registers.set('c', aRegister('c', head))
  expect(probe.input()).toEqual([])
})

test('R5 Fast vote: nobody votes at ballot 0 after promising a round, nor twice', () => {
  const warm = { west: 'ready', mesh: 'ready' } as const
  const promised = new Probe(aRegister('b', head, { promised: 2, warm, ...wanting('b', 'west') }), ...both)
  expect(promised.input()).toEqual([])
  const voted = new Probe({ ...aVote('b', head, 0, west), warm, want: { provider: 'mesh', n: 4 } }, ...both)
  expect(voted.input()).toEqual([])
})

test('R5 Fast vote: after T_warm the call goes where a classic quorum is ready', () => {
  const a = aRegister('a', head, { ...wanting('a', 'west'), warm: { mesh: 'ready' } })
  const c = aRegister('c', head, { ...wanting('c', 'mesh'), warm: { mesh: 'ready' } })
  const probe = new Probe(aRegister('b', head, wanting('b', 'west')), a, c)
  const early = probe.advance(3900)
  expect(early.filter((effect) => effect.type === 'publish')).toEqual([])
  expect(published(probe.advance(200))).toMatchObject({ voted: mesh })
})

test('R5 Fast vote: when a candidate has failed too widely, votes for it are answered with a vote to stay', () => {
  const a = { ...aVote('a', head, 0, west), want: { provider: 'west', n: head.n + 1 } }
  const probe = new Probe(aRegister('b', head), a, aRegister('c', head))
  const effects = probe.input({ type: 'warm', provider: 'west', outcome: 'failed' })
  expect(published(effects)).toMatchObject({ voted: following(head), warm: { west: 'failed' } })
})

test('R5 Fast vote: an observer wants and warms up but never votes', () => {
  const probe = new Probe(aRegister('d', head, { warm: { west: 'ready' } }), aRegister('a', head), ...others)
  const effects = probe.input({ type: 'want', provider: 'west' })
  expect(published(effects)).toMatchObject({ want: { provider: 'west', n: 4 }, voted: null })
})

test('R5 Fast vote: a member alone decides in the very turn', () => {
  const alone = aRecord(['a'], { n: 1 })
  const probe = new Probe(aRegister('a', alone, { warm: { west: 'ready' } }))
  const effects = probe.input({ type: 'want', provider: 'west' })
  expect(kinds(effects)).toEqual(['publish', 'committed'])
  expect(probe.register.head).toMatchObject({ n: 2, provider: 'west' })
})

test('with a dead provider and no wish, a member wants the provider that suits everybody best', () => {
  const probe = new Probe(
    aRegister('b', head, { caps: ['east', 'mesh', 'west'] }),
    aRegister('a', head, { caps: ['west', 'east', 'mesh'] }),
    aRegister('c', head, { caps: ['east', 'west', 'mesh'] }),
  )
  probe.isProviderDead = true
  expect(published(probe.input())?.want).toEqual({ provider: 'west', n: 4 })
})

test('a want whose warm-up fails here and has no votes is withdrawn, and the head stays', () => {
  const probe = new Probe(aRegister('a', head), ...others)
  probe.input({ type: 'want', provider: 'west' })
  probe.input({ type: 'warm', provider: 'west', outcome: 'failed' })
  expect(probe.register.want).toBeUndefined()
  expect(probe.register).toMatchObject({ head, voted: null })
})

test('a want that nobody votes for is given up after twice T_warm', () => {
  const probe = new Probe(aRegister('a', head), ...others)
  probe.input({ type: 'want', provider: 'west' })
  probe.advance(7900)
  expect(probe.register.want).toBeDefined()
  probe.advance(200)
  expect(probe.register.want).toBeUndefined()
})

test('R5 Fast vote: whose seat is new is not voted out because its presence comes late', () => {
  const pair = aRecord(['a', 'b'])
  const seats = following(pair, { committee: ['a', 'b', 'c'] })
  const probe = new Probe(aRegister('a', pair), aRegister('b', pair))
  // The register of c and the vote for its seat arrive before a has heard c itself.
  probe.see(aRegister('c', pair), aVote('b', pair, 0, seats))
  expect(probe.register).toMatchObject({ head: seats, votedBallot: -1 })
  expect(probe.advance(2300)).toEqual([])
  // By now it would have been heard: it is gone.
  expect(published(probe.advance(200))).toMatchObject({ voted: following(seats, { committee: ['a', 'b'] }) })
})
