import { describe, expect, it } from 'vitest'
import type { Register } from '../../../src/consensus/register.js'
import { findGarbage } from '../../../src/document/garbage.js'
import { makeRecord, makeRegister } from './registers.js'

const registersOf = (...all: readonly Register[]) => new Map(all.map((one) => [one.voter, one]))
const standing = (voter: string, committee: readonly string[], change: Partial<Register> = {}): Register =>
  makeRegister({ voter, head: makeRecord(committee[0] ?? voter, { committee }), ...change })
const silence = (silent: Readonly<Record<string, number>>) => (voter: string) => silent[voter] ?? 0

describe('garbage', () => {
  it('is who left or has long been silent, once nobody who is here stands on a record with them', () => {
    const registers = registersOf(
      standing('here', ['here', 'seated']),
      standing('seated', ['here', 'seated']),
      standing('gone', ['gone', 'here']),
      standing('left', ['left'], { left: true }),
      standing('quiet', ['quiet']),
    )
    const silent = { seated: 1_000_000, gone: 1_000_000, left: 20_000, quiet: 60_000 }
    expect(findGarbage(registers, silence(silent))).toEqual(['gone', 'left'])
  })

  it('is not who said goodbye a moment ago: others may still have to hear of it', () => {
    const registers = registersOf(standing('here', ['here']), standing('left', ['left'], { left: true }))
    expect(findGarbage(registers, silence({ left: 5000 }))).toEqual([])
  })

  it('is nobody who is in a record that somebody here votes for or proposes', () => {
    const voted = makeRecord('here', { n: 1, committee: ['here', 'voted'] })
    const proposed = makeRecord('here', { n: 1, committee: ['here', 'proposed'] })
    const registers = registersOf(
      standing('here', ['here'], { voted, votedBallot: 0, proposed, proposedRound: 1 }),
      standing('voted', ['voted']),
      standing('proposed', ['proposed']),
    )
    expect(findGarbage(registers, silence({ voted: 1e6, proposed: 1e6 }))).toEqual([])
  })

  it('is nobody of the record that a living fork was taken from, so that it stays provisional', () => {
    const base = makeRecord('old', { lineage: '0.old.0.', n: 4, committee: ['old', 'lost'] })
    const registers = registersOf(
      makeRegister({
        voter: 'here',
        lineage: '1.here.4.old',
        head: makeRecord('here', { lineage: '1.here.4.old' }),
      }),
      makeRegister({ voter: 'old', lineage: '0.old.0.', head: base }),
      makeRegister({ voter: 'lost', lineage: '0.old.0.', head: { ...base, n: 3 } }),
      makeRegister({ voter: 'other', lineage: '0.old.0.', head: { ...base, n: 3 } }),
    )
    expect(findGarbage(registers, silence({ old: 1e6, lost: 1e6, other: 1e6 }))).toEqual(['other'])
  })

  it('is not held by the old head of an observer, who writes late, but by that of a member, who may wait', () => {
    const in0 = (voter: string, n: number, committee: readonly string[]): Register =>
      standing(voter, [], { lineage: '0.here.0.', head: makeRecord('here', { n, committee }) })
    const observed = registersOf(
      in0('here', 7, ['here']),
      in0('observer', 1, ['here', 'dead']),
      in0('dead', 1, ['here', 'dead']),
    )
    expect(findGarbage(observed, silence({ dead: 1e6 }))).toEqual(['dead'])
    const late = new Map(observed).set('late', in0('late', 1, ['late', 'dead']))
    expect(findGarbage(late, silence({ dead: 1e6 }))).toEqual([])
  })

  it('is protected only by registers that count', () => {
    const registers = registersOf(standing('stranger', ['stranger', 'dead']), standing('dead', ['dead']))
    const isAdmitted = ({ voter }: Register) => voter !== 'stranger'
    expect(findGarbage(registers, silence({ dead: 1e6 }), isAdmitted)).toEqual(['dead'])
  })
})
