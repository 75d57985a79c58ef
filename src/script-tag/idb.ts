/**
 * In place of `idb` in the script-tag build: requests as promises, and of the rest as much as `history/` uses
 * (`store` and `done` of a transaction over one store, a cursor that continues).
 */

interface Callbacks {
  readonly upgrade: (database: unknown, from: number, to: number | null, transaction: unknown) => void
  readonly blocking: (current: number, blocked: number | null, event: Event) => void
  readonly terminated: () => void
}

/** Opens a database; rejects with the request's error. */
export async function openDB(name: string, version: number, callbacks: Callbacks): Promise<unknown> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = ({ oldVersion, newVersion }) =>
    callbacks.upgrade(request.result, oldVersion, newVersion, request.transaction)
  const database = await settled(request)
  database.onclose = callbacks.terminated
  database.onversionchange = (event) => callbacks.blocking(event.oldVersion, event.newVersion, event)
  return wrap(database)
}

/** What is given to `upgrade` is not wrapped. */
export const unwrap = <Value>(value: Value): Value => value

function wrap(value: unknown): unknown {
  if (value instanceof IDBRequest) return settled(value).then(wrap)
  return WRAPPED.some((kind) => value instanceof globalThis[kind]) ? new Proxy(value as object, traps) : value
}

const WRAPPED = ['IDBDatabase', 'IDBTransaction', 'IDBObjectStore', 'IDBIndex', 'IDBCursor'] as const

const traps: ProxyHandler<object> = {
  get(target, name) {
    if (target instanceof IDBTransaction && name === 'done') return committed(target)
    if (target instanceof IDBTransaction && name === 'store')
      return wrap(target.objectStore(target.objectStoreNames[0] ?? ''))
    const value: unknown = Reflect.get(target, name, target)
    if (typeof value !== 'function') return wrap(value)
    return (...values: unknown[]) => {
      const result: unknown = Reflect.apply(value, target, values)
      // Continuing fires the cursor's own request once more.
      return wrap(target instanceof IDBCursor ? target.request : result)
    }
  },
}

function settled<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(transaction.error ?? new DOMException('aborted', 'AbortError'))
    transaction.oncomplete = () => resolve()
    transaction.onerror = fail
    transaction.onabort = fail
  })
}
