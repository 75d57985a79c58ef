import { describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { createIdentity, type OwnIdentity } from '../../../src/document/identity.js'
import { partingKey } from '../../../src/document/parting-note.js'
import { createRegisterStore } from '../../../src/document/register-store.js'
import { manualClock } from './manual-clock.js'
import { makeRegister } from './registers.js'

function pageOf(room = 'room') {
  const doc = new Y.Doc()
  const map = doc.getMap<unknown>('registers')
  const clock = manualClock()
  const heard = new Map<string, number>()
  const rejected: string[] = []
  const store = createRegisterStore({
    ...{ map, room, clock },
    heardAt: (voter) => heard.get(voter) ?? Number.NEGATIVE_INFINITY,
    onChange: () => undefined,
    reject: (code) => rejected.push(code),
  })
  return { doc, map, clock, store, heard, rejected }
}

type TestPage = ReturnType<typeof pageOf>

async function sync(from: TestPage, to: TestPage): Promise<void> {
  Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
  await Promise.resolve()
  await to.store.settled()
}

/** A page that has written its register, rested, and parted; with a reader that has seen it. */
async function parted(reader: TestPage): Promise<{ page: TestPage; ann: OwnIdentity }> {
  const [page, ann] = [pageOf(), await createIdentity()]
  const own = page.store.own(ann)
  await own.publish(makeRegister({ voter: ann.voter }))
  page.clock.advance(1000)
  await vi.waitFor(() => {
    own.seal()
    own.part()
    expect(page.map.has(partingKey(ann.voter))).toBe(true)
  })
  await sync(page, reader)
  return { page, ann }
}

describe('parting note', () => {
  it('rule 12: counts a voter as parted when nobody has come back with it for a while, also for who reads late', async () => {
    const [reader, late] = [pageOf(), pageOf()]
    const { ann } = await parted(reader)
    expect([...reader.store.parted()]).toEqual([])
    reader.clock.advance(6000)
    expect([...reader.store.parted()]).toEqual([ann.voter])
    expect(reader.store.parted()).toBe(reader.store.parted())
    await sync(reader, late)
    expect([...late.store.parted()]).toEqual([])
    late.clock.advance(6000)
    expect([...late.store.parted()]).toEqual([ann.voter])
  })

  it('does not count who is heard again, has written since, or has taken the note back', async () => {
    const [heard, wrote, undone] = [pageOf(), pageOf(), pageOf()]
    const first = await parted(heard)
    heard.clock.advance(6000)
    heard.heard.set(first.ann.voter, heard.clock.now())
    expect([...heard.store.parted()]).toEqual([])

    const second = await parted(wrote)
    const next = pageOf()
    await sync(second.page, next)
    const kept = makeRegister({ voter: second.ann.voter })
    await next.store.own(second.ann, kept).publish({ ...kept, seq: 2 })
    await sync(next, wrote)
    wrote.clock.advance(6000)
    expect([...wrote.store.parted()]).toEqual([])

    const third = await parted(undone)
    const back = pageOf()
    await sync(third.page, back)
    back.store.own(third.ann, makeRegister({ voter: third.ann.voter })).unseal()
    expect(back.map.has(partingKey(third.ann.voter))).toBe(false)
    await sync(back, undone)
    undone.clock.advance(6000)
    expect([...undone.store.parted()]).toEqual([])
  })

  it('rule 12: is removed by the page that goes on, also when the document comes after it has opened', async () => {
    const late = pageOf()
    const { page: former, ann } = await parted(pageOf())
    const next = pageOf()
    const kept = makeRegister({ voter: ann.voter })
    const own = next.store.own(ann, kept)
    own.unseal()
    await own.publish(kept)
    await sync(former, next)
    expect(next.map.has(partingKey(ann.voter))).toBe(true)
    next.clock.advance(250)
    expect(next.map.has(partingKey(ann.voter))).toBe(false)
    // It crashes now: nobody who comes later may take it for parted for good.
    await sync(next, late)
    late.clock.advance(6000)
    expect([...late.store.parted()]).toEqual([])
  })

  it('of the page itself stays while it is closing', async () => {
    const { page, ann } = await parted(pageOf())
    page.clock.advance(1000)
    expect(page.map.has(partingKey(ann.voter))).toBe(true)
  })

  it('believes no note of another room, another voter or a changed number, and sweeps it out', async () => {
    const reader = pageOf()
    const { ann } = await parted(reader)
    const ben = await createIdentity()
    const note = String(reader.map.get(partingKey(ann.voter)))
    const other = pageOf('other')
    for (const [page, voter, value] of [
      [reader, ben.voter, note],
      [reader, ann.voter, note.replace('1.P.1.', '1.P.2.')],
      [reader, ann.voter, { any: 'thing' }],
      [other, ann.voter, note],
    ] as const) {
      page.map.set(partingKey(voter), value)
      await sync(page, page)
      expect(page.rejected.splice(0)).toEqual(['register-invalid'])
      page.clock.advance(6000)
      expect(page.store.parted().has(ben.voter)).toBe(false)
    }
    reader.store.sweep()
    expect(reader.map.has(partingKey(ben.voter))).toBe(false)
  })
})
