import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPresenceBook } from '../../../src/document/presence-book.js'
import {
  type PageState,
  parsePageState,
  type SeatState,
  writePageState,
} from '../../../src/document/presence-wire.js'
import { manualClock } from './manual-clock.js'

const voter = 'v'.repeat(22)
const seat = (change: Partial<SeatState> = {}): SeatState => ({
  participant: 'ann',
  voter,
  session: 's1',
  beat: 1,
  hasLeft: false,
  muted: [],
  publishing: [],
  sight: {},
  flowingOn: null,
  asking: null,
  directory: {},
  ...change,
})
const page = (...seats: SeatState[]): PageState => ({
  page: 'p',
  rtc: 'r',
  isWhole: false,
  every: 1000,
  seats,
  pings: [],
  echoes: [],
})
const open = (own: string[] = []) => {
  const clock = manualClock()
  const rejected: string[] = []
  const book = createPresenceBook(
    clock,
    (one) => own.includes(one),
    (_code, sender) => rejected.push(sender),
  )
  return { clock, book, rejected }
}

describe('presence book', () => {
  it('counts only a new beat as being heard', () => {
    const { clock, book } = open()
    book.take(1, page(seat()))
    clock.advance(500)
    book.take(1, page(seat({ muted: ['camera'] })))
    expect(book.entries.get(voter)?.presence).toMatchObject({ heardAtMs: 0, muted: ['camera'] })
    book.take(1, page(seat({ beat: 2 })))
    expect(book.entries.get(voter)?.presence.heardAtMs).toBe(500)
  })

  it('keeps a silent participant for a minute and one that left for ten seconds', () => {
    const { clock, book } = open()
    book.take(1, page(seat()))
    clock.advance(59_000)
    expect(book.sweep()).toBe(false)
    clock.advance(1000)
    expect(book.sweep()).toBe(true)
    expect(book.entries.size).toBe(0)
    book.take(1, page(seat({ hasLeft: true, beat: 2 })))
    book.take(1, page())
    expect(book.entries.get(voter)?.presence.hasLeft).toBe(true)
    clock.advance(10_000)
    book.sweep()
    expect(book.entries.size).toBe(0)
  })

  it('lets nobody speak for a voter of this page or for one heard lately from another page', () => {
    const { clock, book, rejected } = open(['o'.repeat(22)])
    book.take(1, page(seat()))
    book.take(2, page(seat({ session: 's2', hasLeft: true }), seat({ voter: 'o'.repeat(22) })))
    expect(rejected).toEqual(['2'])
    expect([...book.entries.keys()]).toEqual([voter])
    expect(book.entries.get(voter)).toMatchObject({ client: 1, presence: { hasLeft: false } })
    clock.advance(11_000)
    book.take(2, page(seat({ session: 's2' })))
    expect(book.entries.get(voter)?.client).toBe(2)
  })

  it('what the page before a refresh had said of the same seat is no news and no fault', () => {
    const { book, rejected } = open([voter])
    book.take(1, page(seat({ session: 'before', isParting: true })))
    expect(rejected).toEqual([])
    expect(book.entries.size).toBe(0)
  })

  it('replaces the voter of a page that hopped', () => {
    const { book } = open()
    book.take(1, page(seat()))
    book.take(1, page(seat({ voter: 'w'.repeat(22), beat: 2 })))
    expect([...book.entries.keys()]).toEqual(['w'.repeat(22)])
  })
})

describe('presence wire', () => {
  it('gives back what it wrote, over JSON', () => {
    const state = page(seat({ name: 'Ann', sight: { east: 'ok' }, directory: { west: { url: '/a' } } }))
    expect(parsePageState(JSON.parse(JSON.stringify(writePageState(state))))).toEqual(state)
  })

  it('cuts what is too long instead of becoming unreadable', () => {
    const state = page(
      seat({
        name: 'n'.repeat(500),
        asking: { provider: 'east', reason: 'r'.repeat(500) },
        directory: { east: 'x'.repeat(5000), west: 1 },
      }),
    )
    const read = parsePageState(writePageState(state))?.seats[0]
    expect(read).toMatchObject({ name: 'n'.repeat(64), directory: { west: 1 } })
    expect(read?.asking?.reason).toHaveLength(120)
  })

  it('never throws, whatever it is given, and lets no prototype key through', () => {
    fc.assert(fc.property(fc.anything(), (value) => parsePageState(value) === null))
    const whole = writePageState(page(seat())).holdfast
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(seat())), fc.jsonValue(), (field, value) => {
        const changed = { ...whole, seats: [{ ...seat(), [field]: value }] }
        const parsed = parsePageState({ holdfast: changed })
        if (parsed !== null) expect(parsed.seats[0]?.voter).toHaveLength(22)
      }),
    )
    const polluted = JSON.parse(JSON.stringify(whole).replace('"sight":{}', '"sight":{"__proto__":"dead"}'))
    const sight = parsePageState({ holdfast: polluted })?.seats[0]?.sight ?? {}
    expect(Object.getPrototypeOf(sight)).toBe(Object.prototype)
    expect(Object.keys(sight)).toEqual([])
  })
})
