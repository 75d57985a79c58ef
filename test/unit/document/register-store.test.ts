import { afterEach, describe, expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import type { Register } from '../../../src/consensus/register.js'
import { proofKey } from '../../../src/document/equivocation.js'
import { createIdentity, type OwnIdentity } from '../../../src/document/identity.js'
import { createRegisterStore, type RegisterStoreOptions } from '../../../src/document/register-store.js'
import { signRegister } from '../../../src/document/register-wire.js'
import { manualClock } from './manual-clock.js'
import { makeRegister } from './registers.js'

afterEach(() => vi.restoreAllMocks())

/** A page: its document and its store. */
function pageOf(more: Partial<RegisterStoreOptions> = {}) {
  const doc = new Y.Doc()
  const map = doc.getMap<unknown>('registers')
  const clock = manualClock()
  const rejected: string[] = []
  let changes = 0
  const store = createRegisterStore({
    map,
    room: 'room',
    clock,
    onChange: () => {
      changes += 1
    },
    reject: (code) => rejected.push(code),
    ...more,
  })
  return { doc, map, clock, store, rejected, changes: () => changes }
}

type TestPage = ReturnType<typeof pageOf>

async function sync(from: TestPage, to: TestPage): Promise<void> {
  Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
  await rest(to)
}

/** Microtasks begin the reading, `settled` ends it. */
async function rest(page: TestPage): Promise<void> {
  await Promise.resolve()
  await page.store.settled()
}

const registerOf = (identity: OwnIdentity, change: Partial<Register> = {}): Register =>
  makeRegister({ voter: identity.voter, ...change })

describe('register store', () => {
  it('verifies each register once, imports each key once, and reads nothing anew when everything is synced again', async () => {
    const people = await Promise.all(Array.from({ length: 50 }, createIdentity))
    const reader = pageOf()
    const writer = new Y.Doc()
    const verified = vi.spyOn(crypto.subtle, 'verify')
    const imported = vi.spyOn(crypto.subtle, 'importKey')
    const rounds = 5
    for (let seq = 1; seq <= rounds; seq += 1) {
      for (const one of people)
        writer.getMap('registers').set(one.voter, await signRegister(registerOf(one, { seq }), one, 'room'))
      for (let repeat = 0; repeat < 3; repeat += 1) Y.applyUpdate(reader.doc, Y.encodeStateAsUpdate(writer))
      await rest(reader)
    }
    expect(verified).toHaveBeenCalledTimes(50 * rounds)
    expect(imported).toHaveBeenCalledTimes(50)
    expect(reader.changes()).toBeLessThanOrEqual(rounds * Math.ceil(50 / 32))
    expect([...reader.store.registers.values()].every((one) => one.seq === rounds)).toBe(true)
  })

  it('spends one verification on ten versions that come in one turn', async () => {
    const [identity, reader] = [await createIdentity(), pageOf()]
    const values = await Promise.all(
      Array.from({ length: 10 }, (_, seq) => signRegister(registerOf(identity, { seq }), identity, 'room')),
    )
    const verified = vi.spyOn(crypto.subtle, 'verify')
    for (const value of values) reader.map.set(identity.voter, value)
    await rest(reader)
    expect(verified).toHaveBeenCalledTimes(1)
    expect(reader.store.registers.get(identity.voter)?.seq).toBe(9)
  })

  it('leaves out own versions that a newer one has overtaken before their turn', async () => {
    const [identity, page] = [await createIdentity(), pageOf()]
    let writes = 0
    page.map.observe(() => {
      writes += 1
    })
    const own = page.store.own(identity)
    await Promise.all([1, 2, 3, 4, 5].map((seq) => own.publish(registerOf(identity, { seq }))))
    expect(writes).toBe(1)
    expect(page.store.registers.get(identity.voter)?.seq).toBe(5)
    await expect(own.publish(registerOf(identity, { seq: 5, promised: 3 }))).rejects.toMatchObject({
      code: 'register-invalid',
    })
  })

  it('writes nothing while sealed, not even what is being signed, and goes on when unsealed', async () => {
    const [identity, page] = [await createIdentity(), pageOf()]
    const own = page.store.own(identity)
    await own.publish(registerOf(identity, { seq: 1 }))
    const late = own.publish(registerOf(identity, { seq: 2 }))
    expect(own.seal()?.seq).toBe(1)
    await expect(late).rejects.toMatchObject({ code: 'closed' })
    expect(page.store.registers.get(identity.voter)?.seq).toBe(1)
    own.unseal()
    await own.publish(registerOf(identity, { seq: 2 }))
    expect(page.store.registers.get(identity.voter)?.seq).toBe(2)
  })

  it('goes on after what was kept: the same register again, then only higher ones', async () => {
    const [identity, page] = [await createIdentity(), pageOf()]
    const kept = registerOf(identity, { seq: 7 })
    const own = page.store.own(identity, kept)
    await own.publish(kept)
    expect(page.map.has(identity.voter)).toBe(true)
    await expect(own.publish({ ...kept, promised: 1 })).rejects.toMatchObject({ code: 'register-invalid' })
    await own.publish({ ...kept, seq: 8, promised: 1 })
  })

  it('after a refresh puts its entry above what the page before had written, and warns nobody of that', async () => {
    const identity = await createIdentity()
    const kept = registerOf(identity, { seq: 7 })
    const before = await signRegister(kept, identity, 'room')
    const [page, reader] = [pageOf(), pageOf()]
    const own = page.store.own(identity, kept)
    await own.publish(kept)
    await own.publish({ ...kept, seq: 8 })
    const latest = page.map.get(identity.voter)
    page.map.set(identity.voter, before)
    page.clock.advance(250)
    expect(page.map.get(identity.voter)).toBe(latest)
    await sync(page, reader)
    expect([...page.rejected, ...reader.rejected]).toEqual([])
    expect(reader.store.registers.get(identity.voter)?.seq).toBe(8)
  })

  it('proves equivocation to those who saw one of the two values, and all exclude the same voter', async () => {
    const cheat = await createIdentity()
    const [one, two] = await Promise.all(
      [0, 1].map((promised) => signRegister(registerOf(cheat, { promised }), cheat, 'room')),
    )
    const [ann, ben, late] = [pageOf(), pageOf(), pageOf()]
    ann.map.set(cheat.voter, one)
    await rest(ann)
    ben.map.set(cheat.voter, two)
    await rest(ben)
    expect(ben.store.registers.has(cheat.voter)).toBe(true)
    // Whichever of the two values wins in the map, one of the pages has seen the other one before.
    await sync(ann, ben)
    await sync(ben, ann)
    await sync(ann, ben)
    await sync(ann, late)
    for (const page of [ann, ben, late]) {
      expect(page.store.registers.has(cheat.voter)).toBe(false)
      expect(page.store.isExcluded(cheat.voter)).toBe(true)
      expect(page.rejected).toContain('register-equivocated')
    }
  })

  it('does not believe a proof that is none, and sweeps it out with all other garbage', async () => {
    const [honest, page] = [await createIdentity(), pageOf()]
    const value = await signRegister(registerOf(honest), honest, 'room')
    page.map.set(honest.voter, value)
    page.map.set(proofKey(honest.voter), `${value.length}.${value}${value}`)
    page.map.set('junk', { any: 'thing' })
    await rest(page)
    expect(page.store.isExcluded(honest.voter)).toBe(false)
    page.store.sweep()
    expect([...page.map.keys()]).toEqual([honest.voter])
  })

  it('P07 removes what the dead have left, from the document and from memory, and a sleeper writes itself back', async () => {
    const [dead, here, sleeper] = await Promise.all([createIdentity(), createIdentity(), createIdentity()])
    const page = pageOf()
    await page.store.own(here).publish(registerOf(here))
    const asleep = pageOf()
    await asleep.store.own(sleeper).publish(registerOf(sleeper))
    await sync(asleep, page)
    page.map.set(dead.voter, await signRegister(registerOf(dead), dead, 'room'))
    await rest(page)
    expect(page.store.registers.size).toBe(3)
    page.store.sweep()
    expect(page.store.registers.size).toBe(3)
    page.clock.advance(100_000)
    expect([...page.store.sweep()].sort()).toEqual([dead.voter, sleeper.voter].sort())
    expect([...page.map.keys()]).toEqual([here.voter])
    expect([...page.store.registers.keys()]).toEqual([here.voter])
    await sync(page, asleep)
    asleep.clock.advance(1000)
    await sync(asleep, page)
    expect([...page.store.registers.keys()].sort()).toEqual([here.voter, sleeper.voter].sort())
  })

  it('shows only registers that count, and again when that has changed', async () => {
    const [one, other] = await Promise.all([createIdentity(), createIdentity()])
    const admitted = new Set<string>()
    const page = pageOf({ counts: ({ voter }) => admitted.has(voter) })
    for (const who of [one, other]) page.map.set(who.voter, await signRegister(registerOf(who), who, 'room'))
    await rest(page)
    expect(page.store.registers.size).toBe(0)
    admitted.add(one.voter)
    page.store.recount()
    expect([...page.store.registers.keys()]).toEqual([one.voter])
  })
})
