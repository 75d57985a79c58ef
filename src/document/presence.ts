/**
 * What a participant announces in awareness besides its register: cheap, frequent, unsigned facts. Nothing
 * here takes part in a decision; it only says who is alive and who publishes where.
 */
import type { VoterId } from '../consensus/record.js'
import type { Json } from '../json.js'

/** What this participant currently sees of one provider; others use it to place blame. */
export type ProviderSight = 'ok' | 'suspect' | 'dead' | 'unreachable'

/** The part of presence that the call fills in. */
export interface PresenceFacts {
  readonly name?: string
  /** Sources whose publication is muted. */
  readonly muted: readonly string[]
  /** Sources that are being published. */
  readonly publishing: readonly string[]
  /** Provider id to what is seen of it. */
  readonly sight: Readonly<Record<string, ProviderSight>>
  /** What this participant tells of its health, in the short form of `health/word.ts`; at most 200 characters. */
  readonly word?: string
  /** Provider from which everything that is shown here comes; null while any stream has not flipped. */
  readonly flowingOn: string | null
  /**
   * A switch this participant asks for, and why; recorded by everybody (at most 120 characters). `isOutage`: because
   * the agreed provider has failed.
   */
  readonly asking: {
    readonly provider: string
    readonly reason: string
    readonly isOutage?: boolean | undefined
  } | null
  /** The page cannot be seen, or is about to be frozen by its browser. Absent: it can be seen. */
  readonly page?: 'visible' | 'hidden' | 'frozen'
  /** What this participant learned of repairs, for `call/claims.ts` (at most 400 characters). */
  readonly learned?: string
  /** Directory entries by provider id. */
  readonly directory: Readonly<Record<string, Json>>
}

/** One page of one participant as the others see it. */
export interface Presence extends PresenceFacts {
  readonly participant: string
  readonly voter: VoterId
  /** Fresh for each page load. */
  readonly session: string
  /** Counts heartbeats; a frozen page stops counting. */
  readonly beat: number
  /** How often its page beats, in milliseconds; rarer in large rooms. Absent: every second. */
  readonly beatEveryMs?: number
  /** Hash of the session that may take this page's place (`successor.ts`). */
  readonly next?: string
  /** The page is gone and may be back in a moment; treated as left when it is not. */
  readonly isParting?: boolean
  /** True once it said goodbye (clean leave or pagehide). */
  readonly hasLeft: boolean
  /** Monotonic local time at which the last new beat arrived. */
  readonly heardAtMs: number
}
