/**
 * The append-only audit. Each row holds the hash of the one before, so that a row changed, removed or put in
 * later is found. A row's content enters the chain by a salted digest only: it can be erased on request and
 * the chain still holds. It does not protect against a script that rewrites everything; nothing here could.
 */
import type { Clock } from '../clock.js'
import type { ArchiveEvent, Audit, AuditReport, EventRow } from './archive-contract.js'
import type { HistoryStore } from './attempt.js'
import type { HistoryDatabase } from './database.js'
import { FAILURES_KEPT_MS, PRUNE_CHUNK } from './retention.js'
import { parseRows, toEvent } from './stored-rows.js'

/** Where a chain ends, or where it begins after the oldest rows have expired. */
interface Link {
  readonly seq: number
  readonly hash: string
}

const GENESIS: Link = { seq: 0, hash: 'genesis' }
const HEAD = 'audit-head'
const TAIL = 'audit-tail'
/** Other tabs append too; whoever finds the end moved tries again. Each time somebody else has got through. */
const TRIES_MAX = 64
/** Events in memory where there is no database. */
const MEMORY_MAX = 500
/** Rows of one answer unless asked for more or fewer. */
const LIST_DEFAULT = 1000
/** Rows verified between two looks at the database. */
const VERIFY_CHUNK = 500

/** Opens the audit over the history's connection. */
export function openAudit(history: HistoryStore, clock: Clock, names: () => readonly string[]): Audit {
  const pending: ArchiveEvent[] = []
  let memory: EventRow[] = []
  let writing: Promise<void> = Promise.resolve()

  const flush = async (): Promise<void> => {
    const events = pending.splice(0)
    if (events.length === 0) return
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const head = await history.work((database) => linkOf(database, HEAD))
      const from = head?.value ?? memory.at(-1) ?? GENESIS
      const rows = await chained(from, events, clock.wallNow())
      if (head === null) {
        memory = [...memory, ...rows].slice(-MEMORY_MAX)
        return
      }
      const isWritten = await history.work((database) => appendRows(database, from, rows))
      if (isWritten?.value) return
    }
  }

  return {
    append(event) {
      pending.push(toEvent(event, names()))
      writing = writing.then(flush)
      return writing
    },
    async list({ room, limit = LIST_DEFAULT } = {}) {
      const read = await history.work((database) => readEvents(database, room, limit))
      const rows = read?.value ?? memory.filter(({ event }) => room === undefined || event?.room === room)
      return rows.slice(-limit)
    },
    verify: async () => (await verifyChain(history)) ?? verifyRows(memory, memory[0]?.previous),
  }
}

/** Deletes the expired beginning of the chain, a few rows; returns whether there may be more. */
export async function pruneEvents(database: HistoryDatabase, nowMs: number): Promise<boolean> {
  const transaction = database.transaction(['events', 'facts'], 'readwrite')
  const work = async (): Promise<boolean> => {
    const events = transaction.objectStore('events')
    const rows = await events.getAll(null, PRUNE_CHUNK)
    const kept = rows.findIndex(({ keepUntilMs }) => keepUntilMs >= nowMs)
    const expired = kept < 0 ? rows : rows.slice(0, kept)
    const last = expired.at(-1)
    if (last === undefined) return false
    // All that lies between the first and the last row is among them: they were read in the order of their keys.
    await events.delete(IDBKeyRange.upperBound(last.seq))
    await transaction.objectStore('facts').put({ key: TAIL, value: { seq: last.seq, hash: last.hash } })
    return expired.length === PRUNE_CHUNK
  }
  const [isMore] = await Promise.all([work(), transaction.done])
  return isMore
}

async function chained(from: Link, events: readonly ArchiveEvent[], atMs: number): Promise<EventRow[]> {
  const rows: EventRow[] = []
  for (const event of events) {
    const { seq, hash: previous } = rows.at(-1) ?? from
    const salt = crypto.randomUUID()
    const digest = await digestOf(salt, event)
    const unhashed = { seq: seq + 1, atMs, digest, previous }
    const hash = await hashOf(unhashed)
    rows.push({ ...unhashed, hash, event, salt, keepUntilMs: atMs + FAILURES_KEPT_MS })
  }
  return rows
}

