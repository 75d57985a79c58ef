/**
 * Goes through a whole store in pieces, each a transaction of its own, so that neither the page nor other tabs
 * wait. Rows written meanwhile may or may not be seen.
 */
import type { StoreNames } from 'idb'
import type { Clock } from '../clock.js'
import type { HistoryStore } from './attempt.js'
import type { HistoryDatabase } from './database.js'
import { PRUNE_CHUNK, PRUNE_PAUSE_MS } from './retention.js'
import type { HistorySchema } from './schema.js'
import { deleteRows } from './table.js'

/** A store of the history database. */
export type StoreName = StoreNames<HistorySchema>

/** Rows of one page of {@link readAll}: some milliseconds to copy. */
const PAGE_MAX = 500

/** What happens to a row that was looked at: stays, goes, or is written anew. */
export type Verdict<Row> = 'keep' | 'delete' | Row

/** Looks at every row, until the database goes away. */
export async function walk<Row extends object>(
  history: HistoryStore,
  clock: Clock,
  name: StoreName,
  judge: (row: Row) => Verdict<Row>,
): Promise<void> {
  const step = async (after: IDBValidKey | null): Promise<IDBValidKey | null> =>
    (await history.work((database) => walkChunk(database, name, after, judge)))?.value ?? null
  for (let after = await step(null); after !== null; after = await step(after)) await pause(clock)
}

/** All rows of a store, a page at a time. */
export async function readAll(history: HistoryStore, name: StoreName): Promise<readonly unknown[]> {
  const all: unknown[] = []
  let page = await readPage(history, name, null)
  while (page.rows.length === PAGE_MAX) {
    all.push(...page.rows)
    page = await readPage(history, name, page.last)
  }
  return [...all, ...page.rows]
}

/** How many rows of a store are beyond its largest number. */
export async function surplusOf(database: HistoryDatabase, name: StoreName, rowsMax: number): Promise<number> {
  return Math.max(0, (await database.count(name)) - rowsMax)
}

/** Deletes a few expired rows of a store, or a few of the oldest while there is a surplus; returns how many. */
export async function pruneChunk(
  database: HistoryDatabase,
  name: 'incidents' | 'explanations' | 'readings' | 'patterns',
  nowMs: number,
  surplus: number,
): Promise<number> {
  const transaction = database.transaction(name, 'readwrite')
  const work = async (): Promise<number> => {
    const range = surplus > 0 ? null : IDBKeyRange.upperBound(nowMs, true)
    const countMax = surplus > 0 ? Math.min(surplus, PRUNE_CHUNK) : PRUNE_CHUNK
    const keys = await transaction.store.index('by-expiry').getAllKeys(range, countMax)
    await deleteRows(transaction.store, keys)
    return keys.length
  }
  const [count] = await Promise.all([work(), transaction.done])
  return count
}

/** Lets everybody else have a turn. */
export function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.after(PRUNE_PAUSE_MS, resolve))
}

interface Page {
  readonly rows: readonly unknown[]
  readonly last: IDBValidKey | null
}

async function readPage(history: HistoryStore, name: StoreName, after: IDBValidKey | null): Promise<Page> {
  const read = await history.work<Page>(async (database) => {
    const { store } = database.transaction(name)
    const range = after === null ? null : IDBKeyRange.lowerBound(after, true)
    const [rows, keys] = await Promise.all([store.getAll(range, PAGE_MAX), store.getAllKeys(range, PAGE_MAX)])
    return { rows, last: keys.at(-1) ?? null }
  })
  return read?.value ?? { rows: [], last: null }
}

async function walkChunk<Row extends object>(
  database: HistoryDatabase,
  name: StoreName,
  after: IDBValidKey | null,
  judge: (row: Row) => Verdict<Row>,
): Promise<IDBValidKey | null> {
  const transaction = database.transaction(name, 'readwrite')
  const work = async (): Promise<IDBValidKey | null> => {
    let last: IDBValidKey | null = null
    let cursor = await transaction.store.openCursor(after === null ? null : IDBKeyRange.lowerBound(after, true))
    for (let seen = 0; cursor && seen < PRUNE_CHUNK; seen += 1) {
      const verdict = judge(cursor.value as unknown as Row)
      if (verdict === 'delete') await cursor.delete()
      else if (verdict !== 'keep') await cursor.update(verdict as never)
      last = cursor.primaryKey
      cursor = await cursor.continue()
    }
    return cursor ? last : null
  }
  const [next] = await Promise.all([work(), transaction.done])
  return next
}
