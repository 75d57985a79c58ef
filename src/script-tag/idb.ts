/**
 * In place of `idb` in the script-tag build: requests as promises, and of the rest as much as the kept seat uses: one
 * store, values by key, and transactions that say when they are done.
 */

interface Callbacks {
  readonly upgrade: (database: IDBDatabase) => void
  readonly blocking: () => void
  readonly terminated: () => void
}

/** Opens a database; rejects with the request's error. */
export async function openDB(name: string, version: number, callbacks: Callbacks) {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => callbacks.upgrade(request.result)
  const database = await settled(request)
  database.onclose = callbacks.terminated
  database.onversionchange = callbacks.blocking
  return {
    close: () => database.close(),
    transaction(store: string, mode: IDBTransactionMode, options?: IDBTransactionOptions) {
      const transaction = database.transaction(store, mode, options)
      return {
        store: storeOf(transaction.objectStore(store)),
        done: committed(transaction),
        commit: () => transaction.commit(),
      }
    },
  }
}

function storeOf(store: IDBObjectStore) {
  return {
    get: (key: IDBValidKey) => settled(store.get(key)),
    put: (value: unknown, key: IDBValidKey) => settled(store.put(value, key)),
    delete: (key: IDBValidKey) => settled(store.delete(key)),
  }
}

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'))
  })
}
