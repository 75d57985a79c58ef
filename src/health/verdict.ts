/**
 * What health says about a provider connection and a peer. Plain data, posted from the worker.
 */

/** Evidence about the provider itself, fired by an adapter the moment it is known. */
export type ProviderSignal =
  /** The socket to the provider closed without `leave()`. */
  | { readonly type: 'socket-closed' }
  /** The socket is back. */
  | { readonly type: 'socket-open' }
  /** A probe was answered after `rttMs`. */
  | { readonly type: 'probe-answered'; readonly rttMs: number }
  /** A probe was not answered within its limit. */
  | { readonly type: 'probe-timeout'; readonly limitMs: number }
  /** A media connection of ours changed its state (`connectionState`, not `iceConnectionState`). */
  | {
      readonly type: 'ice'
      readonly role: 'send' | 'recv' | 'both'
      readonly state: 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed'
    }

/** How a provider connection stands, from here. */
export type ConnectionVerdictState = 'unknown' | 'ok' | 'suspect' | 'dead'

/** Which evidence led to a verdict; stable keys for explanations. */
export type EvidenceKey =
  | 'socket-closed'
  | 'probe-timeout'
  | 'inbound-flat'
  | 'outbound-unacknowledged'
  | 'transport-flat'
  | 'ice-disconnected'
  | 'ice-failed'
  | 'others-fine'
  | 'others-see-it-too'

/** One verdict on one connection. */
export interface ConnectionVerdict {
  readonly connectionId: string
  readonly state: ConnectionVerdictState
  /** `provider`: it died. `path`: my way to it broke while it answers or others are fine. */
  readonly blame: 'none' | 'provider' | 'path'
  readonly evidence: readonly EvidenceKey[]
  /** Milliseconds since the last inbound packet. */
  readonly silentForMs: number | null
}

/** Coarse per-peer health for people to look at. */
export interface PeerHealth {
  readonly rttMs: number | null
  readonly lossRatio: number | null
  readonly fps: number | null
  readonly bitrateBps: number | null
  readonly jitterMs: number | null
  /** 0 to 100, that of the worst stream; null while unknown. */
  readonly score: number | null
  /** The mean opinion score that `score` stands for, 1 to 4.5. */
  readonly mos: number | null
  /** Sound and picture by themselves. */
  readonly audioScore: number | null
  readonly videoScore: number | null
}

/** A peer of whom nothing is known. */
export const UNKNOWN_HEALTH: PeerHealth = {
  rttMs: null,
  lossRatio: null,
  fps: null,
  bitrateBps: null,
  jitterMs: null,
  score: null,
  mos: null,
  audioScore: null,
  videoScore: null,
}

/** A provider signal with the connection it came from and when it reached the page. */
export interface TimedSignal {
  readonly connectionId: string
  readonly atMs: number
  readonly signal: ProviderSignal
}
