/**
 * What health tells people and recovery: an alert is something that is wrong now, with a grade, the numbers
 * behind it and who is to blame. Plain data; it crosses from the worker, goes into traces and into history.
 */

/** Everything a page can find wrong with a call; what it cannot see is named in docs/health.md. */
export const ALERT_KINDS = [
  'network-disconnect',
  'auth-failure',
  'token-expiry',
  'provider-outage',
  'provider-hang',
  'stale-peer',
  'dead-device',
  'muted-by-browser',
  'silent-microphone',
  'encoder-limited',
  'decoder-stall',
  'frame-corruption',
  'one-way-media',
  'timeout',
  'freeze',
  'low-bandwidth',
  'packet-loss',
  'high-rtt',
  'jitter',
  'buffer-overflow',
  'sync-loss',
  'static-video',
  'path-change',
  'relay-in-use',
] as const

/** One of {@link ALERT_KINDS}. */
export type AlertKind = (typeof ALERT_KINDS)[number]

/** How bad, for the person in the call. */
export type Severity = 'low' | 'medium' | 'high' | 'critical'

/** Severities from mild to grave. */
export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical']

/** Whoever sends says that its camera or microphone delivers nothing: receiving it in another way changes nothing. */
export const THEIR_DEVICE = 'sender-has-no-source'

/** Unit of a number in evidence. `ratio` is 0 to 1. */
export type Unit = 'ms' | 'ratio' | 'bps' | 'per-second' | 'count' | 'fps' | 'bytes'

/** One number behind an alert. */
export interface Evidence {
  /** What was measured, e.g. `lossRatio`; stable. */
  readonly key: string
  readonly value: number
  readonly unit: Unit
}

/**
 * Whose fault it is. `path` is what lies between me and the provider or the peer and belongs to neither; `app` is
 * the page's own doing, as a token that ran out.
 */
export type Culprit =
  | 'my-network'
  | 'my-device'
  | 'my-cpu'
  | 'sender'
  | 'receiver'
  | 'provider'
  | 'path'
  | 'browser'
  | 'app'
  | 'nobody'

/** A verdict on the fault, with how sure it is and why. */
export interface Blame {
  readonly culprit: Culprit
  /** Participant id where the culprit is a person's side; null for this page's own side and for servers. */
  readonly participant: string | null
  /** 0 to 1. */
  readonly confidence: number
  /** Stable keys, e.g. `others-see-it-too`. */
  readonly evidence: readonly string[]
}

/** Why a picture stands still. */
export type FreezeCause = 'network-stall' | 'decoder-stall' | 'paused-sender' | 'sender-stall'

/** Whom or what an alert is about. */
export interface Subject {
  readonly type: 'me' | 'peer' | 'provider' | 'connection'
  /** Participant, provider or connection id; empty for `me`. */
  readonly id: string
  /** Which media, where it is about media. */
  readonly media: 'audio' | 'video' | null
}

/** Something that is wrong now. */
export interface Alert {
  /** The same from raised to cleared; counts up within a call. */
  readonly id: number
  readonly kind: AlertKind
  readonly about: Subject
  readonly severity: Severity
  /** Page clock. */
  readonly sinceMs: number
  /** The number that was compared with the threshold, in {@link Alert.unit}. */
  readonly value: number
  readonly unit: Unit
  readonly evidence: readonly Evidence[]
  /** Only of a freeze. */
  readonly cause: FreezeCause | null
  readonly blame: Blame
}

/** An alert came, changed its severity or blame, or went. */
export interface AlertChange {
  readonly type: 'raised' | 'changed' | 'cleared'
  readonly alert: Alert
  readonly atMs: number
}

/** Whether two subjects are the same. */
export function isSameSubject(one: Subject, other: Subject): boolean {
  return one.type === other.type && one.id === other.id && one.media === other.media
}

/** This participant's own side. */
export function aboutMe(media: Subject['media'] = null): Subject {
  return { type: 'me', id: '', media }
}

/** Somebody else's media as received here. A mixed stream belongs to nobody: id `?`. */
export function aboutPeer(peer: string | null, media: Subject['media'] = null): Subject {
  return { type: 'peer', id: peer ?? '?', media }
}
