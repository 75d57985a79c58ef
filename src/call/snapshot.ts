/**
 * What the app and the React hooks see of a call: immutable, same identity while unchanged, one per turn.
 */
import type { LinkSnapshot } from '../document/link.js'
import type { ConnectionVerdict, PeerHealth } from '../health/verdict.js'
import type { Attempt } from '../history/attempt.js'
import type { TrackSource } from '../providers/provider.js'
import type { HealthSnapshot } from './health-view.js'
import type { ActiveRecovery, RecoveryFallback } from './recovery-contract.js'

/** Where a call stands; allowed transitions are in `state.ts`. */
export type CallState =
  | 'idle'
  | 'joining'
  | 'live'
  | 'switching'
  | 'repairing'
  | 'lost'
  | 'leaving'
  | 'left'
  | 'failed'

/** Another participant, seen from here. */
export interface PeerSnapshot {
  readonly id: string
  readonly name: string
  /** `suspect`: unusually silent; `away`: not answering or asleep. Who is gone is removed from the list. */
  readonly state: 'joining' | 'live' | 'suspect' | 'away'
  /** Bind it once; switches swap tracks inside it. */
  readonly stream: MediaStream
  /** Provider whose media is shown for this peer. */
  readonly provider: string | null
  readonly muted: readonly TrackSource[]
  readonly publishing: readonly TrackSource[]
  readonly health: PeerHealth
}

/** One connection of the pool. */
export interface ConnectionSnapshot {
  readonly id: string
  readonly provider: string
  readonly role: 'current' | 'candidate' | 'standby' | 'retiring'
  readonly state: 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed'
  readonly verdict: ConnectionVerdict | null
}

/** The agreement as people may ask for it (promise P08). */
export interface AgreementSnapshot {
  readonly status: 'listening' | 'provisional' | 'committed'
  readonly lineage: string | null
  readonly epoch: number | null
  readonly provider: string | null
  /** Participants with a vote, the senior first. */
  readonly committee: readonly string[]
  readonly seat: 'none' | 'observer' | 'member'
  /** Open wants by participant id. */
  readonly wants: Readonly<Record<string, string>>
  /** Open votes of the running instance by participant id. */
  readonly votes: Readonly<Record<string, { readonly ballot: number; readonly provider: string | null }>>
  /** The last 20 decided records, oldest first. */
  readonly decided: readonly {
    readonly lineage: string
    readonly epoch: number
    readonly provider: string | null
    readonly committee: readonly string[]
    readonly atMs: number
  }[]
}

/** A line of the timeline: what happened and why, in plain words. */
export interface TimelineEntry {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly kind: 'joined' | 'peer' | 'incident' | 'decision' | 'switch' | 'recovered' | 'warning' | 'left'
  readonly text: string
  /** Why, where there is a why. */
  readonly why?: string
  readonly provider?: string
}

/** Recovery, seen from outside. */
export interface RecoverySnapshot {
  readonly state: 'idle' | 'in-progress'
  /** The latest of the attempts under way; `active` has them all. */
  readonly current: Attempt | null
  readonly last: Attempt | null
  /** `fixed`: learning is off, is not loaded yet or cannot be; then the fixed priorities hold. */
  readonly selection: 'learned' | 'fixed'
  /** False: this page repairs nothing by itself. */
  readonly isAutomatic: boolean
  /** Stopped by `call.recovery.setEmergency()`. */
  readonly isEmergency: boolean
  /** Open incidents and what is done about each, oldest first. */
  readonly active: readonly ActiveRecovery[]
  /** What recovery has to do without; empty when it has everything. */
  readonly fallbacks: readonly RecoveryFallback[]
}

/** Everything there is to see of a call. */
export interface CallSnapshot {
  readonly state: CallState
  /** One plain sentence, e.g. `Switching to west.` */
  readonly statusText: string
  readonly room: string
  readonly me: {
    readonly id: string
    readonly name: string
    readonly muted: readonly TrackSource[]
    readonly publishing: readonly TrackSource[]
  }
  /** The provider all agreed on. */
  readonly provider: string | null
  /** Ids of the configured providers in this participant's order. */
  readonly providers: readonly { readonly id: string; readonly kind: string; readonly sight: string }[]
  readonly agreement: AgreementSnapshot
  readonly peers: readonly PeerSnapshot[]
  readonly connections: readonly ConnectionSnapshot[]
  readonly recovery: RecoverySnapshot
  readonly health: HealthSnapshot
  readonly timeline: readonly TimelineEntry[]
  readonly links: readonly LinkSnapshot[]
  readonly worker: 'none' | 'url' | 'blob' | 'main'
  readonly history: 'none' | 'indexeddb' | 'memory'
}
