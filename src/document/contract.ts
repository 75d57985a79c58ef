/**
 * What the rest of the package sees of the shared document: registers in, registers out, presence, and two
 * small side channels for providers. Yjs and y-webrtc stay behind it.
 */
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'
import type { HoldfastError } from '../errors.js'
import type { EventSource } from '../events.js'
import type { Json } from '../json.js'
import type { Admission, Auth } from './admission.js'
import type { DataPort } from './in-band.js'
import type { LinkFactory, LinkSnapshot } from './link.js'
import type { Presence, PresenceFacts } from './presence.js'

/** Options of `openDocument`. */
export interface DocumentOptions {
  /** Everybody with the same room and signaling is in one document; 1 to 200 characters. */
  readonly room: string
  /** Stable id of this person. */
  readonly participant: string
  /** Announced from the first message on; more with `announce()`. */
  readonly name?: string
  /** WebSocket URLs of y-webrtc signaling servers, 0 to 8. */
  readonly signaling: readonly string[]
  /** STUN and TURN servers for data channels. Default: none, so that nothing third-party is contacted. */
  readonly iceServers?: readonly RTCIceServer[]
  /** Seals signaling messages with a key derived from it. Default: none. */
  readonly password?: string
  /** Default: the platform's. The first document of a room in a page brings the clock of its links. */
  readonly clock?: Clock
  /** Whose registers and presence count at all. Default: everybody's. */
  readonly auth?: Auth
  /**
   * Keeps voter and seat over a refresh of the page, unless it answers no for what the former page last said.
   * Default: every page is a new voter.
   */
  readonly keepSeat?: (register: Register) => boolean
  /** More ways for the document to travel, e.g. any Yjs provider; started once per room and page. */
  readonly links?: readonly LinkFactory[]
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
  /** What this voter had said before the page was refreshed; null for a new voter. */
  readonly kept: Register | null
  /** Verified and folded: the highest seq per voter ever seen, whatever the map shows. */
  registers(): Registers
  /** Voters whose page was closed seconds ago and did not come back; they write no more (rule 12). */
  parted(): ReadonlySet<VoterId>
  /** Voters that showed an acceptable token, this page's own included; empty without `auth`. */
  admissions(): ReadonlyMap<VoterId, Admission>
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
  /** Lets the document travel on a media provider's data channel too; call the result to end it. */
  carry(port: DataPort): () => void
  /** When a signaling server last gave a sign of life; null before. Tells our own network from that of others. */
  heardAtMs(): number | null
  /** The network may have changed: every link has to show that it lives, and closed ones are dialled, now. */
  checkLinks(): void
  /**
   * From now on these signaling servers and no others, for every participant of this page's room; the old ones are
   * kept until one of the new can be reached.
   *
   * @throws HoldfastError `invalid-options`.
   */
  setSignaling(urls: readonly string[]): void
  /**
   * Asks every known page for a full sync again; `isSyncing` is true until they answered (3 s at most each).
   * For rule 11: call it together with the core's `wake`.
   */
  resync(): void
  /** Small messages between pages, scoped by topic (mesh signals travel on topic `mesh`). */
  channel(topic: string): {
    readonly isOpen: boolean
    send(to: string | null, message: Json): void
    subscribe(listener: (from: string, message: Json) => void): () => void
  }
  /** Milliseconds of one round trip to each voter over the document itself; for figures only. */
  measureRoundTrip(voter: VoterId, signal: AbortSignal): Promise<number>
  /**
   * For `pagehide`, synchronous: leaves the seat to the page that follows, and is true then; this page writes
   * nothing more. Else says goodbye (hasLeft) at once. Closes nothing.
   */
  farewell(): boolean
  /** Takes the goodbye back: for `pageshow` of a page that the browser had kept. */
  comeBack(): void
  /** Says goodbye (hasLeft), lets it go out and closes every link within half a second. Idempotent. */
  close(): Promise<void>
}
