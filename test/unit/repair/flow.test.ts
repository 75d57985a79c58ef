/** What counts as flowing: frames and packets that grow, of what was there before. */
import { describe, expect, it } from 'vitest'
import { type Flow, type FlowCount, type Freshness, judge } from '../../../src/repair/flow.js'

const KEY = 'in/bea/camera'
const SOUND = 'in/bea/microphone'

function flowOf(counts: Readonly<Record<string, Partial<FlowCount>>>): Flow {
  return new Map(
    Object.entries(counts).map(([key, facts]) => [key, { count: 0, keyFrames: 0, identity: 'a', ...facts }]),
  )
}

function judged(before: Flow, now: Flow, freshness: Freshness = 'any', first: Flow = new Map()) {
  return judge(before, first, now, new Set([KEY]), () => freshness, false)
}

describe('flow', () => {
  it('one frame may be the last of the old: two are movement', () => {
    const before = flowOf({ [KEY]: { count: 50 } })
    expect(judged(before, flowOf({ [KEY]: { count: 51 } }))).toBe('not-yet')
    expect(judged(before, flowOf({ [KEY]: { count: 52 } }))).toBe('flowing')
    expect(judged(before, flowOf({}))).toBe('not-yet')
  })

  it('what stands for it now has to grow by itself, whatever it had counted when it came', () => {
    const before = flowOf({ [KEY]: { count: 50 } })
    const first = flowOf({ [KEY]: { count: 500, identity: 'b' } })
    expect(judged(before, first, 'renewed', first)).toBe('not-yet')
    const later = flowOf({ [KEY]: { count: 503, identity: 'b' } })
    expect(judged(before, later, 'renewed', first)).toBe('flowing')
    expect(judged(before, flowOf({ [KEY]: { count: 900 } }), 'renewed', first)).toBe('not-yet')
  })

  it('a key frame has to be among the new frames', () => {
    const before = flowOf({ [KEY]: { count: 50, keyFrames: 3 } })
    expect(judged(before, flowOf({ [KEY]: { count: 90, keyFrames: 3 } }), 'key-frame')).toBe('not-yet')
    expect(judged(before, flowOf({ [KEY]: { count: 90, keyFrames: 4 } }), 'key-frame')).toBe('flowing')
  })

  it('everything that is needed is needed, nothing that is not', () => {
    const before = flowOf({ [KEY]: { count: 50 }, [SOUND]: { count: 100 } })
    const half = flowOf({ [KEY]: { count: 90 }, [SOUND]: { count: 102 } })
    const both = new Set([KEY, SOUND])
    expect(judge(before, new Map(), half, both, () => 'any', false)).toBe('not-yet')
    expect(judge(before, new Map(), half, new Set([KEY]), () => 'any', false)).toBe('flowing')
    expect(judge(before, new Map(), half, new Set([KEY]), () => 'any', true)).toBe('dead')
    expect(judge(before, new Map(), half, new Set(), () => 'any', false)).toBe('flowing')
  })
})
