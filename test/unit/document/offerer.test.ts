import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttemptFacts,
  adviseOnAnnounce,
  adviseOnSignal,
  adviseOnSilence,
  isOfferer,
  type WatchFacts,
} from '../../../src/document/offerer.js'

const facts = (change: Partial<AttemptFacts> = {}): AttemptFacts => ({
  isConnected: false,
  attempt: 'one',
  ageMs: 0,
  ...change,
})
const nobody = { linked: [], trying: [] }
const nothing = { drop: false, hello: false, pass: false }

describe('offerer', () => {
  it('makes exactly one of two pages the offerer, and both see it the same way', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        fc.pre(a !== b)
        expect(isOfferer(a, b)).toBe(!isOfferer(b, a))
        const advice = adviseOnAnnounce(a, b, nobody, null)
        expect(advice.pass).toBe(isOfferer(a, b))
        expect(advice.hello).toBe(isOfferer(b, a))
      }),
    )
  })

  it('passes over an announcement while the connection is known at both ends or too young to be', () => {
    const announce = { linked: ['b'], trying: ['b'] }
    expect(adviseOnAnnounce('b', 'a', announce, facts({ isConnected: true, ageMs: 60_000 }))).toEqual(nothing)
    expect(adviseOnAnnounce('b', 'a', announce, facts({ ageMs: 60_000 }))).toEqual(nothing)
    expect(adviseOnAnnounce('b', 'a', nobody, facts({ ageMs: 100 }))).toEqual(nothing)
  })

  it('gives up a connection that the other end does not have, and begins anew', () => {
    const dead = facts({ isConnected: true, ageMs: 5000 })
    expect(adviseOnAnnounce('b', 'a', nobody, dead)).toEqual({ drop: true, hello: false, pass: true })
    expect(adviseOnAnnounce('a', 'b', nobody, dead)).toEqual({ drop: true, hello: true, pass: false })
  })

  it('gives a busy page time: it has the connection and has not answered on it', () => {
    const announce = { linked: [], trying: ['b'] }
    const open = (ageMs: number) => facts({ isConnected: true, ageMs })
    expect(adviseOnAnnounce('b', 'a', announce, open(5000))).toEqual(nothing)
    expect(adviseOnAnnounce('b', 'a', announce, open(11_000)).drop).toBe(true)
    expect(adviseOnAnnounce('b', 'a', nobody, open(5000), 2)).toEqual(nothing)
    expect(adviseOnAnnounce('b', 'a', nobody, facts({ ageMs: 2000 }), 2)).toEqual(nothing)
  })

  it('takes a new offer in place of the present connection, and no offer of the wrong end', () => {
    expect(adviseOnSignal('a', 'b', 'offer', 'two', facts())).toEqual({ drop: true, hello: false, pass: true })
    expect(adviseOnSignal('a', 'b', 'offer', 'two', null)).toEqual({ drop: false, hello: false, pass: true })
    expect(adviseOnSignal('b', 'a', 'offer', 'two', null)).toEqual(nothing)
  })

  it('drops answers and candidates of another attempt or of none', () => {
    for (const kind of ['answer', 'candidate'] as const) {
      expect(adviseOnSignal('b', 'a', kind, 'one', facts()).pass).toBe(true)
      expect(adviseOnSignal('b', 'a', kind, 'two', facts())).toEqual(nothing)
      expect(adviseOnSignal('b', 'a', kind, 'one', null)).toEqual(nothing)
    }
  })

  it('restarts ICE once where the offerer is, then gives a silent connection up, and waits without signaling', () => {
    const silent = (silentMs: number, change: Partial<WatchFacts> = {}): string =>
      adviseOnSilence({
        ...{
          isConnected: true,
          ageMs: 60_000,
          silentMs,
          hasRestarted: false,
          isOfferer: true,
          canSignal: true,
        },
        ...change,
      })
    expect([0, 3000, 4000, 9000, 11_000].map((ms) => silent(ms))).toEqual([
      'wait',
      'wait',
      'restart',
      'restart',
      'drop',
    ])
    expect(silent(5000, { hasRestarted: true })).toBe('wait')
    expect(silent(5000, { isOfferer: false })).toBe('wait')
    expect(silent(60_000, { canSignal: false })).toBe('wait')
    expect(silent(0, { isConnected: false, ageMs: 7000 })).toBe('wait')
    expect(silent(0, { isConnected: false, ageMs: 9000, canSignal: false })).toBe('drop')
    expect(silent(0, { isConnected: false, ageMs: 9000, patience: 2 })).toBe('wait')
    expect(silent(11_000, { patience: 2 })).toBe('restart')
  })
})
