/**
 * What the explorer is told: who is there, what each of them may believe about the others, and where to stop.
 */
import type * as agreement from '../../src/consensus/agreement.js'
import type * as decision from '../../src/consensus/decide.js'
import type { VoterId } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import type * as stepping from '../../src/consensus/step.js'

/** The functions that are searched: the production ones, or a broken variant in a test of the explorer. */
export interface Core {
  readonly createAgreement: typeof agreement.createAgreement
  readonly decide: typeof decision.decide
  readonly step: typeof stepping.step
}

/** One tab. It writes as one voter after the other: each hop takes the next. */
export interface Page {
  readonly voters: readonly [VoterId, ...VoterId[]]
  /** What it has published when the search begins; the first voter's. */
  readonly start: Register
}

/** What a page may believe at any moment. It may believe every mood of the model at every moment. */
export interface Mood {
  /** Pages it takes for live, by index; itself always. */
  readonly hears: readonly number[]
  readonly isProviderDead?: boolean
  /** What happens to it besides seeing the document. Default: nothing. */
  readonly input?: stepping.Input
  /** The only pages that may be in this mood. Default: all. */
  readonly pages?: readonly number[]
}

/** A search to do. */
export interface Model {
  readonly name: string
  readonly pages: readonly Page[]
  readonly moods: readonly Mood[]
  /** What goes into a higher round is cut off. */
  readonly maxRound: number
  /** What goes past this epoch is cut off; a record of this epoch is decided and nothing after it. */
  readonly maxEpoch: number
  /** All pages stay in one lineage: then instances are searched one after the other (explorer.ts says why). */
  readonly isOneLineage: boolean
  /** Everybody has read everybody's first version; otherwise a register may also be missing. */
  readonly isSettled: boolean
  /** Steps from the start; unlimited by default. */
  readonly maxDepth?: number
  /** States after which the search gives up; unlimited by default. */
  readonly maxStates?: number
}
