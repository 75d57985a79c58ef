import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import {
  type AwarenessChange,
  chooseFew,
  delayGossip,
  type SendingRoom,
} from '../../../src/document/y-webrtc-gossip.js'
import { manualClock } from './manual-clock.js'

function setUp(isWhole = false, neighbours: readonly string[] = ['b', 'c']) {
  const clock = manualClock()
  const updates: Uint8Array[] = []
  const states: (readonly number[])[] = []
  const room: SendingRoom = {
    _docUpdateHandler: (update) => void updates.push(update),
    _awarenessUpdateHandler: ({ updated }: AwarenessChange) => void states.push(updated),
  }
  const told: (readonly string[])[] = []
  const end = delayGossip(room, {
    ...{ clock, yjs: Y, isWhole: () => isWhole, isInNeed: () => false, neighbours: () => neighbours },
    within(ids, send) {
      told.push(ids)
      send()
    },
  })
  const doc = new Y.Doc()
  doc.on('update', (...change: Parameters<SendingRoom['_docUpdateHandler']>) =>
    room._docUpdateHandler(...change),
  )
  return { clock, updates, states, room, end, doc, told }
}

function writtenElsewhere(key: string): Uint8Array {
  const other = new Y.Doc()
  other.getMap('registers').set(key, key)
  return Y.encodeStateAsUpdate(other)
}

describe('passing on', () => {
  it('sends what this page wrote at once', () => {
    const { doc, updates, room, states } = setUp()
    doc.getMap('registers').set('own', 1)
    expect(updates).toHaveLength(1)
    room._awarenessUpdateHandler({ added: [], updated: [7], removed: [] }, 'local')
    expect(states).toEqual([[7]])
  })

  it('sends what others wrote a moment later, as one message that holds all of it', () => {
    const { clock, doc, updates } = setUp()
    Y.applyUpdate(doc, writtenElsewhere('one'), 'room')
    Y.applyUpdate(doc, writtenElsewhere('two'), 'room')
    expect(updates).toHaveLength(0)
    clock.advance(50)
    expect(updates).toHaveLength(1)
    const third = new Y.Doc()
    Y.applyUpdate(third, updates[0] as Uint8Array)
    expect(third.getMap('registers').toJSON()).toEqual({ one: 'one', two: 'two' })
  })

  it('names each page whose presence changed once', () => {
    const { clock, room, states } = setUp()
    room._awarenessUpdateHandler({ added: [1], updated: [2], removed: [] }, 'room')
    room._awarenessUpdateHandler({ added: [], updated: [2], removed: [3] }, 'room')
    clock.advance(50)
    expect(states).toEqual([[1, 2, 3]])
  })

  it('waits for a second where everybody reaches everybody', () => {
    const { clock, doc, updates } = setUp(true)
    Y.applyUpdate(doc, writtenElsewhere('one'), 'room')
    clock.advance(999)
    expect(updates).toHaveLength(0)
    clock.advance(1)
    expect(updates).toHaveLength(1)
  })

  it('passes on no presence where everybody reaches everybody: at twenty pages it would be most of the traffic', () => {
    const { clock, room, states } = setUp(true)
    room._awarenessUpdateHandler({ added: [1], updated: [2], removed: [] }, 'room')
    clock.advance(5000)
    expect(states).toEqual([])
  })

  it('tells four of many neighbours, so that a change does not cost the room the square of its pages', () => {
    const many = Array.from({ length: 19 }, (_, at) => `page-${at}`)
    const { clock, doc, room, states, updates, told } = setUp(false, many)
    Y.applyUpdate(doc, writtenElsewhere('one'), 'room')
    clock.advance(50)
    expect(updates).toHaveLength(1)
    for (let beat = 0; beat < 20; beat += 1) {
      room._awarenessUpdateHandler({ added: [], updated: [beat], removed: [] }, 'room')
      clock.advance(50)
    }
    expect(states.length).toBeLessThanOrEqual(4)
    expect(told.every((ids) => ids.length === 4)).toBe(true)
  })

  it('prefers those who do not reach everybody', () => {
    const many = Array.from({ length: 19 }, (_, at) => `page-${at}`)
    for (const random of [0, 0.4, 0.999]) {
      const few = chooseFew(
        many,
        (id) => id === 'page-7' || id === 'page-18',
        () => random,
      )
      expect(few.slice(0, 2)).toEqual(['page-7', 'page-18'])
      expect(few).toHaveLength(4)
    }
  })

  it('sends nothing any more once it has ended', () => {
    const { clock, doc, updates, end } = setUp()
    Y.applyUpdate(doc, writtenElsewhere('one'), 'room')
    end()
    clock.advance(1000)
    expect(updates).toHaveLength(0)
  })
})
