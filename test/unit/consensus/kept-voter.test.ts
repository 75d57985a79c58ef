import { expect, test } from 'vitest'
import { createAgreement } from '../../../src/consensus/agreement.js'
import { aRecord, aRegister, following, kinds, PROVIDERS, Probe, published } from './support.js'

const head = aRecord(['a', 'b', 'c'])

/** A voter that was refreshed with the register it had published last. */
function refreshed(kept: ReturnType<typeof aRegister>): Probe {
  const probe = new Probe(kept, aRegister('b', head), aRegister('c', head))
  const { voter, participant } = kept
  probe.state = createAgreement({
    ...{ voter, participant, caps: PROVIDERS, kept, view: probe.view() },
    joinedAt: 999_999,
  })
  return probe
}

test('R11 Wake: a refreshed voter goes on from what it had said, behind the barrier, and takes nothing back', () => {
  const voted = following(head, { provider: 'west' })
  const kept = aRegister('a', head, { seq: 41, promised: 2, votedBallot: 1, voted, joinedAt: 7 })
  const probe = refreshed(kept)
  probe.isSyncing = true
  expect(kinds(probe.input())).toEqual([])
  expect(kinds(probe.advance(3000))).toEqual([])
  expect(probe.register).toMatchObject({ seq: 41, promised: 2, votedBallot: 1, joinedAt: 7 })
  probe.isSyncing = false
  const next = published(probe.advance(3000))
  expect(next?.seq ?? 42).toBeGreaterThan(41)
  expect(probe.register.promised).toBeGreaterThanOrEqual(2)
  expect(probe.register.votedBallot).toBeGreaterThanOrEqual(1)
})

test('R11 Wake: connections do not survive a refresh, so warm-ups are told anew', () => {
  const probe = refreshed(aRegister('a', head, { seq: 5, warm: { west: 'ready' } }))
  probe.input()
  expect(probe.register.warm).toEqual({})
})

test('R1 Learn: a refreshed voter learns what was decided while it was away', () => {
  const probe = refreshed(aRegister('a', head, { seq: 5 }))
  const next = following(head, { provider: 'west' })
  expect(kinds(probe.see(aRegister('b', next), aRegister('c', next)))).toContain('committed')
  expect(probe.register.head.provider).toBe('west')
})
