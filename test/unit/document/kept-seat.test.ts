import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createIdentity } from '../../../src/document/identity.js'
import type { DocumentOptions, SharedDocument } from '../../../src/document/index.js'
import { createSeatKeeper, type SeatKeeper } from '../../../src/document/kept-seat.js'
import { openDocument } from '../../../src/document/open-document.js'
import { type ManualClock, manualClock } from './manual-clock.js'
import { makeRecord, makeRegister } from './registers.js'
import { wire } from './wire.js'

/** As in the source. */
const UNMARKED_AFTER_MS = 500

let clock: ManualClock = manualClock()
let opened: (SharedDocument | SeatKeeper)[] = []
let room = 0
let link = wire()

afterEach(async () => {
  const closing = Promise.all(opened.map((one) => one.close()))
  clock.advance(1000)
  await closing
  clock = manualClock()
  link = wire()
  opened = []
  room += 1
})

function keeperOf(participant = 'ann'): SeatKeeper {
  const keeper = createSeatKeeper(`room-${room}`, participant, clock)
  if (keeper === null) throw new Error('no IndexedDB')
  opened.push(keeper)
  return keeper
}

async function leftSeat(keeper: SeatKeeper) {
  const { pair, voter } = await createIdentity()
  expect(await keeper.take()).toBeNull()
  await keeper.arm(pair)
  const seat = { pair, register: makeRegister({ voter, seq: 9 }), session: 'next' }
  expect(keeper.keep(seat)).toBe(true)
  return seat
}

describe('seat keeper', () => {
  it('hands key, register and session to the page that follows, once', async () => {
    const seat = await leftSeat(keeperOf())
    const taken = await keeperOf().take()
    expect(taken).toMatchObject({ register: seat.register, session: 'next' })
    expect(taken?.pair.privateKey.extractable).toBe(false)
    expect(await keeperOf().take()).toBeNull()
  })

  it('does not keep a join waiting where no page has left a mark', async () => {
    const marks = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (name: string) => marks.get(name) ?? null,
      setItem: (name: string, value: string) => marks.set(name, value),
      removeItem: (name: string) => marks.delete(name),
    })
    const first = keeperOf()
    const opening = vi.spyOn(indexedDB, 'open').mockImplementation(() => ({}) as IDBOpenDBRequest)
    const second = keeperOf('bob')
    // It never opens there.
    expect(await second.take()).toBeNull()
    expect(opening).not.toHaveBeenCalled()
    clock.advance(UNMARKED_AFTER_MS)
    await vi.waitFor(() => expect(opening).toHaveBeenCalled())
    opening.mockRestore()
    const { pair, voter } = await createIdentity()
    expect(await first.take()).toBeNull()
    const arming = first.arm(pair)
    clock.advance(UNMARKED_AFTER_MS)
    await arming
    expect(first.keep({ pair, register: makeRegister({ voter, seq: 9 }), session: 'next' })).toBe(true)
    expect(marks.size).toBe(1)
    expect(await keeperOf().take()).toMatchObject({ session: 'next' })
    expect(marks.size).toBe(0)
    vi.unstubAllGlobals()
  })

  it('gives it to one of two pages that ask at once, as a duplicated tab does', async () => {
    await leftSeat(keeperOf())
    const taken = await Promise.all([keeperOf().take(), keeperOf().take(), keeperOf().take()])
    expect(taken.filter((one) => one !== null)).toHaveLength(1)
  })

  it('has nothing for the page after a crash, for another person or another room', async () => {
    const keeper = keeperOf()
    await keeper.take()
    await keeper.arm((await createIdentity()).pair)
    expect(await keeperOf().take()).toBeNull()
    await leftSeat(keeperOf('ben'))
    expect(await keeperOf('ann').take()).toBeNull()
    room += 1
    expect(await keeperOf('ben').take()).toBeNull()
  })

  it('has nothing once the seat is older than a refresh takes, and it is gone for good then', async () => {
    await leftSeat(keeperOf())
    clock.advance(10_001)
    expect(await keeperOf().take()).toBeNull()
    clock.advance(-10_001)
    expect(await keeperOf().take()).toBeNull()
  })

  it('keeps nothing that was not armed, that has left, or after it was closed', async () => {
    const { pair, voter } = await createIdentity()
    const keeper = keeperOf()
    await keeper.take()
    const seat = { pair, register: makeRegister({ voter }), session: 'next' }
    expect(keeper.keep(seat)).toBe(false)
    await keeper.arm(pair)
    expect(keeper.keep({ ...seat, register: makeRegister({ voter, left: true }) })).toBe(true)
    expect(await keeperOf().take()).toBeNull()
    keeper.close()
    expect(keeper.keep(seat)).toBe(false)
  })

  it('takes nothing that is not what a page writes', async () => {
    const keeper = keeperOf()
    await keeper.take()
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('holdfast-seats')
      request.onsuccess = () => resolve(request.result)
    })
    const { pair, voter } = await createIdentity()
    const good = { pair, voter, text: '{}', session: 's', atMs: 0 }
    for (const bad of [
      7,
      {},
      { ...good, pair: {} },
      { ...good, atMs: 'now' },
      good,
      { ...good, session: '' },
    ]) {
      const store = database.transaction('seats', 'readwrite').objectStore('seats')
      store.put(bad, JSON.stringify([`room-${room}`, 'ann']))
      expect(await keeperOf().take()).toBeNull()
    }
    database.close()
  })
})

