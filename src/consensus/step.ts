/**
 * The agreement core's one entry: `step(state, input)`. Contract first; the implementation replaces the body.
 *
 * Duties of the shell that drives it (call/agreement-loop.ts):
 * 1. perform `publish` effects in order, persisting before publishing where persistence is on;
 * 2. after a `hop` effect delete the old key from the document, mint a fresh voter and answer with `hopped`;
 * 3. call `step` again no later than `state.wakeAt`;
 * 4. feed every change of the folded registers and of liveness as a new input.
 */
import type { CommittedRecord, LineageId, VoterId } from './record.js'
import type { Register, Registers } from './register.js'

/** Everything the core sees of the world; each input carries the whole of it, so no event can be missed. */
export interface View {
  /** Monotonic milliseconds. */
  readonly now: number
  /** Wall-clock milliseconds, only written into `joinedAt`. */
  readonly wallNow: number
  /** Verified, folded registers as the document shows them (own register: what was last published). */
  readonly registers: Registers
  /** Voters heard from within T_dead, self included. */
  readonly live: ReadonlySet<VoterId>
  /** True while a peer that announced itself has not completed its first sync (rules 11 and 13). */
  readonly isSyncing: boolean
  /** Whether any other participant has announced itself so far (rule 13). */
  readonly hasHeardPeer: boolean
  /** The current provider is known dead here by hard evidence (rule 5). */
  readonly isProviderDead: boolean
}

/** What can happen. `view` rides on all of them. */
export type Input =
  | { readonly type: 'view' }
  | { readonly type: 'want'; readonly provider: string }
  | { readonly type: 'warm'; readonly provider: string; readonly outcome: 'ready' | 'failed' | 'unknown' }
  | { readonly type: 'wake' }
  | { readonly type: 'go-on' }
  | { readonly type: 'leave' }
  | { readonly type: 'hopped'; readonly voter: VoterId }

/** What the shell must do. */
export type Effect =
  | { readonly type: 'publish'; readonly register: Register }
  | { readonly type: 'committed'; readonly record: CommittedRecord }
  | { readonly type: 'hop'; readonly from: LineageId; readonly reason: 'better-lineage' | 'fork' }

/** Where this voter stands, for people to look at. */
export type AgreementStatus = 'listening' | 'provisional' | 'committed'

/** Milliseconds and counts that shape when the core acts, never what it decides. */
export interface AgreementTimings {
  readonly hopAfterMs: number
  readonly forkAfterMs: number
  readonly roundAfterMs: number
  readonly roundStaggerMs: number
  readonly warmUpMs: number
  readonly listenMinMs: number
  readonly listenMaxMs: number
  readonly deadAfterMs: number
}
