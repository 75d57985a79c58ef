import { describe, expect, it } from 'vitest'
import { createLedger } from '../../../../src/providers/janus/ledger.js'
import { type PublisherInfo, writeDescription, writeOwner } from '../../../../src/providers/janus/messages.js'
import { createRoster } from '../../../../src/providers/janus/roster.js'
import { janusSettings, numberedRoom } from '../../../../src/providers/janus/settings.js'

const feed = (id: number, peer: string, at: number, isActive = true): PublisherInfo => ({
  id,
  display: writeOwner({ peer, session: 's', at }),
  streams: [
    { type: 'audio', mid: '0', description: writeDescription('microphone', isActive) },
    { type: 'video', mid: '1', description: writeDescription('screen', true) },
  ],
})

describe('the roster of a room', () => {
  it('orders the feeds of one participant, the newest first, whatever came first', () => {
    const roster = createRoster('me')
    roster.update([feed(1, 'ada', 20), feed(2, 'ada', 30), feed(3, 'ada', 10), feed(4, 'bea', 5)])
    expect(
      roster
        .byPeer()
        .get('ada')
        ?.map(({ id }) => id),
    ).toEqual([2, 1, 3])
    roster.remove(2)
    expect(roster.byPeer().get('ada')?.[0]?.id).toBe(1)
  })

  it('leaves out our own other connections and people without Holdfast', () => {
    const roster = createRoster('me')
    const garbage = ['', 'Ada Lovelace', '[]', '{"peer":7}', '{"peer":"","session":"s","at":1}']
    roster.update([
      feed(1, 'me', 1),
      ...garbage.map((display, index) => ({ id: 10 + index, display })),
      { id: 20 },
    ])
    expect(roster.byPeer().size).toBe(0)
  })

  it('reads source and activity from the descriptions, and falls back to the kind', () => {
    const roster = createRoster('me')
    roster.update([feed(1, 'ada', 1, false)])
    expect(roster.get(1)?.streams).toMatchObject([
      { source: 'microphone', isActive: false },
      { source: 'screen', isActive: true },
    ])
    roster.update([
      {
        id: 2,
        display: writeOwner({ peer: 'bea', session: 's', at: 1 }),
        streams: [
          { type: 'video', mid: '0', description: 'my living room' },
          { type: 'video', mid: '1', disabled: true },
          { type: 'data', mid: '2' },
        ],
      },
    ])
    expect(roster.get(2)?.streams).toEqual([{ feed: 2, mid: '0', source: 'camera', isActive: true }])
  })

  it('is settled once the list changed what is active', () => {
    const roster = createRoster('me')
    roster.update([feed(1, 'ada', 1, false)])
    roster.update([feed(1, 'ada', 1, false)])
    expect(roster.get(1)?.isSettled).toBe(false)
    roster.update([feed(1, 'ada', 1, true)])
    expect(roster.get(1)?.isSettled).toBe(true)
  })

  it('does not grow without bound', () => {
    const roster = createRoster('me')
    roster.update(Array.from({ length: 500 }, (_, index) => feed(index, `p${index}`, 1)))
    expect(roster.byPeer().size).toBeLessThan(100)
  })
})

describe('the ledger of subscriptions', () => {
  const stream = (id: number, mid: string) => ({ feed: id, mid, source: 'camera', isActive: true }) as const

  it('asks for what is missing and drops what nobody wants', () => {
    const ledger = createLedger()
    ledger.want([stream(1, '0'), stream(1, '1')])
    expect(ledger.difference()).toEqual({
      add: [
        { feed: 1, mid: '0' },
        { feed: 1, mid: '1' },
      ],
      drop: [],
    })
    ledger.take({
      videoroom: 'attached',
      streams: [
        { mid: '0', active: true, feed_id: 1, feed_mid: '0' },
        { mid: '1', active: true, feed_id: 9, feed_mid: '0' },
        { mid: '2', active: false },
      ],
    })
    expect(ledger.difference()).toEqual({ add: [{ feed: 1, mid: '1' }], drop: [{ feed: 9, mid: '0' }] })
    expect(ledger.lines).toContainEqual({ feed: 1, mid: '0', ownMid: '0' })
  })

  it('keeps its lines over events that carry none', () => {
    const ledger = createLedger()
    ledger.take({ videoroom: 'updated', streams: [{ mid: '0', feed_id: 1, feed_mid: '0' }, 'garbage', null] })
    ledger.take({ videoroom: 'event', streams: [] })
    ledger.take({ videoroom: 'updating' })
    expect(ledger.lines).toHaveLength(1)
  })
})

describe('the options of janus()', () => {
  it('name the field that cannot work', () => {
    expect(() => janusSettings({ id: 'UPPER', url: 'ws://a' })).toThrow(/id must match/)
    expect(() => janusSettings({ id: 'a', url: 'http://a' })).toThrow(/url must be/)
    expect(() => janusSettings({ id: 'a', url: 'ws://a', roomId: 1, roomOf: () => 1 })).toThrow(/roomOf/)
  })

  it('number a room the same way everywhere, and keep numbers', () => {
    expect(numberedRoom('1234')).toBe(1234)
    expect(numberedRoom('stand-up')).toBe(numberedRoom('stand-up'))
    expect(numberedRoom('stand-up')).not.toBe(numberedRoom('stand-uq'))
    expect(Number.isSafeInteger(numberedRoom('Ünïcode room'))).toBe(true)
  })
})
