import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Register } from '../../../src/consensus/register.js'
import { createFold } from '../../../src/document/fold.js'
import { makeRegister } from './registers.js'

const register = (voter: string, seq: number): Register => makeRegister({ voter, seq })
const contentOf = (one: Register, variant = ''): string => `${one.voter}/${one.seq}/${variant}`

describe('fold', () => {
  it('keeps the highest seq of each voter in whatever order and however often registers arrive', () => {
    const entry = fc.record({ voter: fc.constantFrom('a', 'b', 'c'), seq: fc.integer({ min: 0, max: 20 }) })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (entries, picks) => {
        const fold = createFold()
        const shuffled = [...entries, ...entries]
          .map((one) => ({ one, at: picks.next().value as number }))
          .sort((x, y) => x.at - y.at)
        for (const { one } of shuffled) {
          const value = register(one.voter, one.seq)
          fold.accept(value, contentOf(value))
        }
        const expected = new Map<string, number>()
        for (const { voter, seq } of entries) expected.set(voter, Math.max(seq, expected.get(voter) ?? 0))
        expect(new Map([...fold.registers].map(([voter, one]) => [voter, one.seq]))).toEqual(expected)
      }),
    )
  })

  it('excludes a voter that signed two contents with one seq, in whatever order they arrive', () => {
    const cheat = [
      { seq: 1, variant: 'x' },
      { seq: 1, variant: 'y' },
      { seq: 2, variant: '' },
      { seq: 3, variant: '' },
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(cheat, { minLength: cheat.length }), (order) => {
        const fold = createFold()
        const outcomes = order.map(({ seq, variant }) => {
          const value = register('cheat', seq)
          return fold.accept(value, contentOf(value, variant))
        })
        expect(outcomes.filter((outcome) => outcome === 'equivocated')).toHaveLength(1)
        expect(fold.registers.has('cheat')).toBe(false)
      }),
    )
  })

  it('takes the same register twice without a change, so that readers are not woken', () => {
    const fold = createFold()
    const value = register('a', 1)
    expect(fold.accept(value, contentOf(value))).toBe('changed')
    const before = fold.registers
    expect(fold.accept(value, contentOf(value))).toBe('same')
    expect(fold.accept(register('a', 0), 'older')).toBe('older')
    expect(fold.registers).toBe(before)
  })

  it('makes room by dropping the longest silent voter and never a live one', () => {
    const heard = new Map([
      ['live', 1],
      ['quiet', 3],
      ['dead', 2],
    ])
    const fold = createFold({
      maxVoters: 3,
      heardAt: (voter) => heard.get(voter) ?? 0,
      isLive: (voter) => voter === 'live' || voter === 'new',
    })
    for (const voter of heard.keys()) fold.accept(register(voter, 1), voter)
    expect(fold.accept(register('new', 1), 'new')).toBe('changed')
    expect([...fold.registers.keys()].sort()).toEqual(['live', 'new', 'quiet'])
  })

  it('refuses a newcomer when everybody it knows is live', () => {
    const fold = createFold({ maxVoters: 1, isLive: () => true })
    fold.accept(register('a', 1), 'a')
    expect(fold.accept(register('b', 1), 'b')).toBe('full')
    expect([...fold.registers.keys()]).toEqual(['a'])
  })
})
