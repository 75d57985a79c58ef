import { describe, expect, it } from 'vitest'
import { buildSnapshot } from '../../../src/call/build-snapshot.js'
import { statusText } from '../../../src/call/empty-snapshot.js'
import type { Experience } from '../../../src/call/experience.js'
import { readCall } from '../../../src/call/reading.js'
import { CALL_STATES } from '../../../src/call/state.js'
import { createFakeCore, type FakeCore, presenceOf, recordOf } from '../../support/fake-core.js'

const build = (core: FakeCore) => buildSnapshot(core, readCall(core), 'live', 'main')
const arrive = (core: FakeCore, id: string, facts: Parameters<typeof presenceOf>[1] = {}): void => {
  core.document.pages.set(`voter-${id}`, presenceOf(id, { heardAtMs: core.clock.now(), ...facts }))
}

describe('peers in a snapshot', () => {
  it('P05 each is joining until its media is shown, live then, away when its heartbeats stop', () => {
    const core = createFakeCore()
    arrive(core, 'bob')
    const stateOf = () => build(core).peers.map(({ state }) => state)
    expect(stateOf()).toEqual(['joining'])
    core.shownOn.set('bob', 'east-1')
    expect(stateOf()).toEqual(['live'])
    core.clock.advance(3001)
    expect(stateOf()).toEqual(['away'])
    core.clock.advance(7000)
    expect(stateOf()).toEqual([])
  })

  it('P05 each shows on which provider its media is, by provider and not by connection', () => {
    const core = createFakeCore()
    arrive(core, 'bob')
    core.shownOn.set('bob', 'west-17')
    expect(build(core).peers[0]).toMatchObject({ id: 'bob', provider: 'west' })
  })

  it('somebody who publishes nothing is not waited for', () => {
    const core = createFakeCore()
    arrive(core, 'bob', { publishing: [] })
    expect(build(core).peers[0]?.state).toBe('live')
  })

  it('are sorted by id, with a stream that stays the same object', () => {
    const core = createFakeCore()
    for (const id of ['dan', 'bob', 'cleo']) arrive(core, id)
    const [first, second] = [build(core), build(core)]
    expect(first.peers.map(({ id }) => id)).toEqual(['bob', 'cleo', 'dan'])
    for (const [index, { stream }] of first.peers.entries()) expect(second.peers[index]?.stream).toBe(stream)
  })
})

describe('the agreement in a snapshot', () => {
  it('P08 names lineage, epoch, provider, committee and seat, with participants instead of voters', () => {
    const core = createFakeCore()
    const record = recordOf('east', 7)
    core.stand(record)
    expect(build(core).agreement).toMatchObject({
      status: 'committed',
      lineage: record.lineage,
      epoch: 7,
      provider: 'east',
      committee: ['me'],
      seat: 'member',
    })
  })

  it('P06 the provider is never another one than the agreed', () => {
    const core = createFakeCore()
    for (const [n, provider] of ['east', 'west', 'east'].entries()) {
      core.stand(recordOf(provider, 3 + n))
      const snapshot = build(core)
      expect(snapshot.provider).toBe(provider)
      expect(snapshot.agreement).toMatchObject({ provider, epoch: 3 + n })
    }
  })

  it('is listening before anything is agreed', () => {
    const core = createFakeCore()
    expect(build(core)).toMatchObject({ provider: null, agreement: { status: 'listening', seat: 'none' } })
  })
})

it('every state has a status line of one plain sentence', () => {
  for (const state of CALL_STATES)
    expect(statusText(state, 'east', 'west')).toMatch(/^[A-Z][^.]*\.(?: [A-Z][^.]*\.)?$/)
  expect(statusText('switching', 'east', 'west')).toBe('Switching to west.')
})

describe('recovery in a snapshot', () => {
  it('P26 the snapshot says whether what was learned chooses or the fixed priority', () => {
    const core = createFakeCore()
    expect(build(core).recovery.selection).toBe('fixed')
    core.experience = {} as Experience
    expect(build(core).recovery.selection).toBe('learned')
    const off = Object.assign(core, { options: { ...core.options, learning: false } })
    expect(build(off).recovery.selection).toBe('fixed')
  })
})
