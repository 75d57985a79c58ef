/**
 * The stores of the history database and the way there from every older version. A migration only adds what is
 * missing, so it may be repeated, and it never removes or rewrites a row. A page that runs an older version of
 * this package finds the database too new, leaves it alone and keeps its history in memory.
 *
 * Version 1 had the attempts. Version 2 added everything else.
 */
import type { DBSchema } from 'idb'
import type {
  EventRow,
  ExplanationRow,
  FactRow,
  IncidentRow,
  PatternRow,
  ReadingRow,
} from './archive-contract.js'
import type { Attempt } from './attempt.js'

/** The version that this package writes. */
export const SCHEMA_VERSION = 2

/** The schema, version 2. */
export interface HistorySchema extends DBSchema {
  attempts: {
    key: string
    value: Attempt
    indexes: { 'by-started': number; 'by-room': [string, number] }
  }
  incidents: { key: string; value: IncidentRow; indexes: { 'by-expiry': number } }
  explanations: {
    key: string
    value: ExplanationRow
    indexes: { 'by-room': [string, number]; 'by-expiry': number }
  }
  readings: { key: string; value: ReadingRow; indexes: { 'by-room': [string, number]; 'by-expiry': number } }
  patterns: { key: string; value: PatternRow; indexes: { 'by-expiry': number } }
  events: { key: number; value: EventRow; indexes: { 'by-expiry': number } }
  facts: { key: string; value: FactRow }
}

const BY_ROOM = { 'by-room': ['room', 'atMs'] } as const
const BY_EXPIRY = { 'by-expiry': 'keepUntilMs' } as const

/** Store to its key and its indexes. */
const STORES: Readonly<Record<string, readonly [key: string, indexes: Readonly<Record<string, KeyPath>>]>> = {
  attempts: ['id', { 'by-started': 'startedAtMs', 'by-room': ['room', 'startedAtMs'] }],
  incidents: ['id', BY_EXPIRY],
  explanations: ['id', { ...BY_ROOM, ...BY_EXPIRY }],
  readings: ['id', { ...BY_ROOM, ...BY_EXPIRY }],
  patterns: ['id', BY_EXPIRY],
  events: ['seq', BY_EXPIRY],
  facts: ['key', {}],
}

type KeyPath = string | readonly string[]

/** Adds the stores and indexes that are missing, whatever version the database comes from. */
export function migrate(database: IDBDatabase, transaction: IDBTransaction): void {
  for (const [name, [keyPath, indexes]] of Object.entries(STORES)) {
    const store = database.objectStoreNames.contains(name)
      ? transaction.objectStore(name)
      : database.createObjectStore(name, { keyPath })
    for (const [index, path] of Object.entries(indexes))
      if (!store.indexNames.contains(index)) store.createIndex(index, path as string | string[])
  }
}