/** Appends unless another tab has done so since `from` was read. */
async function appendRows(database: HistoryDatabase, from: Link, rows: readonly EventRow[]): Promise<boolean> {
  const transaction = database.transaction(['events', 'facts'], 'readwrite')
  const facts = transaction.objectStore('facts')
  const work = async (): Promise<boolean> => {
    const head = asLink((await facts.get(HEAD))?.value)
    if (head.seq !== from.seq || head.hash !== from.hash) return false
    const last = rows.at(-1)
    if (last === undefined) return true
    await Promise.all(rows.map((row) => transaction.objectStore('events').put(row)))
    await facts.put({ key: HEAD, value: { seq: last.seq, hash: last.hash } })
    return true
  }
  const [isWritten] = await Promise.all([work(), transaction.done])
  return isWritten
}

async function readEvents(
  database: HistoryDatabase,
  room: string | undefined,
  limit: number,
): Promise<readonly EventRow[]> {
  const found: unknown[] = []
  let cursor = await database.transaction('events').store.openCursor(null, 'prev')
  while (cursor && found.length < limit) {
    const { event } = cursor.value
    if (event !== null && (room === undefined || event.room === room)) found.push(cursor.value)
    cursor = await cursor.continue()
  }
  return [...parseRows('events', found)].reverse()
}

/** In pieces, since hashing cannot happen inside a transaction; null when there is no database. */
async function verifyChain(history: HistoryStore): Promise<AuditReport | null> {
  const ends = await history.work(async (database) => ({
    tail: await linkOf(database, TAIL),
    head: await linkOf(database, HEAD),
  }))
  if (ends === null) return null
  const { tail, head } = ends.value
  let { seq, hash } = tail
  let [checked, erased] = [0, 0]
  while (seq < head.seq) {
    const range = IDBKeyRange.bound(seq, Math.min(seq + VERIFY_CHUNK, head.seq), true)
    const read = await history.work((database) => database.getAll('events', range))
    const rows = parseRows('events', read?.value ?? [])
    const part = await verifyRows(rows, hash, seq)
    checked += part.checked
    erased += part.erased
    const last = rows.at(-1)
    if (!part.isIntact || last === undefined)
      return { isIntact: false, checked, erased, brokenAt: part.brokenAt ?? seq + 1 }
    ;({ seq, hash } = last)
  }
  const isIntact = hash === head.hash
  return { isIntact, checked, erased, brokenAt: isIntact ? null : head.seq }
}

async function verifyRows(
  rows: readonly EventRow[],
  begin = GENESIS.hash,
  after = (rows[0]?.seq ?? 1) - 1,
): Promise<AuditReport> {
  let previous = begin
  let erased = 0
  for (const [index, row] of rows.entries()) {
    const isNext = row.seq === after + index + 1 && row.previous === previous
    const isTrue = row.hash === (await hashOf(row))
    const isErased = row.event === null || row.salt === null
    const isSame = isErased || row.digest === (await digestOf(row.salt, row.event))
    if (!isNext || !isTrue || !isSame) return { isIntact: false, checked: index, erased, brokenAt: row.seq }
    if (isErased) erased += 1
    previous = row.hash
  }
  return { isIntact: true, checked: rows.length, erased, brokenAt: null }
}

async function linkOf(database: HistoryDatabase, key: string): Promise<Link> {
  return asLink((await database.get('facts', key))?.value)
}

function asLink(value: unknown): Link {
  const { seq, hash } = (value ?? {}) as Partial<Link>
  return typeof seq === 'number' && typeof hash === 'string' ? { seq, hash } : GENESIS
}

function digestOf(salt: string | null, event: ArchiveEvent | null): Promise<string> {
  if (event === null) return Promise.resolve('')
  const { room, kind, participant, facts } = event
  const sorted = Object.entries(facts).sort(([one], [other]) => (one < other ? -1 : 1))
  return sha256(JSON.stringify([salt, room, kind, participant, sorted]))
}

function hashOf({ seq, atMs, digest, previous }: Pick<EventRow, 'seq' | 'atMs' | 'digest' | 'previous'>) {
  return sha256(JSON.stringify([seq, atMs, digest, previous]))
}

async function sha256(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
