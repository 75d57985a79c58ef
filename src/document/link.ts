/**
 * The contract between the shared document and the ways it travels. Several links run at the same time and know
 * nothing of each other: what comes in by one goes into the document under an origin of its own, so that a link
 * never sends back what it brought, and what comes in twice changes nothing (Yjs merges, awareness counts).
 */
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import type { Reject } from './rejections.js'

/** How one participant is reached by a link. */
export interface LinkPath {
  readonly peer: string
  /** `live`: heard on this link within three of its heartbeats. */
  readonly state: 'live' | 'silent'
  /** Last measured round trip on this link; null before the first. */
  readonly rttMs: number | null
}

/** How the document currently travels by one link. */
export interface LinkSnapshot {
  /** `webrtc`, `signaling`, `in-band` or `provider` (of the app). */
  readonly kind: string
  readonly state: 'connecting' | 'connected' | 'closed'
  /** Participants reached by this link. */
  readonly peers: readonly string[]
  /** The same with what is known of each way. */
  readonly paths: readonly LinkPath[]
  /** Bytes that wait to be sent on it, where the link can tell. */
  readonly queuedBytes?: number
}

/** A running link. */
export interface Link {
  snapshot(): LinkSnapshot
  /** Somebody or a server on it has not synced yet; bounded by the link itself. Default: no. */
  readonly isSyncing?: boolean
  /** Pages that this link certainly reaches now, by page id. Default: none. */
  readonly reached?: readonly string[]
  /** What was believed of the others is old: sync with everybody again. */
  resync?(): void
  /** Sends at once what waits, without waiting for the end of a turn: the page is about to go. */
  flush?(): void
  /** Called once a second. */
  sweep?(): void
  close(): void
}

/** What a link is started with. */
export interface LinkContext {
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly room: string
  readonly clock: Clock
  readonly yjs: typeof Yjs
  readonly protocol: typeof AwarenessProtocol
  /** Resolves when every register received so far can be read. */
  readonly settled: () => Promise<void>
  /** Who speaks through an awareness client: page and participants; null when unknown. */
  readonly pageOf: (client: number) => LinkedPage | null
  /** The link opened, closed, synced or reaches others than before. */
  readonly onChange: () => void
  readonly reject: Reject
}

/** A page of the room as links need to know it. */
export interface LinkedPage {
  readonly page: string
  readonly participants: readonly string[]
  /** Time between its heartbeats in milliseconds. */
  readonly beatEveryMs: number
}

/** Starts a way for the document to travel. */
export type LinkFactory = (context: LinkContext) => Link
