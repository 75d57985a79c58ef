import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { fromBase64 } from '../../../src/document/base64.js'
import { relayUpdates } from '../../../src/document/update-relay.js'
import { manualClock } from './manual-clock.js'

function setUp(isWhole: boolean) {
  const clock = manualClock()
  const doc = new Y.Doc()
  const sent: string[] = []
  const relay = relayUpdates({
    doc,
    yjs: Y,
    clock,
    isWhole: () => isWhole,
    send: (update) => sent.push(update),
  })
  return { clock, doc, sent, relay, write: (key: string) => doc.getMap('registers').set(key, key) }
}

function readAll(updates: readonly string[]): unknown {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, fromBase64(update) ?? new Uint8Array())
  return doc.getMap('registers').toJSON()
}

describe('own changes over the signaling servers', () => {
  it('go at once while some page is reached by nothing else', () => {
    const { sent, write } = setUp(false)
    write('one')
    write('two')
    expect(sent).toHaveLength(2)
    expect(readAll(sent)).toEqual({ one: 'one', two: 'two' })
  })

  it('go later and as one where data channels reach everybody', () => {
    const { sent, write, clock } = setUp(true)
    write('one')
    write('two')
    expect(sent).toHaveLength(0)
    clock.advance(150)
    expect(sent).toHaveLength(1)
    expect(readAll(sent)).toEqual({ one: 'one', two: 'two' })
  })

  it('go out before a goodbye, and those of others never', () => {
    const { sent, write, doc, relay, clock } = setUp(true)
    write('one')
    relay.flush()
    expect(sent).toHaveLength(1)
    const other = new Y.Doc()
    other.getMap('registers').set('two', 'two')
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), 'elsewhere')
    write('three')
    relay.close()
    clock.advance(1000)
    expect(sent).toHaveLength(1)
  })
})
