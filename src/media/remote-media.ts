/**
 * Stable remote streams: the app binds `peer.stream` once; switches swap tracks inside it. Contract first.
 */
import type { RemoteTrack } from '../providers/provider.js'

/** How one participant's media moved over to another connection. */
export interface FlipReport {
  readonly peer: string
  readonly from: string | null
  readonly to: string
  /** Between the last media of the old and the first of the new connection; null when there was no old one. */
  readonly gapMs: number | null
}

/** The remote side of a call's media. `connectionId` is the pool's name for one connection attempt. */
export interface RemoteMedia {
  /** The one stream of a participant; made at first mention and kept for the life of the call. */
  streamOf(peer: string): MediaStream
  /** Tells of a track; it is shown at once if nothing of that source is shown, else when `prefer` asks for it. */
  addTrack(connectionId: string, track: RemoteTrack): void
  removeTrack(connectionId: string, trackId: string): void
  /** From now on media of this connection is wanted; each peer flips on its own when its media has arrived. */
  prefer(connectionId: string): void
  /** Drops all tracks of a connection that has been left. */
  dropConnection(connectionId: string): void
  /** Whether media of each named peer and source arrives from this connection (frames or packets seen). */
  isFlowing(connectionId: string, expected: ReadonlyMap<string, readonly string[]>): boolean
  removePeer(peer: string): void
  close(): void
}
