import { describe, expect, it } from 'vitest'
import type { Presence } from '../../../src/document/presence.js'
import { createSeatHolders } from '../../../src/document/seat-holders.js'
import { manualClock } from './manual-clock.js'

const presence = (session: string, change: Partial<Presence> = {}): Presence => ({
  participant: 'ann',
  voter: session,
  session,
  beat: 1,
  hasLeft: false,
  heardAtMs: 0,
  muted: [],
  publishing: [],
  sight: {},
  flowingOn: null,
  asking: null,
  directory: {},
  ...change,
})

describe('seat holders', () => {
  it('keeps the first page of a participant while it lives, whatever a second one claims', () => {
    const clock = manualClock()
    const holders = createSeatHolders(clock)
    const [first, second] = [presence('first'), presence('second')]
    holders.update([], [first])
    expect(holders.update([], [second, first])).toBe(false)
    expect([holders.stands(first), holders.stands(second)]).toEqual([true, false])
    clock.advance(2999)
    holders.update([], [second, { ...first, heardAtMs: clock.now() }])
    expect(holders.stands(second)).toBe(false)
  })

  it('gives the place to the second one at once when the first said goodbye, else after T_dead', () => {
    const clock = manualClock()
    const [first, second] = [presence('first'), presence('second')]
    const left = createSeatHolders(clock)
    left.update([], [first, second])
    expect(left.update([], [{ ...first, hasLeft: true }, second])).toBe(true)
    expect(left.stands(second)).toBe(true)
    const crashed = createSeatHolders(clock)
    crashed.update([], [first, second])
    clock.advance(3001)
    const alive = { ...second, heardAtMs: clock.now() }
    expect(crashed.update([], [first, alive])).toBe(true)
    expect([crashed.stands(alive), crashed.stands(first)]).toEqual([true, false])
  })

  it('lets a page keep its place over a hop, which changes its voter and not its session', () => {
    const holders = createSeatHolders(manualClock())
    holders.update([], [presence('first'), presence('second')])
    holders.update([], [presence('second'), presence('first', { voter: 'fresh' })])
    expect(holders.stands(presence('first', { voter: 'fresh' }))).toBe(true)
  })

  it('hides nobody who claims to be somebody of this page from itself, and everybody else who does', () => {
    const clock = manualClock()
    const holders = createSeatHolders(clock)
    const own = presence('own')
    holders.update([own], [])
    holders.update([own], [presence('thief')])
    clock.advance(60_000)
    holders.update([own], [presence('thief', { heardAtMs: clock.now() })])
    expect([holders.stands(own), holders.stands(presence('thief'))]).toEqual([true, false])
  })
})
