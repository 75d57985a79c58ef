/** What can be broken on purpose, and what a broken thing looks like; the ways to break it are beside this file. */

import { REPAIRED_KINDS } from '../../recovery/incident-kinds.js'

/** Every kind of incident that strategies are for, as something that can be caused. */
export const FAULT_KINDS = REPAIRED_KINDS

/** One of {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** What shall be hit; what is left out is chosen by the seed among what is there. */
export interface FaultTarget {
  readonly provider?: string
  /** Whose media, where it is about media that arrives. */
  readonly peer?: string
  readonly media?: 'audio' | 'video'
}

/** A fault that was caused. */
export interface Fault {
  /** Counts up from 1. */
  readonly id: number
  readonly kind: FaultKind
  readonly target: FaultTarget
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** After this long the cause ends by itself; null: it stays until `heal()`. */
  readonly lastsMs: number | null
  /** Whether the cause is still at work. What it broke may be broken longer, and may be repaired sooner. */
  readonly isActive: boolean
  /** Ends the cause; idempotent. */
  heal(): Promise<void>
}

/** Ends one cause. */
export type Undo = () => void | Promise<void>

/** Causes one kind of fault; null where there is nothing that it could break now. */
export type Cause = (target: FaultTarget) => Undo | null | Promise<Undo | null>
