import { describe, expect, it } from 'vitest'
import { frozenMsOf } from '../../../src/health/freeze-cause.js'
import type { InboundView } from '../../../src/health/scene.js'

/** A picture of 15 frames a second whose last frame is 700 ms old. */
const still = (ageMs: number): InboundView =>
  ({
    ...{ kind: 'video', ageMs, usualFps: 15, stepMs: 250, sinceDecodedMs: 700, sinceFrameMs: 700 },
  }) as InboundView

describe('a picture that stands still', () => {
  it('is told also of a stream that a repair has just made anew, once its start is over', () => {
    expect(frozenMsOf(still(1_400), 0)).toBeNull()
    expect(frozenMsOf(still(1_600), 0)).toBe(700)
  })
})
