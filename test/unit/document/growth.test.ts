/**
 * How large the document gets: every size here is of what a newcomer downloads, in bytes, from the production
 * store with real signatures.
 */
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { hashRecord, makeRecord } from '../../../src/consensus/record.js'
import { freshRegister, type Register } from '../../../src/consensus/register.js'
import { createIdentity, type OwnIdentity } from '../../../src/document/identity.js'
import { parseRegister } from '../../../src/document/register-body.js'
import { createRegisterStore, type RegisterStore } from '../../../src/document/register-store.js'
import { signRegister } from '../../../src/document/register-wire.js'
import { type ManualClock, manualClock } from './manual-clock.js'

const CAPS = ['east', 'mesh', 'west']
const ignore = (): void => undefined

interface TestPage {
  readonly doc: Y.Doc
  readonly store: RegisterStore
  readonly identity: OwnIdentity
  publish(register: Register): Promise<void>
}

async function pageOf(clock: ManualClock, from?: Y.Doc): Promise<TestPage> {
  const doc = new Y.Doc()
  if (from) Y.applyUpdate(doc, Y.encodeStateAsUpdate(from))
  const map = doc.getMap<unknown>('registers')
  const store = createRegisterStore({ map, room: 'room', clock, onChange: ignore, reject: ignore })
  const identity = await createIdentity()
  const own = store.own(identity)
  return { doc, store, identity, publish: (register) => own.publish(register) }
}

/** Registers of a call of five on three providers, in the middle of its life. */
function registersOf(committee: readonly string[], voter: string, seq: number) {
  const lineage = `1.${committee[0]}.112.${committee[1] ?? 'f'.repeat(22)}`
  const seats = committee.map((one) => ({ voter: one, caps: CAPS }))
  const parent = 'p'.repeat(32)
  const head = makeRecord({ lineage, n: 112, provider: 'east', seats, parent })
  const next = makeRecord({ lineage, n: 113, provider: 'west', seats, parent: hashRecord(head) })
  const person = { voter, participant: '5f0c6a52-3a0c-4f4b-9d3e-0d5f7a1c2b3d', joinedAt: 1_795_000_000_000 }
  const rest = {
    ...freshRegister({ ...person, caps: CAPS, warm: { mesh: 'ready', west: 'ready' } }, head),
    seq,
  }
  const voting = { ...rest, want: { provider: 'west', n: 113 }, votedBallot: 0, voted: next }
  const proposing = { ...voting, promised: 1, votedBallot: 1, proposedRound: 1, proposed: next }
  return { rest, voting, proposing }
}

describe('size of the document', () => {
  it('has registers of at most 700 bytes for five members and three providers, whatever they say', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, createIdentity))
    const committee = people.map(({ voter }) => voter)
    const identity = people[2] as OwnIdentity
    const sizes: Record<string, number> = {}
    for (const [name, register] of Object.entries(registersOf(committee, identity.voter, 12_345)))
      sizes[name] = (await signRegister(register, identity, 'room')).length
    expect(Math.max(...Object.values(sizes)), JSON.stringify(sizes)).toBeLessThanOrEqual(700)
  })

  it('drops fields that it does not know when a register is written again', () => {
    const { rest } = registersOf(['a'.repeat(22)], 'a'.repeat(22), 1)
    const page = (text: string) => parseRegister(rest.voter, text)
    const text = JSON.stringify({
      q: 1,
      p: 0,
      j: 1,
      l: 1,
      h: [1, 0, -1, [2], [], [], 0],
      c: [],
      m: [],
      a: 0,
      b: -1,
      r: 0,
      t: ['ann', 'l', rest.voter],
      bloat: 'x',
    })
    expect(page(text)).not.toBeNull()
    expect(JSON.stringify(page(text))).not.toContain('bloat')
  })

  it('P07 stays below 1 kB per live voter after an hour in which everybody came anew every ten minutes', async () => {
    const clock = manualClock()
    const people = 10
    let pages = await Promise.all(Array.from({ length: people }, () => pageOf(clock)))
    const spread = (): void => {
      for (let round = 0; round < 2; round += 1)
        for (const from of pages)
          for (const to of pages)
            if (from !== to) Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc)))
    }
    const settle = async (): Promise<void> => {
      spread()
      await Promise.resolve()
      await Promise.all(pages.map(({ store }) => store.settled()))
    }
    const speak = async (): Promise<void> => {
      const committee = pages.slice(0, 5).map(({ identity }) => identity.voter)
      await Promise.all(
        pages.map(async ({ identity, publish }, index) => {
          const { rest, voting } = registersOf(committee, identity.voter, clock.now() * 2 + 1)
          if (index < 5) await publish(voting)
          await publish({ ...rest, seq: rest.seq + 1 })
        }),
      )
      await settle()
    }
    await speak()
    // Each minute is a decision; one page after the other is closed without a word and comes back as a new voter.
    for (let minute = 0; minute < 60; minute += 1) {
      clock.advance(60_000)
      const at = minute % people
      const [gone, other] = [pages[at], pages[(at + 1) % people]]
      gone?.store.close()
      pages = [...pages]
      pages[at] = await pageOf(clock, other?.doc)
      await speak()
      for (const { store } of pages) store.sweep()
      await settle()
    }
    clock.advance(100_000)
    await speak()
    for (const { store } of pages) store.sweep()
    await settle()
    const bytes = Y.encodeStateAsUpdate(pages[0]?.doc ?? new Y.Doc()).length
    expect(pages[0]?.store.registers.size).toBe(people)
    // Figures belong in the log of a run.
    process.stdout.write(`after an hour of churn: ${bytes} bytes for ${people} live voters\n`)
    expect(bytes / people, `${bytes} bytes`).toBeLessThanOrEqual(1000)
  })
})
