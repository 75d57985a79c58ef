/**
 * One stats entry to one row of numbers. What is missing or malformed becomes NaN. Chromium, Firefox and Safari
 * name the same things differently here and there; each difference is handled in the one place that reads it.
 */
import {
  CANDIDATE_TYPES,
  CONNECTION_STATES,
  DTLS_STATES,
  I,
  ICE_STATES,
  INBOUND_SIZE,
  LIMITATIONS,
  O,
  OUTBOUND_SIZE,
  P,
  PC_SIZE,
  ROLES,
  type Row,
  TRACK_BITS,
} from './layout.js'

/** A stats entry as the browser gives it; nothing about it is trusted. */
export type StatEntry = Readonly<Record<string, unknown>>

/** What the page knows of a track and the stats don't say. */
export interface TrackFacts {
  /** Bits of `TRACK_BITS`. */
  readonly state: number
  /** Age of the last frame that left the decoder; NaN unknown. */
  readonly sinceFrameMs: number
}

/** The stats of one peer connection with what the page knows about it. */
export interface RawStats {
  /** Stable number of the peer connection within the page. */
  readonly pc: number
  readonly role: (typeof ROLES)[number]
  readonly entries: readonly StatEntry[]
  /** Index of the peer that this inbound stream belongs to; -1 unknown. */
  readonly peerIndexOf: (trackIdentifier: string | null) => number
  /** `connectionState` and `iceConnectionState`; Firefox' transport does not tell them. */
  readonly states?: { readonly connection: string; readonly ice: string }
  readonly trackOf?: (trackIdentifier: string | null) => TrackFacts | undefined
}

/** Older ages are none: Chromium once stamped packets by the time since the machine had started. */
const STAMP_AGE_MAX_MS = 3_600_000

/** Browsers report every 5 s of sound, every second of pictures; two that were lost are no change of the clock. */
const REPORT_AGE_MAX_MS = 15_000

/** Entries by id. */
export type EntriesById = ReadonlyMap<unknown, StatEntry>

/** The row of the peer connection itself. */
export function pcRow(one: RawStats, byId: EntriesById): Row {
  const transport = one.entries.find((entry) => entry.type === 'transport')
  const pair = selectedPair(one.entries, transport, byId)
  const row = new Float64Array(PC_SIZE).fill(Number.NaN)
  row[P.pc] = one.pc
  row[P.role] = ROLES.indexOf(one.role)
  // Firefox counts packets nowhere, Safari on the pair only.
  row[P.packetsReceived] = firstNumber(transport?.packetsReceived, pair?.packetsReceived)
  row[P.packetsSent] = firstNumber(transport?.packetsSent, pair?.packetsSent)
  row[P.bytesReceived] = firstNumber(transport?.bytesReceived, pair?.bytesReceived)
  row[P.bytesSent] = firstNumber(transport?.bytesSent, pair?.bytesSent)
  row[P.responsesReceived] = number(pair?.responsesReceived)
  // Chromium counts those before the first answer apart from those after it.
  row[P.requestsSent] = sum(number(pair?.requestsSent), number(pair?.consentRequestsSent))
  row[P.rttMs] = ms(pair?.currentRoundTripTime)
  row[P.rttSumMs] = ms(pair?.totalRoundTripTime)
  row[P.availableOutgoingBps] = number(pair?.availableOutgoingBitrate)
  row[P.availableIncomingBps] = number(pair?.availableIncomingBitrate)
  row[P.statsAtMs] = firstNumber(pair?.timestamp, transport?.timestamp, one.entries[0]?.timestamp)
  row[P.pairId] = pair ? idNumber(pair.id) : Number.NaN
  row[P.isPairUsable] = pair ? Number(isUsable(pair)) : Number.NaN
  row[P.localType] = code(CANDIDATE_TYPES, localTypeOf(byId.get(pair?.localCandidateId)))
  row[P.remoteType] = code(CANDIDATE_TYPES, byId.get(pair?.remoteCandidateId)?.candidateType)
  row[P.iceState] = code(ICE_STATES, one.states?.ice ?? transport?.iceState)
  row[P.connectionState] = code(CONNECTION_STATES, one.states?.connection)
  row[P.dtlsState] = code(DTLS_STATES, transport?.dtlsState)
  return row
}

