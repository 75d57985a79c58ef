/**
 * The form in which one sample crosses to the worker: a flat Float64Array, because posting numbers costs a
 * twentieth of posting stats objects (measured: 4.4 ms against 0.2 ms for 16 connections). Missing is NaN, never
 * zero: browsers differ in what they fill, and a field may vanish in mid-call.
 *
 * ```
 * header  HEADER_SIZE numbers                      offsets in H
 * then    `peerConnections` rows of PC_SIZE        offsets in P
 * then    `inbound` rows                           offsets in I
 * then    `outbound` rows                          offsets in O
 * ```
 *
 * Offsets of streams are in three groups: common, audio, video. In transit an audio row ends where the video group
 * begins, and any other row leaves the audio group out, which saves a fifth; taken apart, all rows are whole, with
 * NaN in the other kind's group. Counters are the browser's own totals; `rates.ts` makes rates of them.
 */

/** Offsets in the header. */
export const H = {
  /** Version of this layout. */
  version: 0,
  /** Page clock when the sample was asked for. */
  atMs: 1,
  /** 1 when getStats was read, 0 for a pulse (header only). */
  isFull: 2,
  peerConnections: 3,
  inbound: 4,
  outbound: 5,
  /** Page clock at which media was last seen to arrive, by synchronization sources; NaN when they say nothing. */
  mediaAtMs: 6,
  /** Main-thread time that taking this sample cost. */
  costMs: 7,
} as const

/** Offsets in the row of one peer connection. */
export const P = {
  /** Stable number of the peer connection within the page. */
  pc: 0,
  /** Index into {@link ROLES}. */
  role: 1,
  /** Packets (transport) received, RTCP and STUN included where the browser counts them. */
  packetsReceived: 2,
  /** STUN responses received on the selected pair; grows about every 2.5 s. */
  responsesReceived: 3,
  /** Latest round trip of the selected pair; stays as it was while nothing is answered. */
  rttMs: 4,
  availableOutgoingBps: 5,
  /** The browser's own stamp of these stats: two samples with the same one are the same sample. */
  statsAtMs: 6,
  packetsSent: 7,
  bytesReceived: 8,
  bytesSent: 9,
  /** STUN requests sent on the selected pair, checks and consent together. */
  requestsSent: 10,
  availableIncomingBps: 11,
  /** A number made from the selected pair's id: another number is another path. */
  pairId: 12,
  /** Indices into {@link CANDIDATE_TYPES}. */
  localType: 13,
  remoteType: 14,
  /** Index into {@link ICE_STATES}. */
  iceState: 15,
  /** Index into {@link CONNECTION_STATES}. */
  connectionState: 16,
  /** Index into {@link DTLS_STATES}. */
  dtlsState: 17,
  /** Sum of all round trips; with `responsesReceived` their mean in an interval. */
  rttSumMs: 18,
  /** 1 while the selected pair is nominated and its last check succeeded (or writable), else 0. */
  isPairUsable: 19,
} as const

/** Offsets in the row of one inbound RTP stream. */
export const I = {
  pc: 0,
  ssrc: 1,
  /** 0 audio, 1 video. */
  kind: 2,
  /** Index into the peers named beside the array; -1 unknown. */
  peer: 3,
  packetsReceived: 4,
  /** May fall when late packets arrive. */
  packetsLost: 5,
  bytesReceived: 6,
  jitterMs: 7,
  /** Age of the last packet when the stats were taken. */
  sincePacketMs: 8,
  /** Sums over what left the jitter buffer; divide their growth by that of `bufferEmitted`. */
  bufferDelayMs: 9,
  bufferTargetMs: 10,
  bufferEmitted: 11,
  /** When what is played now was captured, by the sender's clock (estimatedPlayoutTimestamp). */
  playoutAtMs: 12,
  nackCount: 13,
  packetsDiscarded: 14,
  /** Bits of {@link TRACK_BITS}. */
  trackState: 15,
  // Audio only.
  concealedSamples: 16,
  silentConcealedSamples: 17,
  concealmentEvents: 18,
  totalSamples: 19,
  audioLevel: 20,
  audioEnergy: 21,
  /** Sum of what was played (totalSamplesDuration). */
  samplesMs: 22,
  // Video only.
  framesReceived: 23,
  framesDecoded: 24,
  framesDropped: 25,
  keyFramesDecoded: 26,
  framesPerSecond: 27,
  freezeCount: 28,
  freezeMs: 29,
  frameWidth: 30,
  frameHeight: 31,
  qpSum: 32,
  pliCount: 33,
  firCount: 34,
  decodeMs: 35,
  /** Sum and number of corruption probabilities, where the sender takes part. */
  corruptionSum: 36,
  corruptionCount: 37,
  /** Age of the last frame that left the decoder, by synchronization sources. */
  sinceFrameMs: 38,
  /** Largest quantizer of the codec in use: what `qpSum` has to be compared with. */
  qpMax: 39,
} as const

