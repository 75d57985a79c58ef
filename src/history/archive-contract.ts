/**
 * What is kept besides attempts, and the archive that keeps it. Nothing here holds a token, a session
 * description, an address or a name; people appear by the id that the app gave them, so that all of somebody's
 * can be erased.
 */

/** One look at something that is measured all the time. */
export interface StoredReading {
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** What was measured, e.g. `call` or `connection/east`; at most 64 characters. */
  readonly series: string
  /** Whose it is; null when nobody's in particular. */
  readonly participant: string | null
  /** Up to 32 numbers by name, units in the names; null is unknown. */
  readonly values: Readonly<Record<string, number | null>>
  /** Up to 16 words of small letters, digits and hyphens. */
  readonly tags: readonly string[]
}

/** A batch of readings as it is stored. */
export interface ReadingRow {
  readonly id: string
  readonly room: string
  /** Of the newest reading. */
  readonly atMs: number
  readonly keepUntilMs: number
  readonly readings: readonly StoredReading[]
}

/** One kind of failure in one situation, counted (promise P42). */
export interface IncidentRow {
  /** Hash of signature and context. */
  readonly id: string
  readonly signature: string
  readonly context: string
  /** What was said about it last, cleaned. */
  readonly message: string
  readonly count: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly keepUntilMs: number
}

/** An option as it stood when a decision was made. */
export interface OptionRow {
  readonly strategy: string
  readonly success: number
  readonly successMs: number
  readonly costMs: number
}

/** One decision with its numbers: enough to say why, and to judge other policies by it (promises P43, P44). */
export interface ExplanationRow {
  /** Id of the attempt that followed. */
  readonly id: string
  readonly room: string
  readonly atMs: number
  readonly keepUntilMs: number
  readonly participant: string
  readonly signature: string
  readonly context: string
  readonly strategy: string
  /** Which try for the incident, from 1. */
  readonly number: number
  readonly by: 'fixed' | 'learned' | 'explored'
  /** Chance that the strategy was chosen. */
  readonly propensity: number
  readonly confidence: number
  /** The cheapest first; the second is the runner-up. */
  readonly options: readonly OptionRow[]
  /** Stable key for translation, and the texts. */
  readonly key: string
  readonly summary: string
  readonly cause: string
  /** Why this strategy, with numbers. */
  readonly why: string
  readonly userAction: string
  readonly severity: string
  /** Null while it runs. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | null
  readonly durationMs: number | null
  readonly mediaGapMs: number | null
}

/** Counts of one memory; shaped as the learner has them. */
export interface CountsRow {
  readonly successes: number
  readonly failures: number
  readonly successMs: number
  readonly failureMs: number
}

/** What was learned of one strategy in one situation. */
export interface PatternRow {
  readonly id: string
  readonly signature: string
  readonly context: string
  readonly strategy: string
  readonly long: CountsRow
  readonly short: CountsRow
  readonly episode: number
  readonly seen: number
  readonly usedAtMs: number
  /** Absent for patterns that are seen often: those are kept. */
  readonly keepUntilMs?: number
}

/** Small flat facts of an event. */
export type EventFacts = Readonly<Record<string, string | number | boolean | null>>

/** An event to be written down. */
export interface ArchiveEvent {
  readonly room: string
  /** At most 64 characters, e.g. `attempt-ended`. */
  readonly kind: string
  readonly participant: string | null
  readonly facts: EventFacts
}

/** An event in the audit: each row carries the hash of the one before. */
export interface EventRow {
  readonly seq: number
  readonly atMs: number
  readonly keepUntilMs: number
  /** Null once it was erased; its hash stays. */
  readonly event: ArchiveEvent | null
  readonly salt: string | null
  /** SHA-256 of salt and event. */
  readonly digest: string
  /** Hash of the row before. */
  readonly previous: string
  /** SHA-256 of number, time, digest and the hash before. */
  readonly hash: string
}

/** A single fact about the database, e.g. where the audit ends. */
export interface FactRow {
  readonly key: string
  readonly value: unknown
}

/** What an audit found. */
export interface AuditReport {
  readonly isIntact: boolean
  readonly checked: number
  /** Rows whose content was erased on request. */
  readonly erased: number
  /** Number of the first row that does not fit; null when all do. */
  readonly brokenAt: number | null
}

/** Readings of the last 24 hours. */
export interface ReadingStore {
  /** Writes one batch, at most 600 readings; call it every ten seconds or so. Never rejects. */
  append(room: string, batch: readonly StoredReading[]): Promise<void>
  /** Oldest first; at most `limit` (default 10,000), the newest. */
  query(query: {
    readonly room: string
    readonly fromMs?: number
    readonly toMs?: number
    readonly series?: string
    readonly limit?: number
  }): Promise<readonly StoredReading[]>
}

/** The append-only audit. */
export interface Audit {
  /** Never rejects; an event that cannot be stored is dropped. */
  append(event: ArchiveEvent): Promise<void>
  /** Oldest first, at most `limit` (default 1,000), the newest; erased ones are left out. */
  list(query?: { readonly room?: string; readonly limit?: number }): Promise<readonly EventRow[]>
  verify(): Promise<AuditReport>
}

/** All that is kept besides attempts. No method rejects. */
export interface Archive {
  readonly readings: ReadingStore
  readonly audit: Audit
  /** Counts one more occurrence. */
  countIncident(incident: Pick<IncidentRow, 'id' | 'signature' | 'context' | 'message'>): Promise<void>
  incidents(): Promise<readonly IncidentRow[]>
  /** Writes a decision; the same id overwrites. */
  explain(row: Omit<ExplanationRow, 'keepUntilMs'>): Promise<void>
  /** Newest first, at most `limit` (default 200). */
  explanations(query: { readonly room?: string; readonly limit?: number }): Promise<readonly ExplanationRow[]>
  /** The explanation of one attempt; null when there is none. */
  explanation(id: string): Promise<ExplanationRow | null>
  /** All patterns, as they were left. */
  patterns(): Promise<readonly PatternRow[]>
  /**
   * Changes one pattern in one transaction, so that two tabs lose nothing; `change` may run twice. Returns what
   * was written, or null when it could not be.
   */
  changePattern(id: string, change: (before: PatternRow | null) => PatternRow): Promise<PatternRow | null>
  /** Everything in the database, attempts included, as plain data. */
  export(): Promise<Readonly<Record<string, unknown>>>
  /** Removes what belongs to a participant, or to a room, or everything. */
  erase(query?: { readonly participant?: string; readonly room?: string }): Promise<void>
  /** Deletes what has expired, in small pieces. */
  prune(): Promise<void>
  close(): void
}
