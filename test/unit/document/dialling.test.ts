import { describe, expect, it } from 'vitest'
import { createDialling } from '../../../src/document/dialling.js'
import { manualClock } from './manual-clock.js'

const pages = (count: number): string[] => Array.from({ length: count }, (_, at) => `page-${at}`)

describe('dialling', () => {
  it('sets up four connections at once, and everybody has a turn', () => {
    const dialling = createDialling(manualClock())
    for (const id of pages(19)) dialling.want(id)
    const dialled = new Set<string>()
    let underWay: readonly string[] = []
    for (let step = 0; step < 30; step += 1) {
      // One of them is up.
      underWay = [...underWay.slice(1), ...dialling.next(Math.max(0, underWay.length - 1))]
      for (const id of underWay) dialled.add(id)
      expect(underWay.length).toBeLessThanOrEqual(4)
    }
    expect([...dialled]).toEqual(pages(19))
  })

  it('dials nobody while it answers many, and nobody who has left', () => {
    const dialling = createDialling(manualClock())
    dialling.want('one')
    dialling.want('two')
    expect(dialling.next(9)).toEqual([])
    dialling.forget('one')
    expect(dialling.next(0)).toEqual(['two'])
    expect(dialling.next(0)).toEqual([])
  })

  it('is patient where much is under way, and where this page is late itself; never for long', () => {
    const clock = manualClock()
    const dialling = createDialling(clock)
    expect([0, 4, 8, 100].map((underWay) => dialling.patience(underWay))).toEqual([1, 1, 2, 4])
    for (const seconds of [1.2, 1, 1.4]) {
      clock.advance(seconds * 1000)
      dialling.tick()
      expect(dialling.lateness).toBe(1)
    }
    clock.advance(2500)
    dialling.tick()
    expect(dialling.lateness).toBe(2.5)
    clock.advance(1000)
    dialling.tick()
    expect(dialling.lateness).toBeGreaterThan(1)
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1000)
      dialling.tick()
    }
    expect(dialling.lateness).toBe(1)
    clock.advance(3_600_000)
    dialling.tick()
    expect(dialling.patience(0)).toBe(4)
  })
})
