import { describe, expect, it } from 'vitest'
import * as protocol from 'y-protocols/awareness'
import * as Y from 'yjs'
import { createIntake, pruneStrangers } from '../../../src/document/intake.js'
import type { LinkContext } from '../../../src/document/link.js'
import { type BusMessage, createEnvelopes } from '../../../src/document/room-envelope.js'
import { yjsLink } from '../../../src/document/yjs-link.js'
import { mirrorPresence } from '../../../src/document/yjs-presence.js'
import { manualClock } from './manual-clock.js'

function intakeOf(isKnown?: (sender: string) => boolean) {
  const clock = manualClock()
  const rejected: string[] = []
  const reject = (code: string, sender: string): void => void rejected.push(`${code} ${sender}`)
  const mayHear = createIntake({ clock, reject, ...(isKnown ? { isKnown } : {}) })
  const heard = (sender: string, count: number, message: unknown = 'x'): number =>
    Array.from({ length: count }, () => mayHear(sender, message)).filter(Boolean).length
  return { clock, rejected, heard }
}

/** The awareness message of y-webrtc for `count` empty states. */
function statesMessage(count: number): Uint8Array {
  const awareness = new protocol.Awareness(new Y.Doc())
  for (let client = 1; client <= count; client += 1) {
    awareness.states.set(client, {})
    awareness.meta.set(client, { clock: 1, lastUpdated: 0 })
  }
  const update = protocol.encodeAwarenessUpdate(
    awareness,
    [...awareness.states.keys()].filter((id) => id <= count),
  )
  awareness.destroy()
  const length = [(update.length & 127) | 128, ((update.length >> 7) & 127) | 128, update.length >> 14]
  return Uint8Array.from([1, ...length, ...update])
}

describe('what a page takes in', () => {
  it('is limited for each sender by itself, reported, and enough again a moment later', () => {
    const { clock, rejected, heard } = intakeOf()
    expect(heard('eve', 5000)).toBe(2048)
    expect(rejected).toContain('flood-limited eve')
    expect(heard('ann', 100)).toBe(100)
    clock.advance(1000)
    expect(heard('eve', 5000)).toBe(256)
  })

  it('gives all strangers one allowance, so that invented names gain nothing', () => {
    const { rejected, heard } = intakeOf((sender) => sender === 'ann')
    let strangers = 0
    for (let name = 0; name < 6000; name += 1) strangers += heard(`invented-${name}`, 1)
    expect(strangers).toBe(2 * 2048)
    expect(rejected.length).toBe(6000 - strangers)
    expect(heard('ann', 100)).toBe(100)
  })

  it('counts bytes, and short states for what they cost', () => {
    const { heard } = intakeOf()
    expect(heard('ann', 100, 128 * 1024)).toBe(64)
    expect(heard('ben', 100, { u: 'x'.repeat(128 * 1024) })).toBeLessThanOrEqual(64)
    const states = statesMessage(1000)
    expect(states.length).toBeLessThan(10_000)
    expect(heard('eve', 100, states)).toBe(8)
    // What lies about its length or its states weighs more than anything that is taken in at once.
    expect(heard('mia', 100, Uint8Array.from([1, 255, 255, 255]))).toBeLessThanOrEqual(1)
  })

  it('keeps nothing of names that were used once', () => {
    const { heard } = intakeOf()
    for (let name = 0; name < 10_000; name += 1) heard(`page-${name}`, 1)
    // One of many fresh names again has a fresh allowance: it was forgotten.
    expect(heard('page-0', 3000)).toBe(2048)
  })

  it('is at most some thousand states of presence, and never forgets who is known', () => {
    const awareness = new protocol.Awareness(new Y.Doc())
    for (let client = 1; client <= 20_000; client += 1) {
      awareness.states.set(client, { any: 'thing' })
      awareness.meta.set(client, { clock: 1, lastUpdated: 0 })
    }
    pruneStrangers(awareness, (client) => client <= 3)
    expect([...awareness.states.keys()].filter((client) => client <= 20_000)).toEqual([1, 2, 3])
    expect(awareness.meta.size).toBeLessThanOrEqual(4)
    awareness.destroy()
  })
})

