/**
 * Opens the history of attempts. With IndexedDB, every attempt is also kept in memory, so that private
 * mode, a full disk, a closed database or a newer version in another tab costs the past, never the present:
 * the store goes on in memory and says so once. No method rejects, and none waits without a limit.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError, isHoldfastError } from '../errors.js'
import type { Attempt, HistoryStore } from './attempt.js'
import { connectDatabase, type DatabaseConnection, type HistoryDatabase } from './database.js'
import { createMemoryAttempts } from './memory.js'
import { PRUNE_DELAY_MS, PRUNE_EVERY_WRITES, PRUNE_PAUSE_MS } from './retention.js'
import { storedRoom, toStored } from './stored-attempt.js'
import {
  eraseAttempts,
  type PruneProgress,
  pruneAttempts,
  putAttempt,
  readAttempts,
  settleAttempts,
} from './table.js'

const PRUNE_START: PruneProgress = { fromMs: 0, surplus: null }

/** Options of {@link openHistory}. */
export interface HistoryOptions {
  /** `memory` keeps nothing beyond this page. */
  readonly mode: 'indexeddb' | 'memory'
  /** Called at most once: the store has just fallen back to memory (`storage-*`). */
  readonly onWarning: (error: HoldfastError) => void
  /** Names of the people in the call, which are taken out of texts. Default: none. */
  readonly names?: () => readonly string[]
  /** Default `holdfast-history`. */
  readonly databaseName?: string
  /** Default: the platform's. */
  readonly clock?: Clock
}

/**
 * Opens a history. `mode` of the result turns from `indexeddb` to `memory` when it had to fall back.
 *
 * @example
 * ```ts
 * const history = openHistory({ mode: 'indexeddb', onWarning: (error) => logger.warn(error.message) })
 * await history.settleAbandoned('team-room')
 * ```
 */
export function openHistory(options: HistoryOptions): HistoryStore {
  const clock = options.clock ?? systemClock()
  const memory = createMemoryAttempts(clock)
  let backing = options.mode === 'indexeddb' ? openBacking(options, clock) : null
  let isClosed = false
  const orMemory = async <Result>(
    work: (database: HistoryDatabase) => Promise<Result>,
    fallback: () => Result,
  ): Promise<Result> => {
    const result = await backing?.attempt(work)
    return result ? result.value : fallback()
  }
  return {
    get mode() {
      return backing?.isUsable ? 'indexeddb' : 'memory'
    },
    async put(attempt) {
      const row = toStored(attempt, options.names?.())
      memory.put(row)
      await backing?.write(row)
    },
    list(query = {}) {
      const wanted = { ...query, ...(query.room === undefined ? {} : { room: storedRoom(query.room) }) }
      return orMemory(
        (database) => readAttempts(database, wanted, clock.wallNow()),
        () => memory.list(wanted),
      )
    },
    // Memory does not outlive the page, so nothing in it was left by an earlier one.
    settleAbandoned: (room) =>
      orMemory(
        (database) => settleAttempts(database, storedRoom(room), memory.has),
        () => 0,
      ),
    async erase(query = {}) {
      const room = query.room === undefined ? undefined : storedRoom(query.room)
      memory.erase((attempt) => room === undefined || attempt.room === room)
      await backing?.attempt((database) => eraseAttempts(database, room))
    },
    forget: memory.erase,
    work: async (work) => (await backing?.attempt(work)) ?? null,
    async reconnect() {
      if (backing === null || isClosed) return false
      if (backing.isUsable) return true
      // That it was given up has been said; that it still cannot be had is the answer here.
      const again = openBacking({ ...options, onWarning: (error) => later?.(error) }, clock)
      let later: HistoryOptions['onWarning'] | null = null
      if ((await again.attempt(async () => undefined)) === null || isClosed) return false
      later = options.onWarning
      backing = again
      for (const attempt of memory.list({})) await again.write(attempt)
      return again.isUsable
    },
    async close() {
      isClosed = true
      await backing?.close()
    },
  }
}

interface Backing {
  readonly isUsable: boolean
  /** The work's value, or null once the database is given up. */
  attempt<Result>(
    work: (database: HistoryDatabase) => Promise<Result>,
  ): Promise<{ readonly value: Result } | null>
  write(row: Attempt): Promise<void>
  close(): Promise<void>
}

function openBacking(options: HistoryOptions, clock: Clock): Backing {
  const pending = new Set<Promise<unknown>>()
  let connection: DatabaseConnection | null = connectDatabase({
    name: options.databaseName ?? 'holdfast-history',
    clock,
    onOutdated: (error) => fallBack(error),
  })
  let isClosing = false
  let writes = 0

  const fallBack = (error: HoldfastError): void => {
    if (!connection) return
    connection.close()
    connection = null
    cancelPrune()
    if (!isClosing) options.onWarning(error)
  }
  const attempt: Backing['attempt'] = async (work) => {
    const running = connection?.run(work)
    if (!running) return null
    pending.add(running)
    try {
      return { value: await running }
    } catch (error) {
      fallBack(isHoldfastError(error) ? error : new HoldfastError('storage-unavailable', { cause: error }))
      return null
    } finally {
      pending.delete(running)
    }
  }
  const schedulePrune = (delayMs: number, progress: PruneProgress): (() => void) =>
    clock.after(delayMs, () => void prune(progress))
  const prune = async (progress: PruneProgress): Promise<void> => {
    const done = await attempt((database) => pruneAttempts(database, clock.wallNow(), progress))
    if (done?.value && !isClosing) cancelPrune = schedulePrune(PRUNE_PAUSE_MS, done.value)
  }
  let cancelPrune = schedulePrune(PRUNE_DELAY_MS, PRUNE_START)
  // Opened at once, so that a browser without storage is known before the first attempt.
  void attempt(async () => undefined)

  return {
    get isUsable() {
      return connection !== null
    },
    attempt,
    async write(row) {
      await attempt((database) => putAttempt(database, row))
      writes += 1
      if (writes % PRUNE_EVERY_WRITES !== 0 || isClosing) return
      cancelPrune()
      cancelPrune = schedulePrune(PRUNE_DELAY_MS, PRUNE_START)
    },
    async close() {
      isClosing = true
      cancelPrune()
      await Promise.allSettled([...pending])
      connection?.close()
      connection = null
    },
  }
}
