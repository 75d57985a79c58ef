/**
 * Whether the database is what it should be: every store readable, none missing, and rows that can be understood. For
 * the workflows that repair the store and what was learned; nothing here decides anything.
 */
import type { HistoryStore } from './attempt.js'
import { type HistorySchema, SCHEMA_VERSION } from './schema.js'
import { parseRows } from './stored-rows.js'
import { readAll, type StoreName } from './walk.js'

/** All stores; the type says so. */
const NAMES: Readonly<Record<keyof HistorySchema & StoreName, true>> = {
  attempts: true,
  incidents: true,
  explanations: true,
  readings: true,
  patterns: true,
  events: true,
  facts: true,
}

/** Whether a row of every store can be read. */
export async function isReadable(history: HistoryStore): Promise<boolean> {
  const read = await history.work(async (database) => {
    for (const name of Object.keys(NAMES) as StoreName[]) await database.getAll(name, null, 1)
    return true
  })
  return read?.value ?? false
}

/** Whether the database has the present version and all of its stores. */
export async function isMigrated(history: HistoryStore): Promise<boolean> {
  const read = await history.work(
    async (database) =>
      Object.keys(NAMES).every((name) => database.objectStoreNames.contains(name as StoreName)) &&
      database.version === SCHEMA_VERSION,
  )
  return read?.value ?? false
}

/** Keys of learned patterns that cannot be understood. */
export async function corruptPatterns(history: HistoryStore): Promise<readonly string[]> {
  return (await readAll(history, 'patterns')).flatMap((row) =>
    parseRows('patterns', [row]).length === 0 ? [String((row as { id?: unknown }).id)] : [],
  )
}

/** Deletes them; how many there were. */
export async function dropCorruptPatterns(history: HistoryStore): Promise<number> {
  const keys = await corruptPatterns(history)
  await history.work(async (database) => {
    for (const key of keys) await database.delete('patterns', key)
  })
  return keys.length
}
