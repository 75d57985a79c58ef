/** History on the script-tag build's own idb: it keeps what history promises. */
import * as fake from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HoldfastError } from '../../../src/errors.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { attemptOf, historyChecks } from '../../support/history-checks.js'

vi.mock('idb', () => import('../../../src/script-tag/idb.js'))

let warnings: HoldfastError[] = []
let opened: HistoryStore[] = []

beforeEach(() => {
  warnings = []
  opened = []
  vi.stubGlobal('indexedDB', new fake.IDBFactory())
  vi.stubGlobal('IDBKeyRange', fake.IDBKeyRange)
  vi.stubGlobal('IDBDatabase', fake.IDBDatabase)
  vi.stubGlobal('IDBObjectStore', fake.IDBObjectStore)
  vi.stubGlobal('IDBIndex', fake.IDBIndex)
  vi.stubGlobal('IDBCursor', fake.IDBCursor)
  vi.stubGlobal('IDBTransaction', fake.IDBTransaction)
  vi.stubGlobal('IDBRequest', fake.IDBRequest)
})
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()))
  vi.unstubAllGlobals()
})

const open = (): HistoryStore => {
  const onWarning = (error: HoldfastError) => void warnings.push(error)
  const store = openHistory({ mode: 'indexeddb', onWarning, databaseName: 'script-tag' })
  opened.push(store)
  return store
}

describe('a history on the script-tag file’s idb', () => {
  for (const check of historyChecks)
    it(check.name, async () => {
      await check.run({ open, isPersistent: true })
      expect(warnings).toEqual([])
    })

  it('reports a full disk with its code, when the transaction ends and not before', async () => {
    const store = open()
    await store.put(attemptOf())
    const put = vi.spyOn(fake.IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: InstanceType<typeof fake.IDBObjectStore>,
    ) {
      const request = this.get('nothing')
      this.transaction.abort()
      return request
    })
    await store.put(attemptOf())
    put.mockRestore()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.code).toMatch(/^storage-/)
    expect(await store.list()).toHaveLength(2)
  })

  it('gives way to a newer version in another tab', async () => {
    const store = open()
    await store.put(attemptOf())
    const newer = indexedDB.open('script-tag', 3)
    await new Promise((resolve) => {
      newer.onsuccess = resolve
    })
    newer.result.close()
    expect(warnings.map(({ code }) => code)).toEqual(['storage-newer'])
  })
})