/** Offsets in the row of one outbound RTP stream. */
export const O = {
  pc: 0,
  ssrc: 1,
  kind: 2,
  packetsSent: 3,
  bytesSent: 4,
  /** Share lost on the way to the other side, 0 to 1. */
  remoteLossRatio: 5,
  remoteRttMs: 6,
  /** Counts acknowledgements: it grows when a fresh receiver report came. */
  acknowledgement: 7,
  remoteJitterMs: 8,
  retransmittedBytes: 9,
  nackCount: 10,
  /** Sum of what packets waited before they were sent; divide its growth by that of `packetsSent`. */
  sendDelayMs: 11,
  targetBps: 12,
  /** Bits of {@link TRACK_BITS}. */
  trackState: 13,
  // Audio only: what the microphone gives.
  sourceLevel: 14,
  sourceEnergy: 15,
  sourceMs: 16,
  // Video only.
  framesEncoded: 17,
  framesSent: 18,
  keyFramesEncoded: 19,
  framesPerSecond: 20,
  frameWidth: 21,
  frameHeight: 22,
  qpSum: 23,
  pliCount: 24,
  firCount: 25,
  encodeMs: 26,
  /** Index into {@link LIMITATIONS}. */
  limitation: 27,
  limitedCpuMs: 28,
  limitedBandwidthMs: 29,
  /** Frames that the camera gave. */
  sourceFrames: 30,
  sourceFps: 31,
  sourceHeight: 32,
  /** As for inbound streams. */
  qpMax: 33,
} as const

/** Meaning of {@link P.role}. */
export const ROLES = ['send', 'recv', 'both'] as const
/** Meaning of {@link P.localType}. */
export const CANDIDATE_TYPES = ['host', 'srflx', 'prflx', 'relay'] as const
/** Meaning of {@link P.iceState}. */
export const ICE_STATES = [
  'new',
  'checking',
  'connected',
  'completed',
  'disconnected',
  'failed',
  'closed',
] as const
/** Meaning of {@link P.connectionState}. */
export const CONNECTION_STATES = ['new', 'connecting', 'connected', 'disconnected', 'failed', 'closed'] as const
/** Meaning of {@link P.dtlsState}. */
export const DTLS_STATES = ['new', 'connecting', 'connected', 'closed', 'failed'] as const
/** Meaning of {@link O.limitation}. */
export const LIMITATIONS = ['none', 'cpu', 'bandwidth', 'other'] as const
/** What a track says of itself: `muted` is the browser's or the system's doing, `disabled` the app's. */
export const TRACK_BITS = { disabled: 1, muted: 2, ended: 4, inactive: 8 } as const

/** Version written into {@link H.version}. */
export const LAYOUT_VERSION = 3
/** Numbers in the header and in each kind of row. */
export const HEADER_SIZE = 8
/** Numbers per peer connection. */
export const PC_SIZE = 20
/** Numbers per inbound stream, taken apart. */
export const INBOUND_SIZE = 40
/** Numbers per outbound stream, taken apart. */
export const OUTBOUND_SIZE = 34
/** Where the groups of a stream's row begin. */
export const INBOUND_GROUPS = { audio: I.concealedSamples, video: I.framesReceived, size: INBOUND_SIZE }
/** The same for outbound streams. */
export const OUTBOUND_GROUPS = { audio: O.sourceLevel, video: O.framesEncoded, size: OUTBOUND_SIZE }

/** One row as an array view. */
export type Row = Float64Array

/** A sample taken apart again. */
export interface Sample {
  readonly atMs: number
  readonly isFull: boolean
  readonly mediaAtMs: number
  readonly costMs: number
  readonly peerConnections: readonly Row[]
  readonly inbound: readonly Row[]
  readonly outbound: readonly Row[]
}

/** A header without rows: the pulse. */
export function pulse(atMs: number, mediaAtMs: number, costMs: number): Float64Array {
  return Float64Array.of(LAYOUT_VERSION, atMs, 0, 0, 0, 0, mediaAtMs, costMs)
}

/** The number at an offset; NaN outside. */
export function at(values: Float64Array, offset: number): number {
  return values[offset] ?? Number.NaN
}
