import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameReader, framesOf, probeFrame } from '../../../src/document/channel-frames.js'

const BROWSER_MAX_BYTES = 262_144

describe('channel frames', () => {
  it('carries a message of any size in frames that every browser sends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_500_000 }), fc.constantFrom(0, 1, 3), (length, kind) => {
        const message = new Uint8Array(length).map((_, at) => (at * 7) % 251)
        message[0] = kind
        const read = createFrameReader()
        const frames = framesOf(message)
        expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(BROWSER_MAX_BYTES)
        const results = frames.map((frame) => read(frame))
        expect(results.slice(0, -1).every((result) => result.kind === 'part')).toBe(true)
        const last = results.at(-1)
        expect(last?.kind === 'message' && Buffer.compare(last.bytes, message)).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('sends small messages as they are, as stock y-webrtc does', () => {
    const message = Uint8Array.from([0, 2, 1, 0])
    expect(framesOf(message)).toEqual([message])
  })

  it('lets probes pass between the parts of a message', () => {
    const read = createFrameReader()
    const [first, ...rest] = framesOf(new Uint8Array(40_000))
    read(first as Uint8Array)
    expect(read(probeFrame('probe', 4_000_000_000))).toEqual({ kind: 'probe', question: 4_000_000_000 })
    expect(read(probeFrame('answer', 7))).toEqual({ kind: 'answer', question: 7 })
    expect(rest.map((frame) => read(frame).kind)).toEqual(['part', 'message'])
  })

  it('throws for nothing and keeps at most 4 MB of a message that never ends', () => {
    const read = createFrameReader()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void read(bytes)))
    const part = new Uint8Array(65_000).fill(102)
    const kinds = Array.from({ length: 80 }, () => read(part).kind)
    expect(kinds).toContain('garbage')
  })

  it('drops a message in parts that is none of y-webrtc’s kinds', () => {
    const read = createFrameReader()
    expect(read(Uint8Array.from([103, 9, 9])).kind).toBe('garbage')
    expect(read(Uint8Array.from([100, 1])).kind).toBe('garbage')
  })
})