describe('kept seat', () => {
  const open = async (more: Partial<DocumentOptions> = {}): Promise<SharedDocument> => {
    const base = { room: `room-${room}`, participant: 'ann', signaling: [], links: [link], clock }
    const document = await openDocument({ ...base, keepSeat: () => true, ...more }, new Map())
    opened.push(document)
    // Armed a moment after it was opened.
    await new Promise((resolve) => setTimeout(resolve, 20))
    return document
  }
  const publish = (document: SharedDocument, seq: number, promised = 0): Promise<void> =>
    document.publish(makeRegister({ voter: document.voter, seq, promised, head: makeRecord(document.voter) }))

  it('P25 a refreshed page is the same voter, goes on after its last words, and the others never miss it', async () => {
    const ben = await open({ participant: 'ben' })
    const before = await open()
    await publish(before, 3)
    expect(before.farewell()).toBe(true)
    expect(ben.presence().get(before.voter)).toMatchObject({ hasLeft: false, isParting: true })
    const after = await open()
    expect(after.voter).toBe(before.voter)
    expect(after.kept?.seq).toBe(3)
    const seen = ben.presence().get(after.voter)
    expect(seen).toMatchObject({ hasLeft: false, session: after.session })
    expect(seen?.isParting ?? false).toBe(false)
    await expect(publish(after, 3, 1)).rejects.toMatchObject({ code: 'register-invalid' })
    await publish(after, 4, 1)
    clock.advance(5000)
    expect(ben.presence().get(after.voter)?.hasLeft).toBe(false)
    await vi.waitFor(() => expect(ben.registers().get(after.voter)?.seq).toBe(4), { interval: 2 })
  })

  it('P25 the page that was left behind writes no more, and lives on as this voter only if nobody took it', async () => {
    const page = await open()
    await publish(page, 1)
    expect(page.farewell()).toBe(true)
    await expect(publish(page, 2)).rejects.toMatchObject({ code: 'closed' })
    page.comeBack()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await publish(page, 2)
    expect(page.farewell()).toBe(true)
    const next = await open()
    expect(next.voter).toBe(page.voter)
    page.comeBack()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await expect(publish(page, 3)).rejects.toMatchObject({ code: 'closed' })
  })

  it('P25 a second tab, a page after a crash and a page that no longer fits are new voters', async () => {
    const page = await open()
    await publish(page, 1)
    expect((await open()).voter).not.toBe(page.voter)
    page.farewell()
    expect((await open({ keepSeat: () => false })).voter).not.toBe(page.voter)
    expect((await open()).voter).not.toBe(page.voter)
  })

  it('says goodbye as ever where no seat can be kept, and takes a page that does not return for left', async () => {
    const ben = await open({ participant: 'ben' })
    const { keepSeat: _none, ...plain } = { keepSeat: undefined }
    const without = await openDocument(
      { room: `room-${room}`, participant: 'cleo', signaling: [], links: [link], clock, ...plain },
      new Map(),
    )
    opened.push(without)
    await publish(without, 1)
    expect(without.farewell()).toBe(false)
    expect(ben.presence().get(without.voter)?.hasLeft).toBe(true)
    const ann = await open()
    await publish(ann, 1)
    ann.farewell()
    expect(ben.presence().get(ann.voter)?.hasLeft).toBe(false)
    clock.advance(4000)
    expect(ben.presence().get(ann.voter)?.hasLeft).toBe(true)
  })

  it('lets nobody take the place of a live page without the session that it has named', async () => {
    const ben = await open({ participant: 'ben' })
    const ann = await open()
    const [page] = [...link.pages].filter(({ awareness }) =>
      JSON.stringify(awareness.getLocalState()).includes('ann'),
    )
    const state = structuredClone(page?.awareness.getLocalState()) as {
      holdfast: { seats: { session: string; hasLeft: boolean; beat: number }[] }
    }
    const thief = await open({ participant: 'eve' })
    const [own] = [...link.pages].filter(({ awareness }) =>
      JSON.stringify(awareness.getLocalState()).includes('eve'),
    )
    for (const seat of state.holdfast.seats)
      Object.assign(seat, { session: 'guessed', hasLeft: true, beat: 99 })
    own?.awareness.setLocalState(state)
    expect(ben.presence().get(ann.voter)).toMatchObject({ session: ann.session, hasLeft: false })
    expect(thief.voter).not.toBe(ann.voter)
  })
})
