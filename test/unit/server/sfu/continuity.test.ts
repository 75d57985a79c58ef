import { describe, expect, it } from 'vitest'
import { createContinuity } from '../../../../src/server/sfu/continuity.js'

const VIDEO_HZ = 90_000

describe('one outgoing stream from changing sources', () => {
  it('leaves the first source as it is, gaps and reordering included', () => {
    const continuity = createContinuity(VIDEO_HZ)
    for (const sequenceNumber of [10, 11, 14, 12]) {
      const position = { sequenceNumber, timestamp: sequenceNumber * 3_000 }
      expect(continuity.place('a', position, 0)).toEqual(position)
    }
  })

  it('goes on with the next number and by the time that has passed when the source changes', () => {
    const continuity = createContinuity(VIDEO_HZ)
    continuity.place('a', { sequenceNumber: 100, timestamp: 50_000 }, 1_000)
    const next = continuity.place('b', { sequenceNumber: 40_000, timestamp: 7 }, 1_200)
    expect(next).toEqual({ sequenceNumber: 101, timestamp: 50_000 + 18_000 })
    const after = continuity.place('b', { sequenceNumber: 40_001, timestamp: 3_007 }, 1_233)
    expect(after).toEqual({ sequenceNumber: 102, timestamp: 71_000 })
  })

  it('counts from the newest packet of the old source, not from a late one', () => {
    const continuity = createContinuity(VIDEO_HZ)
    continuity.place('a', { sequenceNumber: 100, timestamp: 9_000 }, 100)
    continuity.place('a', { sequenceNumber: 98, timestamp: 3_000 }, 110)
    expect(continuity.place('b', { sequenceNumber: 1, timestamp: 0 }, 200).sequenceNumber).toBe(101)
  })

  it('wraps both numbers', () => {
    const continuity = createContinuity(VIDEO_HZ)
    continuity.place('a', { sequenceNumber: 0xff_ff, timestamp: 0xff_ff_ff_ff }, 0)
    expect(continuity.place('a', { sequenceNumber: 0, timestamp: 2_999 }, 33).sequenceNumber).toBe(0)
    expect(continuity.place('b', { sequenceNumber: 0xff_ff, timestamp: 5 }, 43)).toEqual({
      sequenceNumber: 1,
      timestamp: 3_899,
    })
  })

  it('goes on by the time that has passed when the clock of a silent source stood still', () => {
    const continuity = createContinuity(48_000)
    continuity.place('a', { sequenceNumber: 1, timestamp: 960 }, 0)
    const resumed = continuity.place('a', { sequenceNumber: 2, timestamp: 1_920 }, 20_000)
    expect(resumed).toEqual({ sequenceNumber: 2, timestamp: 960 + 20 * 48_000 })
    const after = continuity.place('a', { sequenceNumber: 3, timestamp: 2_880 }, 20_020)
    expect(after).toEqual({ sequenceNumber: 3, timestamp: 960 + 20 * 48_000 + 960 })
  })

  it('leaves a silence alone whose clock went on, and one that the network made', () => {
    const continuity = createContinuity(VIDEO_HZ)
    continuity.place('a', { sequenceNumber: 1, timestamp: 0 }, 0)
    const paused = { sequenceNumber: 2, timestamp: 20 * VIDEO_HZ }
    expect(continuity.place('a', paused, 20_000)).toEqual(paused)
    const heldUp = { sequenceNumber: 3, timestamp: 20 * VIDEO_HZ + 3_000 }
    expect(continuity.place('a', heldUp, 22_000)).toEqual(heldUp)
  })
})
