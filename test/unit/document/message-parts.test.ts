import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJoiner, splitMessage } from '../../../src/document/message-parts.js'

describe('message parts', () => {
  it('leaves short messages whole', () => {
    expect(splitMessage({ a: 1 }, 1)).toBeNull()
  })

  it('joins a long message whatever the order of its parts, each below the frame limit', () => {
    const long = { text: 'é"\\'.repeat(30_000) }
    const parts = splitMessage(long, 7) ?? []
    expect(Math.max(...parts.map((part) => JSON.stringify(part).length))).toBeLessThan(48 * 1024)
    fc.assert(
      fc.property(fc.shuffledSubarray([...parts], { minLength: parts.length }), (order) => {
        const join = createJoiner()
        const joined = order.map((part) => join('a', part))
        expect(joined.filter((one) => one !== null)).toEqual([long])
      }),
      { numRuns: 20 },
    )
  })

  it('keeps the parts of two senders apart', () => {
    const [first, second] = splitMessage('x'.repeat(20_000), 1) ?? []
    const join = createJoiner()
    expect(join('a', first)).toBeNull()
    expect(join('b', second)).toBeNull()
  })

  it('never throws and never holds more than a few unfinished messages', () => {
    const join = createJoiner()
    fc.assert(fc.property(fc.anything(), (value) => join('a', value) === null))
    const [first, second] = splitMessage('x'.repeat(20_000), 1) ?? []
    join('slow', first)
    for (let id = 0; id < 100; id += 1) join('flood', { id, at: 0, count: 2, text: '' })
    expect(join('slow', second)).toBeNull()
  })
})
