/** A day of readings: batches in the database, or the latest ones in memory where there is none. */
import type { Clock } from '../clock.js'
import type { ReadingRow, ReadingStore } from './archive-contract.js'
import type { HistoryStore } from './attempt.js'
import type { HistoryDatabase } from './database.js'
import { READINGS_KEPT_MS } from './retention.js'
import { storedRoom } from './stored-attempt.js'
import { parseRows, toReadings } from './stored-rows.js'

/** Batches in memory: an hour of one every ten seconds. */
const MEMORY_MAX = 360
/** Readings of one answer unless asked for more or fewer. */
const QUERY_DEFAULT = 10_000

/** The readings, and how to take somebody's out of memory. */
export interface ReadingsInMemory extends ReadingStore {
  forget(judge: (row: ReadingRow) => ReadingRow | null): void
}

/** Opens the readings over the history's connection. */
export function openReadings(history: HistoryStore, clock: Clock): ReadingsInMemory {
  let memory: ReadingRow[] = []
  return {
    async append(room, batch) {
      const readings = toReadings(batch)
      if (readings.length === 0) return
      const atMs = readings.reduce((latest, one) => Math.max(latest, one.atMs), 0)
      const row: ReadingRow = {
        id: crypto.randomUUID(),
        room: storedRoom(room),
        atMs,
        keepUntilMs: atMs + READINGS_KEPT_MS,
        readings,
      }
      const isWritten = await history.work(async (database) => {
        await database.put('readings', row)
      })
      if (isWritten === null) memory = [...memory, row].slice(-MEMORY_MAX)
    },
    async query({ room, fromMs = 0, toMs = Number.POSITIVE_INFINITY, series, limit = QUERY_DEFAULT }) {
      const oldestMs = Math.max(fromMs, clock.wallNow() - READINGS_KEPT_MS)
      const stored = storedRoom(room)
      const read = await history.work((database) => readBatches(database, stored, oldestMs, limit))
      const rows = [...(read === null ? [] : parseRows('readings', read.value)), ...memory]
      return rows
        .filter((row) => row.room === stored)
        .flatMap((row) => row.readings)
        .filter(
          (one) => one.atMs >= oldestMs && one.atMs <= toMs && (series === undefined || one.series === series),
        )
        .sort((one, other) => one.atMs - other.atMs)
        .slice(-limit)
    },
    forget(judge) {
      memory = memory.flatMap((row) => judge(row) ?? [])
    },
  }
}

async function readBatches(
  database: HistoryDatabase,
  room: string,
  fromMs: number,
  limit: number,
): Promise<readonly unknown[]> {
  // A batch is filed under its newest reading, so none that begins earlier is missed.
  const range = IDBKeyRange.bound([room, fromMs], [room, Number.POSITIVE_INFINITY])
  const found: ReadingRow[] = []
  let count = 0
  let cursor = await database.transaction('readings').store.index('by-room').openCursor(range, 'prev')
  while (cursor && count < limit) {
    found.push(cursor.value)
    count += cursor.value.readings.length
    cursor = await cursor.continue()
  }
  return found
}
