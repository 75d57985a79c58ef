/**
 * What the hands may touch of a call. A strategy reaches exactly as far as this interface lets it: there is no way
 * here to unmute, to stop a track of the app or to join anything.
 */
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import type { Capabilities, Connection, LocalTrack, TrackSource } from '../providers/provider.js'

/** A connection of this page with its name in the pool. */
export interface LiveConnection {
  readonly id: string
  readonly provider: string
  readonly capabilities: Capabilities
  readonly connection: Connection
  /** Opened for TURN alone. */
  readonly isRelayOnly: boolean
}

/** Something only a person or the app can do. */
export interface UserRequest {
  readonly incidentId: string
  readonly provider: string
  /** `device`: plug it in or choose another; `permission`: allow it; `token`: sign in; `network`, `load`: see to it. */
  readonly need: 'device' | 'permission' | 'token' | 'network' | 'load'
  readonly source: TrackSource | null
}

/** Small messages between the pages of a call; unsigned, may be lost. */
export interface AskPort {
  send(to: string, message: Json): void
  subscribe(listener: (from: string, message: Json) => void): () => void
}

/** See the module comment. */
export interface HandsWorld {
  readonly clock: Clock
  /** Connections with media of ours or of others; the one that carries the call comes first. */
  connections(): readonly LiveConnection[]
  /** Sources by participant that is here, as they say themselves. */
  expected(): ReadonlyMap<string, readonly string[]>
  readonly local: {
    tracks(): readonly LocalTrack[]
    isMuted(source: TrackSource): boolean
    replace(source: TrackSource, track: MediaStreamTrack): void
  }
  /** The browser ended this track, not the app. */
  wasLost(track: MediaStreamTrack): boolean
  readonly hasRelay: boolean
  hasLinks(): boolean
  isOver(incidentId: string): boolean
  isOnline(): boolean
  /**
   * Opens a second connection to the same provider, lets it take over when media arrives and closes the first; resolves
   * with its id. Rejects, with nothing changed, when it fails, when `signal` aborts or when the repair loop takes over.
   */
  replaceConnection(id: string, isRelayOnly: boolean, signal: AbortSignal): Promise<string>
  /** Asks everybody to move to the next provider; resolves when media flows there. */
  switchProvider(incidentId: string): Promise<void>
  /** Asks the app for a new token; false when it has none. */
  renewToken(provider: string): Promise<boolean>
  /** Dials what is closed, has every link show that it lives, asks for a full sync. */
  rebuildLinks(): void
  askUser(request: UserRequest): void
  /** Quality that is sent changed; 0 is full. */
  onQuality(step: number): void
  /** Gets a device again in the app's own way; null: by `getUserMedia`. */
  readonly reacquire: ((source: TrackSource) => Promise<MediaStreamTrack | null>) | null
  onReacquired(source: TrackSource, track: MediaStreamTrack): void
  /** A device was plugged in. */
  onPlugged(): void
  readonly asks: AskPort
}
