/**
 * The contract between Holdfast and whatever carries media. An adapter is inert until `connect()`; a
 * connection publishes declaratively, so failover is the same call on the next connection; capabilities are
 * plain data, so plans are made from what an adapter can really do.
 *
 * The exported compliance suite (`holdfast/testing`) is the executable half of this file.
 */
import type { EventSource } from '../events.js'
import type { StatsSummary } from '../health/summary.js'
import type { ProviderSignal } from '../health/verdict.js'
import type { Json } from '../json.js'

/** Where a connection stands. */
export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed'

/** Why a connection is in its state; a closed list, vendor codes go to the error's `details`. */
export type ConnectionReason =
  | 'left'
  | 'network'
  | 'ice'
  | 'signaling'
  | 'timeout'
  | 'auth'
  | 'token-expired'
  | 'full'
  | 'kicked'
  | 'duplicate'
  | 'room-ended'
  | 'server'
  | 'unsupported'
  | 'aborted'
  | 'unknown'

/** A connection's state with its reason. */
export interface ConnectionStatus {
  readonly state: ConnectionState
  readonly reason?: ConnectionReason
  /** True while the adapter still tries by itself; false when only a new `connect()` can help. */
  readonly isRecoverable: boolean
  readonly cause?: unknown
}

/** What a track shows. */
export type TrackSource = 'camera' | 'microphone' | 'screen' | 'screen-audio'

/** A track of ours to publish. Adapters never stop, mute or constrain it. */
export interface LocalTrack {
  readonly track: MediaStreamTrack
  readonly source: TrackSource
  readonly maxBitrateBps?: number
}

/** A track of somebody else. */
export interface RemoteTrack {
  /** Unique within the connection. */
  readonly id: string
  /** Participant id; null when the server mixes people together. */
  readonly peer: string | null
  readonly source: TrackSource
  readonly track: MediaStreamTrack
  /** Absent where an adapter hides it; then arrival is judged by the track alone. */
  readonly receiver?: RTCRtpReceiver
}

/** What an adapter can really do. */
export interface Capabilities {
  readonly media: 'sendrecv' | 'send' | 'recv'
  /** `control-plane`: the provider does not know participants; the directory tells who publishes where. */
  readonly identity: 'native' | 'control-plane'
  /** May live beside a second connection (make-before-break). */
  readonly concurrent: boolean
  readonly stats: 'rtc' | 'summary' | 'none'
  /** Messages between participants; null where there are none (WHIP). `isDirect`: to one without the others. */
  readonly data: null | { readonly maxBytes: number; readonly isBinary: boolean; readonly isDirect: boolean }
  readonly iceRestart: boolean
  readonly keyFrame: 'request' | 'sender' | 'none'
  readonly sendCap: 'bps' | 'preset' | 'none'
  /**
   * Media of one participant can be received anew, alone. `beside`: what is shown goes on until media of its successor
   * has arrived, so that nobody feels it. Default false.
   */
  readonly resubscribe?: boolean | 'beside'
  /** `JoinRequest.iceTransportPolicy` is kept. Default false. */
  readonly relayOnly?: boolean
  /** Whether a server stands between participants; a mesh has no server that could die. */
  readonly server: boolean
}

/**
 * A small notice board shared by the participants, scoped to one provider: who publishes where. Entries of
 * people who left disappear. Values come from peers: parse them.
 */
export interface Directory {
  /** Replaces (null: removes) this participant's entry; at most 1 kB as JSON. */
  announce(entry: Json | null): void
  /** Entries of the other participants by participant id. */
  entries(): ReadonlyMap<string, Json>
  /** Calls back after any change of `entries()`. */
  subscribe(listener: () => void): () => void
}

/**
 * Small messages between participants, scoped to one provider; may be lost, may be repeated. Parse them. They travel
 * over the signaling servers and on no other way of the document.
 */
export interface RoomChannel {
  /** Sends to one participant, or to everybody when `to` is null. */
  send(to: string | null, message: Json): void
  /** Messages of the others, with the sender's claimed participant id. */
  subscribe(listener: (from: string, message: Json) => void): () => void
  /** False while no signaling server is reached; what is sent then waits for one a few seconds. */
  readonly isOpen: boolean
}

