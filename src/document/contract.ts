/**
 * What the rest of the package sees of the shared document: registers in, registers out, presence, and two
 * small side channels for providers. Yjs and y-webrtc stay behind it.
 */
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'
import type { HoldfastError } from '../errors.js'
import type { EventSource } from '../events.js'
import type { Json } from '../json.js'
import type { Presence, PresenceFacts } from './presence.js'

/** How the document currently travels. */
export interface LinkSnapshot {
  readonly kind: string
  readonly state: 'connecting' | 'connected' | 'closed'
  /** Participants reached by this link. */
  readonly peers: readonly string[]
}

/** Moments of the shared document; each is fired after the fact. */
export interface DocumentEvents {
  /** A verified register changed (own writes included). */
  registers: undefined
  /** Somebody appeared, changed, went silent or left. */
  presence: undefined
  /** A link opened, closed or (un)synced. */
  link: undefined
  /** Something malformed or forged was ignored; at most one event per second and sender. */
  rejected: HoldfastError
}

/** The document of one call. */
export interface SharedDocument extends EventSource<DocumentEvents> {
  /** This page's current voter. */
  readonly voter: VoterId
  readonly session: string
  /** Verified and folded: the highest seq per voter ever seen, whatever the map shows. */
  registers(): Registers
  /** Signs and writes the own register (one Y.Map key, whole JSON). */
  publish(register: Register): Promise<void>
  /** Rule 9: deletes the own key from the document, mints a fresh key pair and returns its voter id. */
  hop(): Promise<VoterId>
  /** Everybody else who announced itself and whose state has not been removed. */
  presence(): ReadonlyMap<VoterId, Presence>
  /** Merges into this page's presence; sent at once, coalesced within a turn. */
  announce(facts: Partial<PresenceFacts>): void
  /** Counts one heartbeat up; driven by the worker's clock. */
  beat(): void
  /** True while a peer that announced itself has not completed its first sync. */
  readonly isSyncing: boolean
  /** Whether anybody else was ever heard. */
  readonly hasHeardPeer: boolean
  readonly links: readonly LinkSnapshot[]
  /** Small messages between pages, scoped by topic (mesh signals travel on topic `mesh`). */
  channel(topic: string): {
    readonly isOpen: boolean
    send(to: string | null, message: Json): void
    subscribe(listener: (from: string, message: Json) => void): () => void
  }
  /** Milliseconds of one round trip to each voter over the document itself; for figures only. */
  measureRoundTrip(voter: VoterId, signal: AbortSignal): Promise<number>
  /** Says goodbye (hasLeft) and closes every link. Idempotent. */
  close(): Promise<void>
}
