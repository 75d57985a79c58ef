/**
 * The IndexedDB connection. It opens in bounded time (another tab may block an upgrade for ever), gives way
 * when a second tab upgrades or deletes the database, and when the browser closed the connection it reopens
 * and repeats the piece of work once (the idb package leaves that to its users, its issue 229).
 * Every failure leaves here as a HoldfastError `storage-*`.
 */
import { type IDBPDatabase, openDB, unwrap } from 'idb'
import type { Clock } from '../clock.js'
import { type ErrorCode, HoldfastError, isHoldfastError } from '../errors.js'
import { type HistorySchema, migrate, SCHEMA_VERSION } from './schema.js'

/** A healthy open takes some ten milliseconds, a cold disk some hundred; a blocked one never ends. */
const OPEN_LIMIT_MS = 3000
/** A transaction may wait for one of another tab; one that takes longer sits behind a frozen tab. */
const WORK_LIMIT_MS = 3000
/** What a connection that went away under a piece of work is reported as, by one browser or another. */
const LOST_CONNECTION = new Set(['InvalidStateError', 'AbortError', 'UnknownError', 'TransactionInactiveError'])

/** An open database as a piece of work sees it. */
export type HistoryDatabase = IDBPDatabase<HistorySchema>

/** A connection that is opened on demand. */
export interface DatabaseConnection {
  /**
   * Runs one piece of work, reopening and repeating it once if the connection was gone; the work must
   * therefore be repeatable. Rejects with `storage-unavailable`, `-quota`, `-closed` or `-newer`.
   */
  run<Result>(work: (database: HistoryDatabase) => Promise<Result>): Promise<Result>
  close(): void
}

/** What {@link connectDatabase} takes. */
export interface DatabaseOptions {
  readonly name: string
  readonly clock: Clock
  /** A newer version of the package upgrades the database in another tab; this connection has given way. */
  readonly onOutdated: (error: HoldfastError) => void
}

/** Makes a connection; nothing is opened before the first `run()`. */
export function connectDatabase(options: DatabaseOptions): DatabaseConnection {
  let opened: Promise<HistoryDatabase> | null = null
  let isClosed = false

  const current = (): Promise<HistoryDatabase> => {
    if (isClosed) return Promise.reject(new HoldfastError('storage-closed'))
    if (opened) return opened
    const opening = open(options, () => {
      if (opened === opening) opened = null
    })
    opened = opening
    return opening
  }

  const attempt = async <Result>(work: (database: HistoryDatabase) => Promise<Result>): Promise<Result> =>
    withLimit(work(await current()), WORK_LIMIT_MS, options.clock)

  return {
    async run(work) {
      try {
        return await attempt(work)
      } catch (error) {
        if (!isLostConnection(error) || isClosed) throw storageError(error)
      }
      opened?.then((database) => database.close(), ignoreFailedOpen)
      opened = null
      try {
        return await attempt(work)
      } catch (error) {
        throw storageError(error)
      }
    },
    close() {
      isClosed = true
      opened?.then((database) => database.close(), ignoreFailedOpen)
      opened = null
    },
  }
}

async function open(options: DatabaseOptions, forget: () => void): Promise<HistoryDatabase> {
  let isLate = false
  const opening = openDB<HistorySchema>(options.name, SCHEMA_VERSION, {
    upgrade: (database, _from, _to, transaction) => migrate(unwrap(database), unwrap(transaction)),
    blocking(_current, blockedVersion, event) {
      // Holding on would block the other tab for as long as this page lives.
      const database = event.target as IDBDatabase | null
      database?.close()
      forget()
      // Deleting (null) is no upgrade: the next piece of work opens a fresh database.
      if (blockedVersion !== null) options.onOutdated(new HoldfastError('storage-newer'))
    },
    terminated: forget,
  })
  opening.then((database) => {
    if (isLate) database.close()
  }, ignoreFailedOpen)
  try {
    return await withLimit(opening, OPEN_LIMIT_MS, options.clock)
  } catch (error) {
    isLate = true
    forget()
    throw error
  }
}

function ignoreFailedOpen(): void {
  // Reported where the promise of the same open is awaited.
}

function withLimit<Result>(task: Promise<Result>, limitMs: number, clock: Clock): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () =>
      reject(
        new HoldfastError('storage-closed', {
          message: 'The history database did not answer in time.',
          details: { limitMs },
        }),
      ),
    )
    task.then(resolve, reject).finally(cancel)
  })
}

function isLostConnection(error: unknown): boolean {
  return LOST_CONNECTION.has(nameOf(error))
}

function storageError(error: unknown): HoldfastError {
  if (isHoldfastError(error)) return error
  const name = nameOf(error)
  let code: ErrorCode = 'storage-unavailable'
  if (name === 'QuotaExceededError') code = 'storage-quota'
  else if (name === 'VersionError') code = 'storage-newer'
  else if (name === 'InvalidStateError' || name === 'AbortError') code = 'storage-closed'
  return new HoldfastError(code, { cause: error })
}

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : ''
}