describe('a flood on the bus', () => {
  it('of one page does not keep others from being heard, sealed or not', async () => {
    const clock = manualClock()
    const heard: BusMessage[] = []
    const rejected = new Set<string>()
    const known = new Set(['ann', 'eve'])
    const bus = createEnvelopes({
      ...{ page: 'me', seal: null, clock, publish: () => undefined, isKnown: (page) => known.has(page) },
      onMessage: (message) => heard.push(message),
      reject: (code, sender) => rejected.add(`${code} ${sender}`),
    })
    const from = (page: string, id: number) => ({
      type: 'holdfast',
      from: page,
      id,
      at: 0,
      kind: 'x',
      body: {},
    })
    for (let id = 0; id < 10_000; id += 1) bus.receive(from('eve', id))
    for (let id = 0; id < 10; id += 1) bus.receive(from('ann', id))
    expect(heard.filter((one) => one.from === 'ann').length).toBe(10)
    expect(heard.length).toBe(2048 + 10)
    expect([...rejected]).toEqual(['flood-limited eve'])
  })

  it('of sealed messages is not even opened', async () => {
    let opened = 0
    const rejected = new Set<string>()
    const seal = {
      close: async () => '',
      async open() {
        opened += 1
        return null
      },
    }
    const bus = createEnvelopes({
      ...{ page: 'me', seal, clock: manualClock(), publish: () => undefined, onMessage: () => undefined },
      reject: (code, sender) => rejected.add(`${code} ${sender}`),
    })
    for (let at = 0; at < 10_000; at += 1) bus.receive({ type: 'holdfast', sealed: 'garbage' })
    await new Promise<void>((resolve) => bus.close(resolve))
    await Promise.resolve()
    expect([...rejected]).toContain('flood-limited room')
    expect(opened).toBeLessThanOrEqual(2 * 2048)
  })
})

function contextOf() {
  const clock = manualClock()
  const doc = new Y.Doc()
  const awareness = new protocol.Awareness(doc)
  const rejected = new Set<string>()
  const context: LinkContext = {
    ...{ doc, awareness, room: 'r', clock, yjs: Y, protocol, onChange: () => undefined },
    pageOf: () => null,
    settled: async () => undefined,
    reject: (code, sender) => rejected.add(`${code} ${sender}`),
  }
  return { clock, doc, awareness, rejected, context }
}

describe("a flood on a link of the app's", () => {
  it('of updates is taken over in one piece a second later, and nothing is lost', async () => {
    const { clock, doc, awareness, rejected, context } = contextOf()
    let theirs: Y.Doc | null = null
    const link = yjsLink(({ doc: copy }) => {
      theirs = copy
      return { destroy: () => undefined }
    })(context)
    await Promise.resolve()
    await Promise.resolve()
    const copy = theirs as Y.Doc | null
    if (copy === null) throw new Error('the provider was not made')
    let applied = 0
    doc.on('update', () => {
      applied += 1
    })
    const server = new Y.Doc()
    server.on('update', (update: Uint8Array) => Y.applyUpdate(copy, update, 'server'))
    for (let at = 0; at < 3000; at += 1) server.getMap('m').set('key', at)
    expect(applied).toBe(2048)
    expect([...rejected]).toEqual(['flood-limited provider'])
    clock.advance(1000)
    expect(applied).toBe(2049)
    expect(doc.getMap('m').get('key')).toBe(2999)
    link.close()
    awareness.destroy()
  })

  it('of presence is bounded in memory, and the last states are taken a second later', () => {
    const { clock, awareness, rejected, context } = contextOf()
    const copy = new Y.Doc()
    const presence = mirrorPresence(context, copy)
    const mirror = presence.awareness
    const say = (client: number, text: string, count: number): void => {
      mirror.states.set(client, { text })
      mirror.meta.set(client, { clock: count, lastUpdated: 0 })
      mirror.emit('update', [{ added: [client], updated: [], removed: [] }, 'server'])
    }
    for (let client = 1; client <= 20_000; client += 1) say(client, 'x', 1)
    expect([...rejected]).toEqual(['flood-limited provider'])
    expect(mirror.meta.size).toBeLessThan(6000)
    say(7, 'last', 2)
    say(7, 'very last', 3)
    expect(awareness.states.get(7)).toEqual({ text: 'x' })
    clock.advance(1000)
    expect(awareness.states.size).toBeLessThan(6000)
    presence.close()
    awareness.destroy()
  })
})
