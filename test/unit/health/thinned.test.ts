import { describe, expect, it } from 'vitest'
import type { OutboundView } from '../../../src/health/scene.js'
import { hasThinned } from '../../../src/health/thinned.js'

/** What one read found of my own sound and picture. */
const read = (soundPerSecond: number, picturePerSecond = 60) => ({
  views: {
    inbound: [],
    outbound: [
      { key: '1:1', kind: 'audio', packetsPerSecond: soundPerSecond } as OutboundView,
      { key: '1:2', kind: 'video', packetsPerSecond: picturePerSecond } as OutboundView,
    ],
    paths: [],
  },
})

describe('a closer look at what I send', () => {
  it('is wanted when sound left at a fraction of its pace, and again while it stands', () => {
    expect(hasThinned(read(50), read(20))).toBe(true)
    expect(hasThinned(read(20), read(0))).toBe(true)
  })

  it('is not wanted for an even pace, for pictures alone, before the second read and between reads', () => {
    expect(hasThinned(read(16), read(13))).toBe(false)
    expect(hasThinned(read(50, 60), read(50, 5))).toBe(false)
    expect(hasThinned(null, read(50))).toBe(false)
    const same = read(0)
    expect(hasThinned(same, same)).toBe(false)
  })

  it('is not wanted for a stream that was not there before', () => {
    const { views } = read(0)
    expect(hasThinned({ views: { ...views, outbound: [] } }, { views })).toBe(false)
  })
})
