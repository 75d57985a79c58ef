import { expect, test } from 'vitest'
import { mustPick } from '../../../src/consensus/decide.js'
import { aRecord, aRegister, aVote, following, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])
const west = following(head, { provider: 'west' })
const mesh = following(head, { provider: 'mesh' })
const five = aRecord(['a', 'b', 'c', 'd', 'e'])
const wants = { want: { provider: 'west', n: head.n + 1 } }

test('R4 Accept: the owner’s proposal is voted for, without asking whether it is still wanted', () => {
  const owner = { ...aVote('b', head, 2, west), proposedRound: 2, proposed: west }
  const probe = new Probe(aRegister('a', head), owner, aRegister('c', head))
  expect(published(probe.input())).toMatchObject({ head: west })
})

test('R4 Accept: only the owner of a round can propose in it', () => {
  const impostor = { ...aVote('c', head, 2, west), proposedRound: 2, proposed: west }
  const probe = new Probe(aRegister('a', head), aRegister('b', head), impostor)
  probe.input()
  expect(probe.register).toMatchObject({ promised: 2, voted: null })
})

test('R4 Accept: a promise for a later round refuses an earlier proposal', () => {
  const owner = { ...aVote('b', five, 2, following(five)), proposedRound: 2, proposed: following(five) }
  const others = ['c', 'd', 'e'].map((voter) => aRegister(voter, five))
  const probe = new Probe(aRegister('a', five, { promised: 3 }), owner, ...others)
  probe.input()
  expect(probe.register).toMatchObject({ promised: 3, votedBallot: -1 })
})

test('R6 Join round: a higher round seen in this instance is promised', () => {
  const probe = new Probe(aRegister('b', head), aRegister('a', head), aRegister('c', head, { promised: 3 }))
  expect(published(probe.input())).toMatchObject({ promised: 3, votedBallot: -1 })
})

test('R6 Join round: a round of another instance is none of ours', () => {
  const older = aRecord(['a', 'b', 'c'], { n: 2 })
  const probe = new Probe(aRegister('b', head), aRegister('a', head), aRegister('c', older, { promised: 9 }))
  expect(probe.input()).toEqual([])
})

test('R6 Join round: a round that no honest member can have reached is not followed, and the instance goes on', () => {
  for (const promised of [5000, Number.MAX_SAFE_INTEGER]) {
    const hostile = { ...aVote('c', head, promised, mesh), proposedRound: promised, proposed: mesh }
    const probe = new Probe(aRegister('b', head), { ...aVote('a', head, 0, west), ...wants }, hostile)
    probe.input()
    probe.advance(10_000)
    expect(probe.register.promised).toBeLessThan(1000)
  }
})

test('R7 Time out: an undecided instance gets the next round whose owner is live, staggered by rank', () => {
  const a = { ...aVote('a', head, 0, west), ...wants }
  const probe = new Probe(aVote('c', head, 0, mesh), a, aRegister('b', head))
  probe.live = new Set(['a', 'c'])
  probe.input()
  probe.advance(1000)
  expect(probe.register.promised).toBe(0)
  probe.advance(100)
  expect(probe.register.promised).toBe(1)
})

test('R7 Time out: nothing happens while nobody has said anything', () => {
  const probe = new Probe(aRegister('a', head), aRegister('b', head), aRegister('c', head))
  expect(probe.advance(20_000)).toEqual([])
})

test('R7 Time out: while somebody is still warming up, votes wait T_warm and not only T_round', () => {
  const a = { ...aVote('a', head, 0, west), ...wants, warm: { west: 'ready' } as const }
  const probe = new Probe(a, aRegister('b', head), aRegister('c', head))
  probe.input()
  probe.advance(3900)
  expect(probe.register.promised).toBe(0)
  probe.advance(200)
  expect(probe.register.promised).toBe(1)
})

test('R7 Time out: a round whose owner is gone is passed at once, by rank only', () => {
  const probe = new Probe(aVote('b', head, 0, mesh), aVote('a', head, 0, west), aVote('c', head, 0, mesh))
  probe.live = new Set(['b', 'c'])
  probe.input()
  expect(probe.register).toMatchObject({ promised: 2, proposedRound: 0 })
  const c = { ...aVote('c', head, 0, mesh), promised: 2, want: { provider: 'mesh', n: head.n + 1 } }
  expect(published(probe.see(c))).toMatchObject({ proposedRound: 2, proposed: mesh })
})

test('R8 Propose: the owner of round 1 waits while the fast path may still win', () => {
  const probe = new Probe({ ...aVote('a', head, 0, west), ...wants }, aVote('b', head, 0, west))
  probe.live = new Set(['a', 'b', 'c'])
  probe.registers.set('c', aRegister('c', head))
  expect(probe.input()).toEqual([])
})

test('R8 Propose: a collision is resolved by the owner of round 1 at once, without any timer', () => {
  const b = { ...aVote('b', head, 0, mesh), want: { provider: 'mesh', n: head.n + 1 } }
  const probe = new Probe({ ...aVote('a', head, 0, west), ...wants }, b, aVote('c', head, 0, mesh))
  expect(published(probe.input())).toMatchObject({ proposedRound: 1, proposed: mesh, votedBallot: 1 })
})

test('R8 Propose: the value of the highest ballot among the promisers is taken over', () => {
  expect(mustPick(head, [aVote('a', head, 1, west), aVote('b', head, 0, mesh)])).toEqual(west)
  expect(mustPick(head, [aVote('a', head, 1, west), aVote('b', head, 3, mesh)])).toEqual(mesh)
})

test('R8 Propose: a value that ballot 0 may have decided is taken over', () => {
  expect(mustPick(head, [aVote('a', head, 0, west), aVote('b', head, 0, west)])).toEqual(west)
  expect(mustPick(head, [aVote('a', head, 0, west), aVote('b', head, 0, mesh)])).toBeNull()
  expect(
    mustPick(five, [aVote('a', five, 0, following(five)), aRegister('b', five), aRegister('c', five)]),
  ).toBeNull()
})

test('R8 Propose: nothing is proposed without a classic quorum of promises', () => {
  const probe = new Probe(aRegister('b', head, { promised: 2 }), aRegister('a', head), aRegister('c', head))
  expect(probe.input()).toEqual([])
  const effects = probe.see(aRegister('c', head, { promised: 2 }))
  expect(published(effects)).toMatchObject({ proposedRound: 2, proposed: following(head) })
})

test('R8 Propose: with nothing voted and nothing desired the head is committed once more, so nothing hangs', () => {
  const probe = new Probe(aRegister('b', head, { promised: 2 }), aRegister('c', head, { promised: 2 }))
  probe.live = new Set(['a', 'b', 'c'])
  probe.registers.set('a', aRegister('a', head))
  expect(published(probe.input())?.proposed).toEqual(following(head))
})
