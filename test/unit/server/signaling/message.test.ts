import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameOf, parseMessage, publication } from '../../../../src/server/signaling/message.js'

const limits = { topicMaxLength: 10 }

describe('messages of clients', () => {
  it('are told apart', () => {
    const cases: readonly (readonly [string, unknown])[] = [
      ['{"type":"ping"}', { type: 'ping' }],
      ['{"type":"subscribe","topics":["a","b"]}', { type: 'subscribe', topics: ['a', 'b'] }],
      ['{"type":"unsubscribe","topics":[]}', { type: 'unsubscribe', topics: [] }],
      ['{"type":"publish","topic":"a","data":[1],"more":2}', { type: 'publish', topic: 'a', data: [1] }],
      ['{"type":"later"}', { type: 'unknown' }],
      ['{}', { type: 'unknown' }],
      ['{"type":["ping"]}', { type: 'unknown' }],
      ['', null],
      ['[]', null],
      ['null', null],
      ['"ping"', null],
      ['{"type":"publish","topic":""}', null],
      ['{"type":"publish","topic":"eleven char"}', null],
      ['{"type":"subscribe","topics":"a"}', null],
      ['{"type":"subscribe","topics":["a",7]}', null],
      ['{"type":"subscribe","topics":{"length":1}}', null],
    ]
    for (const [text, message] of cases) expect(parseMessage(text, limits), text).toEqual(message)
  })

  it('never throw, whatever is sent', () => {
    const type = fc.oneof(fc.constantFrom('ping', 'publish', 'subscribe', 'unsubscribe'), fc.jsonValue())
    const rest = { topic: fc.jsonValue(), topics: fc.jsonValue(), data: fc.jsonValue() }
    const almost = fc.record({ type, ...rest }, { requiredKeys: [] }).map((message) => JSON.stringify(message))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), almost), (text) => {
        expect(() => parseMessage(text, limits)).not.toThrow()
      }),
      { numRuns: 2000 },
    )
  })

  it('reach subscribers with what was published and their number, and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.nat(), (topic, data, clients) => {
        const text = publication(topic, data)
        expect(JSON.parse(frameOf(text ?? '', clients).toString())).toEqual({
          type: 'publish',
          topic,
          data: JSON.parse(JSON.stringify(data)),
          clients,
        })
      }),
    )
    expect(JSON.parse(frameOf(publication('a', undefined) ?? '', 1).toString())).not.toHaveProperty('data')
  })

  it('are refused when they can be read and not be written again', () => {
    const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)
    expect(publication('room', deep)).toBeNull()
  })
})
