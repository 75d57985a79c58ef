import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/json.js'
import { parseEntry, parseMessage, parseNote } from '../../../../src/providers/mesh/wire.js'

const hello = { v: 1, from: 'seat-a', to: null, type: 'hello', session: 's', dead: 0 }

describe('mesh wire', () => {
  it('takes its own messages', () => {
    expect(parseMessage(hello)).toEqual(hello)
    const offer = {
      v: 1,
      from: 'a',
      to: 'b',
      type: 'lane',
      attempt: 1,
      n: 1,
      body: {
        kind: 'sdp',
        type: 'offer',
        sdp: 'v=0',
        layout: [['0', 'camera']],
        published: { n: 1, sources: ['camera'] },
      },
    }
    expect(parseMessage(offer)).toEqual(offer)
    expect(parseEntry({ v: 1, seat: 'a', session: 's' })).not.toBeNull()
    expect(parseNote('{"t":"beat","n":1}')).toEqual({ t: 'beat', n: 1 })
  })

  it('refuses other versions, other shapes and sizes', () => {
    expect(parseMessage({ ...hello, v: 2 })).toBeNull()
    expect(parseMessage({ ...hello, dead: -1 })).toBeNull()
    expect(parseMessage({ ...hello, from: 'x'.repeat(129) })).toBeNull()
    expect(parseEntry({ v: 1, seat: '', session: 's' })).toBeNull()
    expect(parseNote('{"t":"beat"')).toBeNull()
    expect(parseNote(`{"t":"beat","n":1,"pad":"${'x'.repeat(2_000)}"}`)).toBeNull()
  })

  it('never throws, whatever a stranger sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        expect(() => {
          parseMessage(value as Json)
          parseEntry(value as Json)
          parseNote(text)
        }).not.toThrow()
      }),
    )
  })
})
