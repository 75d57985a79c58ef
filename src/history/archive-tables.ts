/** Reads and writes of the archive that are more than one call: each one transaction, each repeatable. */
import type { ExplanationRow, IncidentRow, PatternRow } from './archive-contract.js'
import type { HistoryDatabase } from './database.js'
import { FAILURES_KEPT_MS } from './retention.js'
import { parseRows } from './stored-rows.js'

/** A pattern seen this often is no accident and is kept however long ago it was (promise P47). */
const FREQUENT_MIN = 10

/** Counts one more incident of its kind, so that a kind is one row however often it happens (promise P42). */
export async function countIncident(
  database: HistoryDatabase,
  incident: Pick<IncidentRow, 'id' | 'signature' | 'context' | 'message'>,
  nowMs: number,
): Promise<void> {
  const transaction = database.transaction('incidents', 'readwrite')
  const work = async (): Promise<void> => {
    const [before] = parseRows('incidents', [await transaction.store.get(incident.id)])
    await transaction.store.put({
      ...incident,
      count: (before?.count ?? 0) + 1,
      firstAtMs: before?.firstAtMs ?? nowMs,
      lastAtMs: nowMs,
      keepUntilMs: nowMs + FAILURES_KEPT_MS,
    })
  }
  await Promise.all([work(), transaction.done])
}

/** Changes one pattern with what any tab may have written to it meanwhile. */
export async function putPattern(
  database: HistoryDatabase,
  id: string,
  change: (before: PatternRow | null) => PatternRow,
  nowMs: number,
): Promise<PatternRow> {
  const transaction = database.transaction('patterns', 'readwrite')
  const work = async (): Promise<PatternRow> => {
    const [before] = parseRows('patterns', [await transaction.store.get(id)])
    const { keepUntilMs: _, ...changed } = change(before ?? null)
    // Without the field a row is not in the index by expiry, and nothing that has expired is looked for elsewhere.
    const keep = changed.seen >= FREQUENT_MIN ? {} : { keepUntilMs: nowMs + FAILURES_KEPT_MS }
    const row: PatternRow = { ...changed, usedAtMs: nowMs, ...keep }
    await transaction.store.put(row)
    return row
  }
  const [row] = await Promise.all([work(), transaction.done])
  return row
}

/** Explanations as they are stored, newest first. */
export async function readExplanations(
  database: HistoryDatabase,
  room: string | undefined,
  limit: number,
): Promise<readonly ExplanationRow[]> {
  const { store } = database.transaction('explanations')
  const rows: ExplanationRow[] = []
  let cursor = await (room === undefined
    ? // All are kept equally long, so the order of expiry is the order of time.
      store.index('by-expiry').openCursor(null, 'prev')
    : store
        .index('by-room')
        .openCursor(
          IDBKeyRange.bound([room, Number.NEGATIVE_INFINITY], [room, Number.POSITIVE_INFINITY]),
          'prev',
        ))
  while (cursor && rows.length < limit) {
    rows.push(cursor.value)
    cursor = await cursor.continue()
  }
  return rows
}