/** The row of an `inbound-rtp` entry. */
export function inboundRow(one: RawStats, entry: StatEntry, byId: EntriesById): Row {
  const row = new Float64Array(INBOUND_SIZE).fill(Number.NaN)
  const trackId = text(entry.trackIdentifier)
  row[I.pc] = one.pc
  row[I.ssrc] = number(entry.ssrc)
  row[I.kind] = kindCode(entry)
  row[I.peer] = one.peerIndexOf(trackId)
  row[I.packetsReceived] = number(entry.packetsReceived)
  row[I.packetsLost] = number(entry.packetsLost)
  row[I.bytesReceived] = number(entry.bytesReceived)
  row[I.jitterMs] = ms(entry.jitter)
  const sinceMs = number(entry.timestamp) - number(entry.lastPacketReceivedTimestamp)
  row[I.sincePacketMs] = sinceMs >= 0 && sinceMs < STAMP_AGE_MAX_MS ? sinceMs : Number.NaN
  row[I.bufferDelayMs] = ms(entry.jitterBufferDelay)
  row[I.bufferTargetMs] = ms(entry.jitterBufferTargetDelay)
  row[I.bufferEmitted] = number(entry.jitterBufferEmittedCount)
  row[I.playoutAtMs] = playoutAtMs(entry, byId.get(entry.remoteId))
  row[I.nackCount] = number(entry.nackCount)
  row[I.packetsDiscarded] = number(entry.packetsDiscarded)
  const track = one.trackOf?.(trackId)
  row[I.trackState] = track?.state ?? Number.NaN
  if (row[I.kind] === 0) fillInboundAudio(row, entry)
  else {
    fillInboundVideo(row, entry)
    row[I.qpMax] = largestQp(byId.get(entry.codecId))
    row[I.sinceFrameMs] = track?.sinceFrameMs ?? Number.NaN
  }
  return row
}

/** The row of an `outbound-rtp` entry with the remote's report and the source it is made from. */
export function outboundRow(one: RawStats, entry: StatEntry, byId: EntriesById): Row {
  const row = new Float64Array(OUTBOUND_SIZE).fill(Number.NaN)
  const remote = byId.get(entry.remoteId) ?? remoteOf(one.entries, entry)
  const source = byId.get(entry.mediaSourceId) ?? sourceOf(one.entries, entry)
  row[O.pc] = one.pc
  row[O.ssrc] = number(entry.ssrc)
  row[O.kind] = kindCode(entry)
  row[O.packetsSent] = number(entry.packetsSent)
  row[O.bytesSent] = number(entry.bytesSent)
  row[O.remoteLossRatio] = number(remote?.fractionLost)
  row[O.remoteRttMs] = ms(remote?.roundTripTime)
  row[O.remoteJitterMs] = ms(remote?.jitter)
  // roundTripTime keeps its last value in an outage; the number of measurements tells whether it is fresh.
  row[O.acknowledgement] = firstNumber(remote?.roundTripTimeMeasurements, remote?.timestamp)
  row[O.retransmittedBytes] = number(entry.retransmittedBytesSent)
  row[O.nackCount] = number(entry.nackCount)
  row[O.sendDelayMs] = ms(entry.totalPacketSendDelay)
  row[O.targetBps] = number(entry.targetBitrate)
  const state = one.trackOf?.(text(source?.trackIdentifier) ?? text(entry.trackIdentifier))?.state
  const inactive = entry.active === false ? TRACK_BITS.inactive : 0
  row[O.trackState] = state === undefined && inactive === 0 ? Number.NaN : (state ?? 0) | inactive
  if (row[O.kind] === 0) {
    row[O.sourceLevel] = number(source?.audioLevel)
    row[O.sourceEnergy] = number(source?.totalAudioEnergy)
    row[O.sourceMs] = ms(source?.totalSamplesDuration)
  } else {
    fillOutboundVideo(row, entry, source)
    row[O.qpMax] = largestQp(byId.get(entry.codecId))
  }
  return row
}

/** Zero until sender reports tell the other clock; without new ones it is a guess. */
function playoutAtMs(entry: StatEntry, report: StatEntry | undefined): number {
  const reportAgeMs = number(entry.timestamp) - number(report?.timestamp)
  return reportAgeMs > REPORT_AGE_MAX_MS ? Number.NaN : positive(entry.estimatedPlayoutTimestamp)
}

function fillInboundAudio(row: Row, entry: StatEntry): void {
  row[I.concealedSamples] = number(entry.concealedSamples)
  row[I.silentConcealedSamples] = number(entry.silentConcealedSamples)
  row[I.concealmentEvents] = number(entry.concealmentEvents)
  row[I.totalSamples] = number(entry.totalSamplesReceived)
  row[I.audioLevel] = number(entry.audioLevel)
  row[I.audioEnergy] = number(entry.totalAudioEnergy)
  row[I.samplesMs] = ms(entry.totalSamplesDuration)
}

function fillInboundVideo(row: Row, entry: StatEntry): void {
  row[I.framesReceived] = number(entry.framesReceived)
  row[I.framesDecoded] = number(entry.framesDecoded)
  row[I.framesDropped] = number(entry.framesDropped)
  row[I.keyFramesDecoded] = number(entry.keyFramesDecoded)
  row[I.framesPerSecond] = number(entry.framesPerSecond)
  row[I.freezeCount] = number(entry.freezeCount)
  row[I.freezeMs] = ms(entry.totalFreezesDuration)
  row[I.frameWidth] = number(entry.frameWidth)
  row[I.frameHeight] = number(entry.frameHeight)
  row[I.qpSum] = number(entry.qpSum)
  row[I.pliCount] = number(entry.pliCount)
  row[I.firCount] = number(entry.firCount)
  row[I.decodeMs] = ms(entry.totalDecodeTime)
  row[I.corruptionSum] = number(entry.totalCorruptionProbability)
  row[I.corruptionCount] = number(entry.corruptionMeasurements)
}

