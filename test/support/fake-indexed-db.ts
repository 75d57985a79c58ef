/** IndexedDB in Node: a fresh one for each test, with the classes by which the idb package knows its objects. */
import * as fake from 'fake-indexeddb'
import { vi } from 'vitest'

/** Puts an empty IndexedDB in place; undo with `vi.unstubAllGlobals()`. */
export function stubIndexedDB(): void {
  vi.stubGlobal('indexedDB', new fake.IDBFactory())
  const { IDBKeyRange, IDBDatabase, IDBObjectStore, IDBIndex, IDBCursor, IDBTransaction, IDBRequest } = fake
  const classes = { IDBKeyRange, IDBDatabase, IDBObjectStore, IDBIndex, IDBCursor, IDBTransaction, IDBRequest }
  for (const [name, value] of Object.entries(classes)) vi.stubGlobal(name, value)
}

/** The result of a plain request. */
export function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
