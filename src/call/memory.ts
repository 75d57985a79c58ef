/** What this browser keeps about repairs, as an app may look at it, carry it elsewhere and erase it. */
import type { AuditReport, ExplanationRow, IncidentRow } from '../history/archive-contract.js'
import type { PatternFile } from './pattern-file.js'

/** What `call.memory()` gives. Methods that return promises never reject. */
export interface CallMemory {
  readonly patterns: {
    /**
     * Takes what the app ships as a prior; returns how many patterns it held. It weighs as much as eight attempts
     * in each situation and is outweighed by experience.
     *
     * @throws HoldfastError `invalid-options`, naming what is wrong.
     */
    import(file: unknown): number
    export(): PatternFile
  }
  /** Why an attempt was made, with its numbers; null when nothing is known of it. */
  explain(attemptId: string): Promise<ExplanationRow | null>
  /** Newest first, at most `limit` (default 200). */
  explanations(query: { readonly room?: string; readonly limit?: number }): Promise<readonly ExplanationRow[]>
  /** Failures by situation, with how often they occurred. */
  incidents(): Promise<readonly IncidentRow[]>
  /** Everything that is kept, as plain data. */
  export(): Promise<Readonly<Record<string, unknown>>>
  /** Erases what belongs to a participant, or to a room, or everything. */
  erase(query?: { readonly participant?: string; readonly room?: string }): Promise<void>
  /** Checks the chain of the audit. */
  verify(): Promise<AuditReport>
}
