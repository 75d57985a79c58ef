/**
 * Erases what belongs to a participant, to a room, or everything, from every store. Patterns and incidents hold
 * nobody and stay, unless everything goes; the audit keeps the places of what it loses.
 */
import type { Clock } from '../clock.js'
import type { EventRow, ExplanationRow, ReadingRow } from './archive-contract.js'
import type { Attempt, HistoryStore } from './attempt.js'
import { type StoreName, walk } from './walk.js'

/** What has to go; both absent: everything. */
export interface Erasure {
  readonly participant: string | undefined
  readonly room: string | undefined
}

const ALL_STORES: readonly StoreName[] = [
  'attempts',
  'incidents',
  'explanations',
  'readings',
  'patterns',
  'events',
  'facts',
]

/** Whether a row of this room and participant has to go. */
export function isTheirs(
  { participant, room }: Erasure,
  row: { readonly room: string; readonly participant: string | null },
): boolean {
  return (
    (room === undefined || row.room === room) && (participant === undefined || row.participant === participant)
  )
}

/** A batch without what has to go; null when nothing is left, the same row when nothing was. */
export function withoutTheirs(erasure: Erasure, row: ReadingRow): ReadingRow | null {
  const readings = row.readings.filter(({ participant }) => !isTheirs(erasure, { room: row.room, participant }))
  if (readings.length === row.readings.length) return row
  return readings.length === 0 ? null : { ...row, readings }
}

/** Carries it out in the database. */
export async function eraseAll(history: HistoryStore, clock: Clock, erasure: Erasure): Promise<void> {
  if (erasure.participant === undefined && erasure.room === undefined) {
    await history.work(async (database) => {
      const transaction = database.transaction(ALL_STORES, 'readwrite')
      await Promise.all([...ALL_STORES.map((name) => transaction.objectStore(name).clear()), transaction.done])
    })
    return
  }
  await walk<Attempt>(history, clock, 'attempts', ({ room, initiator }) =>
    isTheirs(erasure, { room, participant: initiator }) ? 'delete' : 'keep',
  )
  await walk<ExplanationRow>(history, clock, 'explanations', (row) =>
    isTheirs(erasure, row) ? 'delete' : 'keep',
  )
  await walk<ReadingRow>(history, clock, 'readings', (row) => {
    const left = withoutTheirs(erasure, row)
    return left === row ? 'keep' : (left ?? 'delete')
  })
  await walk<EventRow>(history, clock, 'events', (row) =>
    row.event !== null && isTheirs(erasure, row.event) ? { ...row, event: null, salt: null } : 'keep',
  )
}
