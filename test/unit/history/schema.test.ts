import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openHistory } from '../../../src/history/history.js'
import { migrate, SCHEMA_VERSION } from '../../../src/history/schema.js'
import { settled, stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

const NAME = 'migrated'

beforeEach(stubIndexedDB)
afterEach(() => vi.unstubAllGlobals())

/** Databases as earlier versions of the package made them, with a row in each store. */
const OLDER: Readonly<Record<number, (database: IDBDatabase) => void>> = {
  1: (database) => {
    const store = database.createObjectStore('attempts', { keyPath: 'id' })
    store.createIndex('by-started', 'startedAtMs')
    store.createIndex('by-room', ['room', 'startedAtMs'])
  },
}

const VERSIONS = Object.keys(OLDER).map(Number)

async function openPlain(version: number, upgrade: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, version)
  request.onupgradeneeded = () => upgrade(request.result)
  return settled(request)
}

async function makeOlder(version: number): Promise<ReturnType<typeof attemptOf>> {
  const database = await openPlain(version, OLDER[version] as (database: IDBDatabase) => void)
  const attempt = attemptOf()
  const transaction = database.transaction('attempts', 'readwrite')
  await settled(transaction.objectStore('attempts').put(attempt))
  database.close()
  return attempt
}

function shapeOf(database: IDBDatabase): Record<string, readonly string[]> {
  return Object.fromEntries(
    [...database.objectStoreNames].map((name) => [
      name,
      [...database.transaction(name).objectStore(name).indexNames],
    ]),
  )
}

async function freshShape(): Promise<Record<string, readonly string[]>> {
  const store = openHistory({ mode: 'indexeddb', databaseName: 'fresh', onWarning: () => undefined })
  await store.list()
  await store.close()
  const database = await settled(indexedDB.open('fresh'))
  const shape = shapeOf(database)
  database.close()
  return shape
}

describe('migration of the history', () => {
  it('P50 has a test from every version before this one', () => {
    expect(VERSIONS).toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1))
  })

  for (const version of VERSIONS)
    it(`P50 from version ${version}: nothing is lost, and the result is the same as a fresh database`, async () => {
      const attempt = await makeOlder(version)
      const store = openHistory({ mode: 'indexeddb', databaseName: NAME, onWarning: () => undefined })
      expect(await store.list()).toEqual([attempt])
      await store.close()
      const database = await settled(indexedDB.open(NAME))
      expect(database.version).toBe(SCHEMA_VERSION)
      expect(shapeOf(database)).toEqual(await freshShape())
      database.close()
    })

  it('P50 may be repeated: on a database that has everything it changes nothing', async () => {
    const attempt = await makeOlder(1)
    for (const version of [SCHEMA_VERSION, SCHEMA_VERSION + 1]) {
      const request = indexedDB.open(NAME, version)
      request.onupgradeneeded = () => migrate(request.result, request.transaction as IDBTransaction)
      const database = await settled(request)
      expect(shapeOf(database)).toEqual(await freshShape())
      expect(await settled(database.transaction('attempts').objectStore('attempts').getAll())).toEqual([
        attempt,
      ])
      database.close()
    }
  })

  it('P50 a migration that broke off is made whole by the next start', async () => {
    const attempt = await makeOlder(1)
    const request = indexedDB.open(NAME, SCHEMA_VERSION)
    request.onupgradeneeded = () => {
      migrate(request.result, request.transaction as IDBTransaction)
      request.transaction?.abort()
    }
    await expect(settled(request)).rejects.toMatchObject({ name: 'AbortError' })
    const store = openHistory({ mode: 'indexeddb', databaseName: NAME, onWarning: () => undefined })
    expect(await store.list()).toEqual([attempt])
    expect(store.mode).toBe('indexeddb')
    await store.close()
  })

  it('P50 the way back: an older version refuses politely, goes on in memory and leaves all rows', async () => {
    const newer = await openPlain(SCHEMA_VERSION + 5, (database) => {
      OLDER[1]?.(database)
      database.createObjectStore('of-the-future')
    })
    const kept = attemptOf()
    await settled(newer.transaction('attempts', 'readwrite').objectStore('attempts').put(kept))
    newer.close()
    const warnings: string[] = []
    const onWarning = ({ code }: { code: string }): void => void warnings.push(code)
    const store = openHistory({ mode: 'indexeddb', databaseName: NAME, onWarning })
    await store.put(attemptOf())
    expect(await store.list()).toHaveLength(1)
    expect(store.mode).toBe('memory')
    expect(warnings).toEqual(['storage-newer'])
    const again = await settled(indexedDB.open(NAME))
    expect(again.version).toBe(SCHEMA_VERSION + 5)
    expect(await settled(again.transaction('attempts').objectStore('attempts').getAll())).toEqual([kept])
    again.close()
  })
})
