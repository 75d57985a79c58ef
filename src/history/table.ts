/**
 * What is done with the table of attempts. Each is one transaction and may be repeated safely, since
 * the connection repeats a piece of work whose database went away under it.
 */
import type { IDBPObjectStore } from 'idb'
import type { Attempt } from './attempt.js'
import type { HistoryDatabase } from './database.js'
import { ATTEMPTS_MAX, FAILURES_KEPT_MS, isKept, LIST_MAX, PRUNE_CHUNK, RETENTION_MS } from './retention.js'
import type { HistorySchema } from './schema.js'
import { byNewest, fromStored } from './stored-attempt.js'

/** Writes or overwrites one attempt. */
export function putAttempt(database: HistoryDatabase, attempt: Attempt): Promise<void> {
  return transact(database, 'readwrite', async (store) => {
    await store.put(attempt)
  })
}

/** Attempts within the retention time, newest first; malformed rows are left out. */
export function readAttempts(
  database: HistoryDatabase,
  query: { readonly room?: string; readonly limit?: number },
  nowMs: number,
): Promise<readonly Attempt[]> {
  const { room, limit = LIST_MAX } = query
  const oldestMs = nowMs - FAILURES_KEPT_MS
  return transact(database, 'readonly', async (store) => {
    const rows: unknown[] = []
    let cursor =
      room === undefined
        ? await store.index('by-started').openCursor(IDBKeyRange.lowerBound(oldestMs), 'prev')
        : await store.index('by-room').openCursor(rangeOfRoom(room, oldestMs), 'prev')
    while (cursor && rows.length < limit) {
      rows.push(cursor.value)
      cursor = await cursor.continue()
    }
    return fromStored(rows)
      .filter((row) => isKept(row, nowMs))
      .sort(byNewest)
  })
}

/** Turns open attempts of a room that are not ours into cancelled ones; returns how many. */
export function settleAttempts(
  database: HistoryDatabase,
  room: string,
  isOurs: (id: string) => boolean,
): Promise<number> {
  return transact(database, 'readwrite', async (store) => {
    const rows = fromStored(await store.index('by-room').getAll(rangeOfRoom(room)))
    const abandoned = rows.filter((row) => row.outcome === 'in-progress' && !isOurs(row.id))
    await Promise.all(abandoned.map((row) => store.put({ ...row, outcome: 'cancelled' })))
    return abandoned.length
  })
}

/** Removes everything, or everything of one room. */
export function eraseAttempts(database: HistoryDatabase, room: string | undefined): Promise<void> {
  return transact(database, 'readwrite', async (store) => {
    if (room === undefined) return store.clear()
    const keys = await store.index('by-room').getAllKeys(rangeOfRoom(room))
    await Promise.all(keys.map((key) => store.delete(key)))
  })
}

/**
 * Deletes rows by their keys: in one request where nothing else lies between them, which ids that begin with
 * the time make usual. Each request is garbage, and collecting that of thousands holds the page for some ms.
 */
export async function deleteRows(store: Deletable, keys: readonly string[]): Promise<void> {
  const sorted = [...keys].sort()
  const range = keys[0] === undefined ? null : IDBKeyRange.bound(sorted[0], sorted.at(-1))
  if (range && (await store.count(range)) === keys.length) await store.delete(range)
  else await Promise.all(keys.map((key) => store.delete(key)))
}

/** How far pruning has come. */
export interface PruneProgress {
  readonly fromMs: number
  /** Attempts beyond the largest number; counted once, since counting looks at every row. */
  readonly surplus: number | null
}

/**
 * Deletes a few of those that are older than their retention time or beyond the largest number, the oldest
 * first. Returns where to go on; null when all is done.
 */
export function pruneAttempts(
  database: HistoryDatabase,
  nowMs: number,
  { fromMs, surplus }: PruneProgress,
): Promise<PruneProgress | null> {
  return transact(database, 'readwrite', async (store) => {
    const beyond = surplus ?? (await store.count()) - ATTEMPTS_MAX
    const toMs = beyond > 0 ? nowMs : nowMs - RETENTION_MS
    if (fromMs > toMs) return null
    const rows = await store.index('by-started').getAll(IDBKeyRange.bound(fromMs, toMs), PRUNE_CHUNK)
    const doomed = rows.filter((row, index) => index < beyond || !isKept(row, nowMs))
    await deleteRows(
      store,
      doomed.map(({ id }) => id),
    )
    const last = rows[PRUNE_CHUNK - 1]
    if (last === undefined) return null
    // A crowd of failures within one millisecond must not hold the walk.
    return { fromMs: Math.max(last.startedAtMs, fromMs + 1), surplus: beyond - doomed.length }
  })
}

interface Deletable {
  count(range: IDBKeyRange): Promise<number>
  delete(key: IDBKeyRange | string): Promise<void>
}

type Store<Mode extends IDBTransactionMode> = IDBPObjectStore<HistorySchema, ['attempts'], 'attempts', Mode>

/** Waits for the commit too: quota errors come only then, and an unobserved `done` would be reported. */
async function transact<Mode extends 'readonly' | 'readwrite', Result>(
  database: HistoryDatabase,
  mode: Mode,
  work: (store: Store<Mode>) => Promise<Result>,
): Promise<Result> {
  const transaction = database.transaction('attempts', mode)
  const [result] = await Promise.all([work(transaction.store), transaction.done])
  return result
}

function rangeOfRoom(room: string, oldestMs = Number.NEGATIVE_INFINITY): IDBKeyRange {
  return IDBKeyRange.bound([room, oldestMs], [room, Number.POSITIVE_INFINITY])
}
