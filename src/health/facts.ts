/**
 * What the page knows beside statistics: who publishes and mutes what, the own tracks, device and network.
 * Collected on the page about once a second, posted with a batch; null or empty where a browser does not say.
 */
import type { ThresholdOptions } from './thresholds.js'
import type { Word } from './word.js'

/** One of the own published tracks. */
export interface LocalFacts {
  readonly source: string
  readonly kind: 'audio' | 'video'
  /** Muted by the person, through the call. */
  readonly isMuted: boolean
  /** The device went away or the capture ended. */
  readonly isEnded: boolean
  /** `track.muted`: the browser or the system silenced it, nobody asked. */
  readonly isSilenced: boolean
}

/** What another participant says of itself, and how fresh that is. */
export interface PeerFacts {
  readonly id: string
  readonly publishing: readonly string[]
  readonly muted: readonly string[]
  readonly isAway: boolean
  /** What the failure detector says; null where none looks, then the silence itself is judged. */
  readonly suspicion: 'trusted' | 'suspect' | 'confirmed' | null
  /** Milliseconds since its last heartbeat. */
  readonly silentMs: number
  /** What it tells of its own health and of the others' media. */
  readonly word: Word
  /** Provider from which everything comes that it sees; null while it waits for any. */
  readonly flowingOn: string | null
  /** Kinds of media that ever came from it, as the page saw; absent in traces of older pages. */
  readonly came?: readonly ('audio' | 'video')[]
}

/** A connection as its adapter describes it. */
export interface StatusFacts {
  readonly connectionId: string
  readonly provider: string
  readonly state: 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed'
  /** `ConnectionReason` of the adapter contract; null when it gives none. */
  readonly reason: string | null
  /** How long it has been in this state. */
  readonly sinceMs: number
}

/** Context of this device and network; for blame, risk and for people. */
export interface DeviceFacts {
  readonly cores: number | null
  readonly memoryGb: number | null
  /** `PressureObserver` where there is one. */
  readonly pressure: 'nominal' | 'fair' | 'serious' | 'critical' | null
  /** `navigator.connection.type`, e.g. `wifi`. */
  readonly networkType: string | null
  readonly effectiveType: string | null
  readonly downlinkBps: number | null
  readonly browser: 'chromium' | 'firefox' | 'safari' | 'other'
}

/** Everything at one moment. */
export interface PageFacts {
  /** Own participant id; null when nobody told. */
  readonly me: string | null
  /** What the app changed about the limits; null: nothing. */
  readonly thresholds: ThresholdOptions | null
  readonly isHidden: boolean
  /** Sound of the page is blocked until a gesture. */
  readonly isSoundBlocked: boolean
  /** Milliseconds until the token of the current provider runs out; null: none or unknown. */
  readonly tokenLeftMs: number | null
  /** Bytes waiting in the data channels of the document. */
  readonly queuedBytes: number | null
  readonly local: readonly LocalFacts[]
  readonly peers: readonly PeerFacts[]
  readonly connections: readonly StatusFacts[]
  readonly device: DeviceFacts
}

/** A device of which nothing is known. */
export const UNKNOWN_DEVICE: DeviceFacts = {
  cores: null,
  memoryGb: null,
  pressure: null,
  networkType: null,
  effectiveType: null,
  downlinkBps: null,
  browser: 'other',
}

/** Facts before the page told any. */
export const NO_FACTS: PageFacts = {
  me: null,
  thresholds: null,
  isHidden: false,
  isSoundBlocked: false,
  tokenLeftMs: null,
  queuedBytes: null,
  local: [],
  peers: [],
  connections: [],
  device: UNKNOWN_DEVICE,
}
