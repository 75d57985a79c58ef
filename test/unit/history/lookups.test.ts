/**
 * Lookups do not grow with history: counted by the rows that are touched, because times of a busy machine say
 * nothing. The times themselves are measured by `npm run bench -- history`.
 */
import * as fake from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { openArchive } from '../../../src/history/archive.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { settled, stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

const NAME = 'lookups-under-test'
const FEW = 10
const MANY = 1_000
let store: HistoryStore
/** From the start: idb takes for a cursor's step only what it finds when it is first used. */
const steps = vi.spyOn(fake.IDBCursor.prototype, 'continue')

beforeEach(() => {
  stubIndexedDB()
  store = openHistory({ mode: 'indexeddb', onWarning: () => undefined, databaseName: NAME })
})
afterEach(async () => {
  await store.close()
  vi.unstubAllGlobals()
})

/** Fills the table beside the store, half of it of another room. */
async function fill(count: number): Promise<void> {
  await store.list()
  const database = await settled(indexedDB.open(NAME))
  const rows = database.transaction('attempts', 'readwrite').objectStore('attempts')
  for (let index = 0; index < count; index += 1)
    rows.put(attemptOf({ room: index % 2 === 0 ? 'team' : 'other' }))
  await new Promise((resolve) => rows.transaction.addEventListener('complete', resolve))
  database.close()
}

/** Rows that a cursor stood on, and whole tables that were read. */
async function touchedBy(
  work: () => Promise<unknown>,
): Promise<{ readonly rows: number; readonly tables: number }> {
  steps.mockClear()
  const reads = [fake.IDBObjectStore.prototype, fake.IDBIndex.prototype].map((one) => vi.spyOn(one, 'getAll'))
  await work()
  const seen = { rows: steps.mock.calls.length, tables: reads.flatMap(({ mock }) => mock.calls).length }
  for (const read of reads) read.mockRestore()
  return seen
}

it('P46 the newest of a room are found by index: as many rows are touched as are asked for, however many are stored', async () => {
  await fill(FEW)
  const few = await touchedBy(async () => expect(await store.list({ room: 'team', limit: 5 })).toHaveLength(5))
  await fill(MANY)
  const many = await touchedBy(async () => expect(await store.list({ room: 'team', limit: 5 })).toHaveLength(5))
  expect(few).toEqual({ rows: 5, tables: 0 })
  expect(many).toEqual(few)
})

it('P46 an explanation is found by its id, and no table is read for it', async () => {
  const archive = openArchive({ history: store, clock: systemClock(), names: () => [] })
  const gets = vi.spyOn(fake.IDBObjectStore.prototype, 'get')
  const seen = await touchedBy(() => archive.explanation('nobody'))
  expect(seen).toEqual({ rows: 0, tables: 0 })
  expect(gets.mock.calls.length).toBeLessThanOrEqual(1)
  gets.mockRestore()
  archive.close()
})
