/**
 * One run of a strategy, as history keeps it. At most about 500 bytes; no tokens, SDP, addresses or names.
 */

import type { HistoryDatabase } from './database.js'

/** Recovery states (docs/architecture.md, Words). */
export type AttemptOutcome = 'in-progress' | 'succeeded' | 'failed' | 'cancelled'

/** One attempt. */
export interface Attempt {
  /** Unique; time-ordered. */
  readonly id: string
  readonly room: string
  readonly incident: string
  readonly strategy: string
  /** Who asked: a participant id, or `automatic`. */
  readonly initiator: string
  readonly reason: string
  readonly from: string | null
  readonly to: string | null
  readonly lineage: string | null
  readonly epoch: number | null
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  readonly durationMs: number | null
  /** Longest gap of media that the attempt left; null where it was not seen. */
  readonly mediaGapMs: number | null
  readonly outcome: AttemptOutcome
}

/** Where attempts are kept. Methods never throw: they fall back to memory and say so by `onWarning`. */
export interface HistoryStore {
  readonly mode: 'indexeddb' | 'memory'
  /** Writes or overwrites by id. */
  put(attempt: Attempt): Promise<void>
  /** Newest first. */
  list(query?: { readonly room?: string; readonly limit?: number }): Promise<readonly Attempt[]>
  /** Marks attempts that an earlier page left `in-progress` as `cancelled`; returns how many (promise P22). */
  settleAbandoned(room: string): Promise<number>
  /** Removes everything, or everything of one room. */
  erase(query?: { readonly room?: string }): Promise<void>
  /** Removes attempts from memory only; the archive takes care of the database. @internal */
  forget(isErased: (attempt: Attempt) => boolean): void
  /**
   * Runs a repeatable piece of work on the database; null when there is none any more. For the archive, which
   * shares the connection. @internal
   */
  work<Result>(work: (database: HistoryDatabase) => Promise<Result>): Promise<{ readonly value: Result } | null>
  /**
   * Tries the database again after it was given up, and writes down what was kept in memory meanwhile; whether there
   * is one now. Absent where there is never one.
   */
  reconnect?(): Promise<boolean>
  close(): Promise<void>
}
