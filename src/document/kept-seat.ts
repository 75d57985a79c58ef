/**
 * Hands the voter of a page over to the page that follows it in a refresh: key and register lie in IndexedDB from
 * `pagehide` until the next page takes them, and at no other time. Taking deletes, in one transaction that is on
 * disk before the key is used, so that two pages can never hold one voter; a page that dies without `pagehide`
 * leaves nothing, and the next one is a new voter. Nothing here is ever restored from what peers hold.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import * as v from 'valibot'
import type { Clock } from '../clock.js'
import type { Register } from '../consensus/register.js'
import { encodeRegister, parseRegister } from './register-body.js'

/** What a page leaves to its successor. */
export interface KeptSeat {
  readonly pair: CryptoKeyPair
  /** As last written to the document. */
  readonly register: Register
  /** The session that the successor is to have; others know its hash. */
  readonly session: string
}

/** The kept seat of one participant in one room of this browser. */
export interface SeatKeeper {
  /** Takes what a former page left, if it is fresh; whatever lies there is gone afterwards. Never rejects. */
  take(): Promise<KeptSeat | null>
  /** Finds out whether this browser can store the key; only then does `keep` do anything. Never rejects. */
  arm(pair: CryptoKeyPair): Promise<void>
  /** Leaves the seat to the next page; synchronous, for `pagehide`. Whether it was handed to the browser. */
  keep(seat: KeptSeat): boolean
  close(): void
}

/** Makes a keeper; nothing is opened before `take()`. Null where there is no IndexedDB. */
export function createSeatKeeper(room: string, participant: string, clock: Clock): SeatKeeper | null {
  if (typeof indexedDB === 'undefined') return null
  const key = JSON.stringify([room, participant])
  let database: IDBPDatabase<SeatSchema> | null = null
  let armed: CryptoKeyPair | null = null
  let isClosed = false
  let taking: Promise<unknown> = Promise.resolve()
  const lose = (): void => {
    database?.close()
    database = null
  }
  const open = async (): Promise<IDBPDatabase<SeatSchema>> => {
    const opened = await openDB<SeatSchema>(DATABASE_NAME, SCHEMA_VERSION, {
      upgrade: (fresh) => void fresh.createObjectStore('seats'),
      blocking: lose,
      terminated: lose,
    })
    database = opened
    if (isClosed) lose()
    return opened
  }
  const takeOnce = async (): Promise<KeptSeat | null> => {
    // Strict: an operating system that dies must not bring back what was taken, or an old vote would be cast anew.
    const transaction = (await open()).transaction('seats', 'readwrite', { durability: 'strict' })
    const found: unknown = await transaction.store.get(key)
    if (found !== undefined) await transaction.store.delete(key)
    await transaction.done
    return readSeat(found, clock.wallNow())
  }
  return {
    async take() {
      const isMarked = mayHold(key)
      // Also what lies there unmarked is taken away, but nobody waits for it, and a join needs the machine.
      const begun = isMarked ? takeOnce() : pause(clock, UNMARKED_AFTER_MS).then(takeOnce)
      const found = begun.catch(() => null)
      taking = found
      return isMarked ? Promise.race([found, pause(clock, TAKE_LIMIT_MS)]) : null
    },
    async arm(pair) {
      await taking
      try {
        const transaction = database?.transaction('seats', 'readwrite')
        await transaction?.store.put({ pair }, key)
        await transaction?.done
        if (transaction) armed = pair
      } catch {
        // Private windows of some browsers store no keys: the seat is not kept there, and nothing else changes.
      }
    },
    keep({ pair, register, session }) {
      if (database === null || armed !== pair) return false
      try {
        const transaction = database.transaction('seats', 'readwrite')
        const value = {
          pair,
          voter: register.voter,
          text: encodeRegister(register),
          session,
          atMs: clock.wallNow(),
        }
        // The page does not live to hear of the outcome; what was not stored makes the next page a new voter.
        void transaction.store.put(value, key).catch(() => undefined)
        void transaction.done.catch(() => undefined)
        transaction.commit()
        mark(key)
        return true
      } catch {
        // The browser has closed the database: the caller says goodbye as without a kept seat.
        return false
      }
    },
    close() {
      isClosed = true
      lose()
    },
  }
}

/** Takes the mark away and says whether it was there. Opening a database costs a join 40 ms, nearly always in vain. */
function mayHold(key: string): boolean {
  try {
    const isMarked = localStorage.getItem(MARK + key) !== null
    if (isMarked) localStorage.removeItem(MARK + key)
    return isMarked
  } catch {
    // A browser that denies this storage may allow the other.
    return true
  }
}

function mark(key: string): void {
  try {
    localStorage.setItem(MARK + key, '')
  } catch {
    // Full or denied: when it is readable all the same, the next page is a new voter.
  }
}

function readSeat(found: unknown, wallNow: number): KeptSeat | null {
  const parsed = v.safeParse(SEAT, found)
  if (!parsed.success) return null
  const { pair, voter, text, session, atMs } = parsed.output
  const ageMs = wallNow - atMs
  const register = parseRegister(voter, text)
  if (register === null || register.left || ageMs < 0 || ageMs > KEPT_MAX_MS) return null
  return { pair: pair as CryptoKeyPair, register, session }
}

function pause(clock: Clock, delayMs: number): Promise<null> {
  return new Promise((resolve) => {
    clock.after(delayMs, () => resolve(null))
  })
}

interface SeatSchema extends DBSchema {
  seats: { key: string; value: object }
}

/** Beside the history, whose upgrades must not hold up a join. */
const DATABASE_NAME = 'holdfast-seats'
const SCHEMA_VERSION = 1
/** Before the name of a seat in local storage, which can be read without waiting. */
const MARK = 'holdfast-seat:'
/** Opening takes some ten milliseconds; a join does not wait for a browser that cannot. */
const TAKE_LIMIT_MS = 500
/** By then the first picture is there. */
const UNMARKED_AFTER_MS = 500
/** Others miss the seat after two seconds and take its voter for parted for good after six (parting-note.ts). */
const KEPT_MAX_MS = 5000

const key = v.custom<CryptoKey>((value) => typeof CryptoKey !== 'undefined' && value instanceof CryptoKey)
const SEAT = v.object({
  pair: v.object({ privateKey: key, publicKey: key }),
  voter: v.string(),
  text: v.string(),
  session: v.pipe(v.string(), v.minLength(1)),
  atMs: v.number(),
})
