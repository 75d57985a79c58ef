import { describe, expect, it } from 'vitest'
import { createAnnouncing } from '../../../src/document/announcing.js'
import { manualClock } from './manual-clock.js'

/** Moments of calls in seconds, looked at once a second. */
function callsOf(seconds: number, random: () => number): number[] {
  const clock = manualClock()
  const announcing = createAnnouncing(clock, random)
  return Array.from({ length: seconds }, (_, second) => second).filter(() => {
    const isTime = announcing.isTime(true)
    clock.advance(1000)
    return isTime
  })
}

describe('announcing', () => {
  it('calls at once, then ever more rarely, and for ever every 10 to 15 s', () => {
    for (const random of [0, 0.5, 0.999]) {
      const calls = callsOf(300, () => random)
      const gaps = calls.slice(1).map((second, at) => second - (calls[at] ?? 0))
      expect(calls[0]).toBe(0)
      expect(gaps[0]).toBeLessThanOrEqual(3)
      expect(gaps.slice(4).every((gap) => gap >= 10 && gap <= 15)).toBe(true)
      expect(gaps.length).toBeGreaterThan(20)
    }
  })

  it('is spread, so that a whole call does not call in step', () => {
    expect(callsOf(100, () => 0)).not.toEqual(callsOf(100, () => 0.999))
  })

  it('says nothing while nobody is missing, and begins anew with the next loss or when told to', () => {
    const clock = manualClock()
    const announcing = createAnnouncing(clock, () => 0.5)
    for (let call = 0; call < 6; call += 1) {
      announcing.isTime(true)
      clock.advance(13_000)
    }
    expect(announcing.isTime(false)).toBe(false)
    expect(announcing.isTime(true)).toBe(true)
    clock.advance(2100)
    expect(announcing.isTime(true)).toBe(true)
    announcing.restart()
    clock.advance(1900)
    expect(announcing.isTime(true)).toBe(false)
    clock.advance(200)
    expect(announcing.isTime(true)).toBe(true)
  })

  it('answers one page three times a second at most', () => {
    const clock = manualClock()
    const announcing = createAnnouncing(clock)
    expect([announcing.mayAnswer('a'), announcing.mayAnswer('a'), announcing.mayAnswer('b')]).toEqual([
      true,
      false,
      true,
    ])
    clock.advance(300)
    expect(announcing.mayAnswer('a')).toBe(true)
  })
})
