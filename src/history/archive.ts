/**
 * Everything that is kept besides attempts: incidents, explanations, patterns, readings and the audit. It is
 * loaded only after a call has joined, shares the connection of the history, and goes on with a little memory
 * where there is no database.
 */
import type { Clock } from '../clock.js'
import type { Archive, ExplanationRow } from './archive-contract.js'
import { countIncident, putPattern, readExplanations } from './archive-tables.js'
import type { HistoryStore } from './attempt.js'
import { openAudit, pruneEvents } from './audit.js'
import { type Erasure, eraseAll, isTheirs, withoutTheirs } from './erase.js'
import { openReadings } from './readings.js'
import { FAILURES_KEPT_MS, PRUNE_CHUNK, PRUNE_DELAY_MS } from './retention.js'
import { SCHEMA_VERSION } from './schema.js'
import { storedRoom } from './stored-attempt.js'
import { parseRows, toExplanation, toText } from './stored-rows.js'
import { pause, pruneChunk, readAll, surplusOf } from './walk.js'

/** Rows kept of each kind, far above what a person's calls leave; a runaway caller stops there. */
const INCIDENTS_MAX = 2000
const EXPLANATIONS_MAX = 20_000
const BATCHES_MAX = 20_000
const PATTERNS_MAX = 2000
/** Explanations of one answer unless asked for more or fewer. */
const LIST_DEFAULT = 200
/** Explanations in memory, for this page's own questions. */
const MEMORY_MAX = 200
/** Time between prunings of a page that stays open. */
const PRUNE_INTERVAL_MS = 60 * 60 * 1000

/** What {@link openArchive} takes. */
export interface ArchiveOptions {
  readonly history: HistoryStore
  readonly clock: Clock
  /** Names of the people in the call, which are taken out of texts. Default: none. */
  readonly names?: () => readonly string[]
}

/** Opens the archive over a history. Nothing is read before it is asked for. */
export function openArchive({ history, clock, names = () => [] }: ArchiveOptions): Archive {
  const readings = openReadings(history, clock)
  let memory: ExplanationRow[] = []
  let isClosed = false
  const later = (): Promise<boolean> => pause(clock).then(() => !isClosed)
  const prune = (): Promise<void> => pruneAll(history, clock, later)
  let cancel = clock.after(PRUNE_DELAY_MS, function again() {
    void prune()
    cancel = clock.after(PRUNE_INTERVAL_MS, again)
  })
  return {
    readings,
    audit: openAudit(history, clock, names),
    async countIncident(incident) {
      const nowMs = clock.wallNow()
      const message = toText(incident.message, names())
      await history.work((database) => countIncident(database, { ...incident, message }, nowMs))
    },
    incidents: async () => parseRows('incidents', await readAll(history, 'incidents')),
    async explain(row) {
      const keepUntilMs = row.atMs + FAILURES_KEPT_MS
      const stored = toExplanation({ ...row, room: storedRoom(row.room), keepUntilMs }, names())
      memory = [stored, ...memory.filter(({ id }) => id !== stored.id)].slice(0, MEMORY_MAX)
      await history.work(async (database) => {
        await database.put('explanations', stored)
      })
    },
    async explanations({ room, limit = LIST_DEFAULT }) {
      const stored = room === undefined ? undefined : storedRoom(room)
      const read = await history.work((database) => readExplanations(database, stored, limit))
      if (read !== null) return parseRows('explanations', read.value)
      return memory.filter((row) => stored === undefined || row.room === stored).slice(0, limit)
    },
    async explanation(id) {
      const read = await history.work((database) => database.get('explanations', id))
      return parseRows('explanations', [read?.value])[0] ?? memory.find((row) => row.id === id) ?? null
    },
    patterns: async () => parseRows('patterns', await readAll(history, 'patterns')),
    async changePattern(id, change) {
      const done = await history.work((database) => putPattern(database, id, change, clock.wallNow()))
      return done?.value ?? null
    },
    export: () => exportAll(history, clock),
    async erase({ participant, room } = {}) {
      const erasure: Erasure = { participant, room: room === undefined ? undefined : storedRoom(room) }
      memory = memory.filter((row) => !isTheirs(erasure, row))
      history.forget(({ room: of, initiator }) => isTheirs(erasure, { room: of, participant: initiator }))
      readings.forget((row) => withoutTheirs(erasure, row))
      await eraseAll(history, clock, erasure)
    },
    prune,
    close() {
      isClosed = true
      cancel()
    },
  }
}

async function pruneAll(history: HistoryStore, clock: Clock, later: () => Promise<boolean>): Promise<void> {
  const limits = {
    incidents: INCIDENTS_MAX,
    explanations: EXPLANATIONS_MAX,
    readings: BATCHES_MAX,
    patterns: PATTERNS_MAX,
  } as const
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    const counted = await history.work((database) => surplusOf(database, name, limits[name]))
    let surplus = counted?.value ?? 0
    for (let isMore = true; isMore; ) {
      if (!(await later())) return
      const step = await history.work((database) => pruneChunk(database, name, clock.wallNow(), surplus))
      isMore = surplus > 0 || step?.value === PRUNE_CHUNK
      // Without a database there is nothing left to do.
      surplus = step === null ? 0 : Math.max(0, surplus - step.value)
      if (step?.value === 0) surplus = 0
    }
  }
  for (let isMore = true; isMore; ) {
    if (!(await later())) return
    isMore = (await history.work((database) => pruneEvents(database, clock.wallNow())))?.value ?? false
  }
}

async function exportAll(history: HistoryStore, clock: Clock): Promise<Readonly<Record<string, unknown>>> {
  return {
    format: 'holdfast-history',
    version: SCHEMA_VERSION,
    exportedAtMs: clock.wallNow(),
    attempts: await history.list(),
    incidents: parseRows('incidents', await readAll(history, 'incidents')),
    explanations: parseRows('explanations', await readAll(history, 'explanations')),
    readings: parseRows('readings', await readAll(history, 'readings')),
    patterns: parseRows('patterns', await readAll(history, 'patterns')),
    events: parseRows('events', await readAll(history, 'events')),
  }
}
