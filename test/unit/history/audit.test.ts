import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import type { EventRow } from '../../../src/history/archive-contract.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openAudit, pruneEvents } from '../../../src/history/audit.js'
import { openHistory } from '../../../src/history/history.js'
import { settled, stubIndexedDB } from '../../support/fake-indexed-db.js'

const NAME = 'audited'
let opened: HistoryStore[] = []

beforeEach(() => {
  opened = []
  stubIndexedDB()
})
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()))
  vi.unstubAllGlobals()
})

function openStore(mode: 'indexeddb' | 'memory' = 'indexeddb'): HistoryStore {
  const store = openHistory({ mode, databaseName: NAME, onWarning: () => undefined })
  opened.push(store)
  return store
}

const auditOf = (store: HistoryStore) => openAudit(store, systemClock(), () => [])
const eventOf = (number: number, participant: string | null = null) => ({
  room: 'team',
  kind: 'attempt-ended',
  participant,
  facts: { number },
})

async function change(work: (rows: IDBObjectStore) => IDBRequest): Promise<void> {
  const database = await settled(indexedDB.open(NAME))
  await settled(work(database.transaction('events', 'readwrite').objectStore('events')))
  database.close()
}

async function rowOf(seq: number): Promise<EventRow> {
  const database = await settled(indexedDB.open(NAME))
  const row: EventRow = await settled(database.transaction('events').objectStore('events').get(seq))
  database.close()
  return row
}

for (const mode of ['indexeddb', 'memory'] as const)
  describe(`the audit in ${mode}`, () => {
    it('P49 is one chain in the order in which it was written, and verifies', async () => {
      const audit = auditOf(openStore(mode))
      await Promise.all([1, 2, 3, 4, 5].map((number) => audit.append(eventOf(number))))
      const rows = await audit.list()
      expect(rows.map(({ seq, event }) => [seq, event?.facts.number])).toEqual(
        [1, 2, 3, 4, 5].map((number) => [number, number]),
      )
      for (const [index, row] of rows.entries()) expect(row.previous).toBe(rows[index - 1]?.hash ?? 'genesis')
      expect(await audit.verify()).toEqual({ isIntact: true, checked: 5, erased: 0, brokenAt: null })
    })
  })

describe('the audit', () => {
  async function filled(): Promise<ReturnType<typeof auditOf>> {
    const audit = auditOf(openStore())
    for (let number = 1; number <= 6; number += 1)
      await audit.append(eventOf(number, number % 2 ? 'ana' : 'bob'))
    return audit
  }

  it('P49 notices a changed row', async () => {
    const audit = await filled()
    const row = await rowOf(3)
    await change((rows) => rows.put({ ...row, event: { ...eventOf(3), facts: { number: 4 } } }))
    expect(await audit.verify()).toMatchObject({ isIntact: false, brokenAt: 3 })
  })

  it('P49 notices a changed time, also when the row hashes to itself', async () => {
    const audit = await filled()
    const row = await rowOf(4)
    await change((rows) => rows.put({ ...row, atMs: row.atMs + 1 }))
    expect(await audit.verify()).toMatchObject({ isIntact: false, brokenAt: 4 })
  })

  it('P49 notices a row that was taken out, in the middle, at the beginning and at the end', async () => {
    for (const seq of [3, 1, 6]) {
      stubIndexedDB()
      const audit = await filled()
      await change((rows) => rows.delete(seq))
      expect((await audit.verify()).isIntact, `row ${seq}`).toBe(false)
    }
  })

  it('P49 notices a row that is no row', async () => {
    const audit = await filled()
    await change((rows) => rows.put({ seq: 2, hash: 7 }))
    expect(await audit.verify()).toMatchObject({ isIntact: false })
  })

  it('P49 several tabs write one chain', async () => {
    const audits = [auditOf(openStore()), auditOf(openStore()), auditOf(openStore())]
    await Promise.all(Array.from({ length: 24 }, (_, number) => audits[number % 3]?.append(eventOf(number))))
    const rows = (await audits[0]?.list()) ?? []
    expect(rows.map(({ event }) => event?.facts.number).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 24 }, (_, number) => number),
    )
    expect(await audits[1]?.verify()).toMatchObject({ isIntact: true, checked: 24 })
  })

  it('P47 loses its expired beginning and goes on verifying from there', async () => {
    const audit = await filled()
    const store = opened[0] as HistoryStore
    const later = Date.now() + 91 * 24 * 3600 * 1000
    const { keepUntilMs } = await rowOf(4)
    for (const seq of [5, 6]) {
      const row = await rowOf(seq)
      await change((rows) => rows.put({ ...row, keepUntilMs: later + keepUntilMs }))
    }
    expect((await store.work((database) => pruneEvents(database, later)))?.value).toBe(false)
    expect((await audit.list()).map(({ seq }) => seq)).toEqual([5, 6])
    expect(await audit.verify()).toEqual({ isIntact: true, checked: 2, erased: 0, brokenAt: null })
    await audit.append(eventOf(7))
    expect(await audit.verify()).toMatchObject({ isIntact: true, checked: 3 })
  })
})
