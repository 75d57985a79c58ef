import { openDB, unwrap } from 'idb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type HistorySchema, migrate, SCHEMA_VERSION } from '../../../src/history/schema.js'
import { deleteRows } from '../../../src/history/table.js'
import { stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

beforeEach(stubIndexedDB)
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Deletes rows of a store that holds `a` to `f`; returns what is left and how many requests it took. */
async function deleting(keys: readonly string[]): Promise<{ left: readonly string[]; requests: number }> {
  const database = await openDB<HistorySchema>('table-under-test', SCHEMA_VERSION, {
    upgrade: (opened, _from, _to, transaction) => migrate(unwrap(opened), unwrap(transaction)),
  })
  const transaction = database.transaction('attempts', 'readwrite')
  for (const id of 'abcdef') await transaction.store.put(attemptOf({ id }))
  const requests = vi.spyOn(IDBObjectStore.prototype, 'delete')
  await deleteRows(transaction.store, keys)
  await transaction.done
  const left = await database.getAllKeys('attempts')
  database.close()
  return { left, requests: requests.mock.calls.length }
}

it('deletes rows that lie side by side in one request, in whatever order they are named', async () => {
  expect(await deleting(['d', 'b', 'c'])).toEqual({ left: ['a', 'e', 'f'], requests: 1 })
})

it('leaves alone what lies between the rows that go', async () => {
  expect((await deleting(['b', 'd', 'e'])).left).toEqual(['a', 'c', 'f'])
})

it('deletes nothing when nothing is named', async () => {
  expect(await deleting([])).toEqual({ left: ['a', 'b', 'c', 'd', 'e', 'f'], requests: 0 })
})
