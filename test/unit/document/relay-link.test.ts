import { afterEach, describe, expect, it } from 'vitest'
import * as protocol from 'y-protocols/awareness'
import { Awareness } from 'y-protocols/awareness'
import * as yjs from 'yjs'
import { toBase64 } from '../../../src/document/base64.js'
import { startRelayLink } from '../../../src/document/relay-link.js'
import { manualClock } from './manual-clock.js'

const open: Awareness[] = []

afterEach(() => {
  for (const awareness of open.splice(0)) awareness.destroy()
})

function relayOf(doc: yjs.Doc) {
  const clock = manualClock()
  const awareness = new Awareness(doc)
  open.push(awareness)
  const nothing = (): void => undefined
  const relay = startRelayLink({
    ...{
      doc,
      awareness,
      yjs,
      protocol,
      clock,
      send: nothing,
      onChange: nothing,
      onBye: nothing,
      reject: nothing,
    },
    settled: () => Promise.resolve(),
  })
  const update = (u: Uint8Array): void => relay.receive({ kind: 'update', from: 'x', body: { u: toBase64(u) } })
  const sweep = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      relay.sweep()
    }
  }
  return { update, sweep }
}

/** Two updates of a page, the second of which nobody can read without the first. */
function twoUpdates(): readonly [Uint8Array, Uint8Array] {
  const page = new yjs.Doc()
  const updates: Uint8Array[] = []
  page.on('update', (update: Uint8Array) => updates.push(update))
  page.getMap('registers').set('voter', 'a'.repeat(1000))
  page.getMap('registers').set('voter', 'b'.repeat(1000))
  const [first, second] = updates
  if (first === undefined || second === undefined) throw new Error('two writes are two updates')
  return [first, second]
}

describe('the relay link', () => {
  it('does not keep for ever what cannot be read because its beginning died with a page', () => {
    const doc = new yjs.Doc()
    const { update, sweep } = relayOf(doc)
    const [, second] = twoUpdates()
    update(second)
    sweep(10)
    expect(yjs.encodeStateAsUpdate(doc).length).toBeGreaterThan(1000)
    sweep(10)
    expect(yjs.encodeStateAsUpdate(doc).length).toBeLessThan(50)
  })

  it('reads it after all when the beginning comes later', () => {
    const doc = new yjs.Doc()
    const { update, sweep } = relayOf(doc)
    const [first, second] = twoUpdates()
    update(second)
    sweep(20)
    update(yjs.mergeUpdates([first, second]))
    expect(doc.getMap('registers').get('voter')).toBe('b'.repeat(1000))
  })
})
