import { describe, expect, it } from 'vitest'
import { isKeyFrameStart } from '../../../../src/server/sfu/vp8.js'

describe('recognising VP8 key frames (RFC 7741)', () => {
  it('takes the first packet of a key frame, with every form of the descriptor', () => {
    expect(isKeyFrameStart(Uint8Array.of(0x10, 0x00))).toBe(true)
    expect(isKeyFrameStart(Uint8Array.of(0x90, 0x80, 0x11, 0x00)), '7-bit picture id').toBe(true)
    expect(isKeyFrameStart(Uint8Array.of(0x90, 0x80, 0x81, 0x11, 0x00)), '15-bit picture id').toBe(true)
    expect(isKeyFrameStart(Uint8Array.of(0x90, 0xf0, 0x81, 0x11, 0x22, 0x33, 0x00)), 'all fields').toBe(true)
  })

  it('does not take the other packets of a key frame, inter frames, and what is cut off', () => {
    expect(isKeyFrameStart(Uint8Array.of(0x00, 0x00)), 'continued').toBe(false)
    expect(isKeyFrameStart(Uint8Array.of(0x11, 0x00)), 'second partition').toBe(false)
    expect(isKeyFrameStart(Uint8Array.of(0x10, 0x01)), 'inter frame').toBe(false)
    expect(isKeyFrameStart(Uint8Array.of(0x90, 0xf0, 0x81, 0x11))).toBe(false)
    expect(isKeyFrameStart(Uint8Array.of(0x10))).toBe(false)
    expect(isKeyFrameStart(new Uint8Array())).toBe(false)
  })
})
