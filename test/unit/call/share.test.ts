import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareUnchanged } from '../../../src/call/share.js'

describe('sharing between snapshots', () => {
  it('P06 a snapshot that equals the one before is the one before', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = structuredClone(value)
        expect(Object.is(shareUnchanged(value, copy), value)).toBe(true)
      }),
    )
  })

  it('the result always equals the new value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(shareUnchanged(before, after)).toEqual(after)
      }),
    )
  })

  it('keeps the identity of the parts that did not change', () => {
    const before = { peers: [{ id: 'a' }, { id: 'b', score: 1 }], provider: 'east' }
    const after = shareUnchanged(before, { peers: [{ id: 'a' }, { id: 'b', score: 2 }], provider: 'east' })
    expect(after).not.toBe(before)
    expect(after.peers[0]).toBe(before.peers[0])
    expect(after.peers[1]).not.toBe(before.peers[1])
  })

  it('a field that came or went is a change', () => {
    const before: { a: number; b?: undefined } = { a: 1 }
    expect(shareUnchanged(before, { a: 1, b: undefined })).not.toBe(before)
    expect(Object.keys(shareUnchanged({ a: 1, b: 2 }, { a: 1 } as { a: number; b: number }))).toEqual(['a'])
  })

  it('takes a stream for what it is: the same or another', () => {
    class Stream {}
    const [one, other] = [new Stream(), new Stream()]
    const before = { stream: one }
    expect(shareUnchanged(before, { stream: one })).toBe(before)
    expect(shareUnchanged(before, { stream: other }).stream).toBe(other)
  })
})