function fillOutboundVideo(row: Row, entry: StatEntry, source: StatEntry | undefined): void {
  row[O.framesEncoded] = number(entry.framesEncoded)
  row[O.framesSent] = number(entry.framesSent)
  row[O.keyFramesEncoded] = number(entry.keyFramesEncoded)
  row[O.framesPerSecond] = number(entry.framesPerSecond)
  row[O.frameWidth] = number(entry.frameWidth)
  row[O.frameHeight] = number(entry.frameHeight)
  row[O.qpSum] = number(entry.qpSum)
  row[O.pliCount] = number(entry.pliCount)
  row[O.firCount] = number(entry.firCount)
  row[O.encodeMs] = ms(entry.totalEncodeTime)
  row[O.limitation] = code(LIMITATIONS, entry.qualityLimitationReason)
  const durations = entry.qualityLimitationDurations
  if (typeof durations === 'object' && durations !== null) {
    row[O.limitedCpuMs] = ms((durations as StatEntry).cpu)
    row[O.limitedBandwidthMs] = ms((durations as StatEntry).bandwidth)
  }
  row[O.sourceFrames] = number(source?.frames)
  row[O.sourceFps] = number(source?.framesPerSecond)
  row[O.sourceHeight] = number(source?.height)
}

/** Chromium names the pair in the transport; Firefox before 153 and Safari only mark or nominate it. */
function selectedPair(
  entries: readonly StatEntry[],
  transport: StatEntry | undefined,
  byId: EntriesById,
): StatEntry | undefined {
  const named = byId.get(transport?.selectedCandidatePairId)
  if (named) return named
  const pairs = entries.filter((entry) => entry.type === 'candidate-pair')
  return (
    pairs.find((pair) => pair.selected === true) ??
    pairs.find((pair) => pair.nominated === true && pair.state === 'succeeded')
  )
}

/** Chromium calls a candidate of our TURN server `prflx` when the pair was found by its checks; only relays name a `relayProtocol`. */
function localTypeOf(candidate: StatEntry | undefined): unknown {
  return text(candidate?.relayProtocol) === null ? candidate?.candidateType : 'relay'
}

/** `writable` is not in the standard, but in all three browsers. */
function isUsable(pair: StatEntry): boolean {
  return pair.nominated === true && pair.state === 'succeeded' && pair.writable !== false
}

function remoteOf(entries: readonly StatEntry[], outbound: StatEntry): StatEntry | undefined {
  return entries.find((entry) => entry.type === 'remote-inbound-rtp' && entry.localId === outbound.id)
}

/** Firefox names no source; with one source of the kind there is no doubt which it is. */
function sourceOf(entries: readonly StatEntry[], outbound: StatEntry): StatEntry | undefined {
  const own = entries.filter((entry) => entry.type === 'media-source' && entry.kind === outbound.kind)
  return own.length === 1 ? own[0] : undefined
}

/** RFC 6386 for VP8, the VP9 and AV1 bitstreams' quantizer indices, the H.264 and H.265 quantization parameter. */
const LARGEST_QP: Readonly<Record<string, number>> = { vp8: 127, vp9: 255, av1: 255, h264: 51, h265: 51 }

function largestQp(codec: StatEntry | undefined): number {
  const name = text(codec?.mimeType)?.split('/')[1]?.toLowerCase()
  return (name === undefined ? undefined : LARGEST_QP[name]) ?? Number.NaN
}

function kindCode(entry: StatEntry): number {
  return code(['audio', 'video'], entry.kind ?? entry.mediaType)
}

function code(names: readonly string[], value: unknown): number {
  const index = typeof value === 'string' ? names.indexOf(value) : -1
  return index < 0 ? Number.NaN : index
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
}

function positive(value: unknown): number {
  const known = number(value)
  return known > 0 ? known : Number.NaN
}

function firstNumber(...values: readonly unknown[]): number {
  return values.map(number).find((value) => !Number.isNaN(value)) ?? Number.NaN
}

/** Sum of what is known of two; NaN when nothing is. */
function sum(one: number, other: number): number {
  if (Number.isNaN(one)) return other
  return Number.isNaN(other) ? one : one + other
}

/** Seconds to milliseconds, NaN kept. */
function ms(value: unknown): number {
  return number(value) * 1_000
}

/** FNV-1a, 32 bits: tells two ids apart without posting texts. */
function idNumber(id: unknown): number {
  let hash = 0x811c9dc5
  for (const character of String(id)) {
    hash ^= character.codePointAt(0) ?? 0
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}