/** What `connect()` gets. */
export interface JoinRequest {
  readonly room: string
  /** This participant's id. */
  readonly peer: string
  /** Fresh for each page load: tells two lives of one participant apart. */
  readonly session: string
  readonly name?: string
  /** Called for each connect and renewal; undefined where the provider needs none. */
  readonly token: () => Promise<string | undefined>
  /** Published from the start; empty for a warm standby. */
  readonly tracks: readonly LocalTrack[]
  readonly directory: Directory
  readonly channel: RoomChannel
  readonly iceServers: readonly RTCIceServer[]
  /** `relay`: media over TURN alone, where direct paths lie. Default `all`. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy
  /** How many others will probably be there: what may be prepared before they show up. Default: nobody. */
  readonly expectedPeers?: () => number
  /**
   * May be called once, before `connect()` resolves to the same connection: media of others may arrive on it while
   * ours is still on its way.
   */
  readonly onOpening?: (connection: Connection) => void
  /** Aborting rejects with the signal's reason and leaves nothing behind. */
  readonly signal: AbortSignal
}

/** Moments of a connection. */
export interface ConnectionEvents {
  status: ConnectionStatus
  peer: { readonly peer: string; readonly isPresent: boolean; readonly reason?: ConnectionReason }
  track: RemoteTrack
  'track-ended': { readonly id: string; readonly peer: string | null }
  data: { readonly from: string; readonly bytes: Uint8Array }
  signal: ProviderSignal
}

/** One peer connection behind a connection; `peer` where it carries one participant only. */
export interface PeerConnectionEntry {
  readonly id: string
  readonly pc: RTCPeerConnection
  readonly role: 'send' | 'recv' | 'both'
  readonly peer: string | null
}

/** A live attachment to a provider. */
export interface Connection extends EventSource<ConnectionEvents> {
  readonly status: ConnectionStatus
  /** Participants the provider shows, without ourselves. */
  readonly peers: ReadonlySet<string>
  readonly tracks: ReadonlyMap<string, RemoteTrack>
  /** Afterwards exactly these tracks are published (replaceTrack where possible). Idempotent. */
  publish(tracks: readonly LocalTrack[]): Promise<void>
  /** Idempotent; settles within 3 s even offline, then `closed` and silence. */
  leave(): Promise<void>
  /** Asks the provider at once whether it lives; resolves to whether it answered within `limitMs`. */
  probe?(limitMs: number): Promise<boolean>
  /**
   * Present when `capabilities.data` is not null. To one participant, which only a direct channel can, or to all. At
   * most `maxBytes`, in order and whole; lost where a channel is not open yet. Rejects what is too large, and with
   * `provider-network` where somebody cannot be reached now; the others have it all the same.
   */
  send?(bytes: Uint8Array, to?: string): Promise<void>
  /** Present when `capabilities.iceRestart`. Rejects where it cannot be begun; whether it helps is seen by media. */
  restartIce?(): Promise<void>
  /**
   * Present when `capabilities.resubscribe`: receives everything of one participant anew, under other track ids and
   * with fresh decoders. Resolves when that is under way; what is shown ends as its successor comes, or just before.
   */
  resubscribe?(peer: string): Promise<void>
  /** Present when `capabilities.keyFrame` is not `none`. */
  requestKeyFrame?(idOrSource: string): Promise<void>
  /** Present when `capabilities.sendCap` is not `none`; null removes the cap. */
  setSendCap?(source: TrackSource, maxBps: number | null): Promise<void>
  /** Present when `capabilities.stats` is `summary`: the latest figures, null while there are none. */
  summary?(): StatsSummary | null
  /** Present when `capabilities.stats` is `rtc`. Changes over time: ask again for each sample. */
  peerConnections?(): readonly PeerConnectionEntry[]
}

/** A way to carry media. */
export interface Provider {
  /** Same id on every participant for the same provider; `[a-z0-9-]{1,24}`. */
  readonly id: string
  /** Adapter kind, e.g. `whip`. */
  readonly kind: string
  readonly capabilities: Capabilities
  /** Optional warm-up without presence or media: TLS, SDK chunk. */
  prepare?(signal: AbortSignal): Promise<void>
  /**
   * Resolves once media can flow; rejects with a HoldfastError `provider-*` or the signal's reason.
   * Remote tracks already there may be in `tracks` on resolve or arrive as `track` events.
   */
  connect(join: JoinRequest): Promise<Connection>
}
