/**
 * One inbound stream in one step, as rates. NaN is unknown. What a stream did before it was first seen belongs to
 * no step, and the step in which a picture's first frame came is marked: half of it there was nothing to see.
 */
import {
  grown,
  grownPer,
  perSecond,
  type RowMemory,
  type RowStep,
  shareOf,
  sinceGrowthMs,
  stepRow,
} from './counters.js'
import { at, I, type Row, TRACK_BITS } from './layout.js'

/** One inbound stream. */
export interface InboundRates {
  /** `pc:ssrc`, stable for the life of the stream. */
  readonly key: string
  readonly pc: number
  /** Index into the peers named beside the sample; -1 unknown. */
  readonly peerIndex: number
  readonly kind: 'audio' | 'video'
  /** Since it was first seen. */
  readonly ageMs: number
  /** Its first step, or the one in which its first frame came: rates of it are no rates of the stream. */
  readonly isNew: boolean
  readonly packetsPerSecond: number
  readonly bitrateBps: number
  readonly lossRatio: number
  readonly lostPackets: number
  readonly nackPerSecond: number
  /** Since a loss was counted or something was asked for again. */
  readonly sinceLossMs: number
  readonly discardedPerSecond: number
  readonly jitterMs: number
  /** Mean stay in the jitter buffer in this step, and what the browser aims at. */
  readonly jitterBufferMs: number
  readonly jitterBufferTargetMs: number
  readonly playoutAtMs: number
  /** By the browser's stamp, else since the counter grew. */
  readonly sincePacketMs: number
  readonly isTrackMuted: boolean | null
  readonly isTrackEnded: boolean | null
  /** Share of samples of this step that were made up, and of those that can be heard. */
  readonly concealedRatio: number
  readonly audibleConcealedRatio: number
  readonly concealmentsPerSecond: number
  readonly audioLevel: number
  /** Growth of `totalAudioEnergy` in this step. */
  readonly audioEnergy: number
  readonly receivedFps: number
  readonly decodedFps: number
  /** Moving average of the decoded frame rate while it flowed. */
  readonly usualFps: number
  readonly droppedRatio: number
  /** Whole frames since the last step with a picture that the decoder made none of; what it had left over before counts against it. */
  readonly undecodedFrames: number
  /** Fresh pictures that were asked for in the same time. */
  readonly undecodedAsks: number
  readonly keyFramesPerSecond: number
  /** Share of this step that counted as freeze; comes late, with the frame that ends it. */
  readonly freezeRatio: number
  readonly frameWidth: number
  readonly frameHeight: number
  readonly framesDecoded: number
  readonly bytesPerFrame: number
  /** Mean quantizer of the frames of this step, and as a share of the codec's largest. */
  readonly qp: number
  readonly qpRatio: number
  readonly pliPerSecond: number
  readonly firPerSecond: number
  readonly decodeMsPerFrame: number
  /** Mean corruption probability of the frames of this step, 0 to 1. */
  readonly corruption: number
  readonly sinceReceivedMs: number
  readonly sinceDecodedMs: number
  readonly sinceFrameMs: number
}

/** What is remembered of an inbound stream. */
export interface InboundMemory {
  readonly memory: RowMemory
  readonly rates: InboundRates
}

const WATCHED = [I.packetsReceived, I.packetsLost, I.nackCount, I.framesReceived, I.framesDecoded]
/** Share by which one second of another frame rate moves the usual one: 10 s of it are nearly half. */
const USUAL_GAIN_RATIO = 0.06

/** Takes one step. */
export function inboundStep(
  known: InboundMemory | undefined,
  row: Row,
  atMs: number,
  stepMs: number,
): InboundMemory {
  const step = stepRow(known?.memory, row, atMs, stepMs, WATCHED)
  const isNew =
    step.before === undefined || (at(step.before, I.framesDecoded) === 0 && grown(step, I.framesDecoded) > 0)
  const rates = {
    ...commonRates(step, isNew),
    ...audioRates(step),
    ...videoRates(step, isNew, known?.rates),
  }
  return { memory: step.memory, rates }
}

type CommonKeys = 'key' | 'pc' | 'peerIndex' | 'kind' | 'ageMs' | 'isNew'
type AudioKeys =
  | 'concealedRatio'
  | 'audibleConcealedRatio'
  | 'concealmentsPerSecond'
  | 'audioLevel'
  | 'audioEnergy'
type VideoKeys =
  | 'receivedFps'
  | 'decodedFps'
  | 'usualFps'
  | 'droppedRatio'
  | 'undecodedFrames'
  | 'undecodedAsks'
  | 'keyFramesPerSecond'
  | 'freezeRatio'
  | 'frameWidth'
  | 'frameHeight'
  | 'framesDecoded'
  | 'bytesPerFrame'
  | 'qp'
  | 'qpRatio'
  | 'pliPerSecond'
  | 'firPerSecond'
  | 'decodeMsPerFrame'
  | 'corruption'
  | 'sinceReceivedMs'
  | 'sinceDecodedMs'
  | 'sinceFrameMs'

function commonRates(step: RowStep, isNew: boolean): Omit<InboundRates, AudioKeys | VideoKeys> {
  const { row } = step
  const bits = at(row, I.trackState)
  const received = grown(step, I.packetsReceived)
  const lost = lostIn(step)
  const stampMs = at(row, I.sincePacketMs)
  const head: Pick<InboundRates, CommonKeys> = {
    key: `${at(row, I.pc)}:${at(row, I.ssrc)}`,
    pc: at(row, I.pc),
    peerIndex: at(row, I.peer),
    kind: at(row, I.kind) === 0 ? 'audio' : 'video',
    ageMs: step.atMs - step.memory.firstAtMs,
    isNew,
  }
  return {
    ...head,
    packetsPerSecond: perSecond(step, I.packetsReceived),
    bitrateBps: perSecond(step, I.bytesReceived) * 8,
    lossRatio: shareOf(lost, received),
    lostPackets: lost,
    nackPerSecond: perSecond(step, I.nackCount),
    sinceLossMs: leastOf(sinceGrowthMs(step, I.packetsLost), sinceGrowthMs(step, I.nackCount)),
    discardedPerSecond: perSecond(step, I.packetsDiscarded),
    jitterMs: at(row, I.jitterMs),
    jitterBufferMs: grownPer(step, I.bufferDelayMs, I.bufferEmitted),
    jitterBufferTargetMs: grownPer(step, I.bufferTargetMs, I.bufferEmitted),
    playoutAtMs: at(row, I.playoutAtMs),
    sincePacketMs: Number.isNaN(stampMs) ? sinceGrowthMs(step, I.packetsReceived) : stampMs,
    isTrackMuted: Number.isNaN(bits) ? null : (bits & TRACK_BITS.muted) !== 0,
    isTrackEnded: Number.isNaN(bits) ? null : (bits & TRACK_BITS.ended) !== 0,
  }
}

/** packetsLost may fall when late packets arrive; then nothing was lost in this step. */
function lostIn({ before, row }: RowStep): number {
  if (!before) return Number.NaN
  const difference = at(row, I.packetsLost) - at(before, I.packetsLost)
  return Math.max(difference, 0)
}

function audioRates(step: RowStep): Pick<InboundRates, AudioKeys> {
  const concealed = grown(step, I.concealedSamples)
  const silent = grown(step, I.silentConcealedSamples)
  const total = grown(step, I.totalSamples)
  const ratioOf = (samples: number): number => (total > 0 ? Math.min(1, samples / total) : Number.NaN)
  return {
    concealedRatio: ratioOf(concealed),
    audibleConcealedRatio: ratioOf(Math.max(0, concealed - silent)),
    concealmentsPerSecond: perSecond(step, I.concealmentEvents),
    audioLevel: at(step.row, I.audioLevel),
    audioEnergy: grown(step, I.audioEnergy),
  }
}

function videoRates(step: RowStep, isNew: boolean, known?: InboundRates): Pick<InboundRates, VideoKeys> {
  const { row } = step
  const decoded = grown(step, I.framesDecoded)
  // A closer look is shorter than three frames of a slow camera: what stands still is counted over all of them.
  const { undecodedFrames, undecodedAsks } = (decoded === 0 && known) || NOTHING_LEFT
  const decodedFps = isNew ? Number.NaN : perSecond(step, I.framesDecoded)
  const dropped = grown(step, I.framesDropped)
  const qp = grownPer(step, I.qpSum, I.framesDecoded)
  return {
    receivedFps: perSecond(step, I.framesReceived),
    decodedFps,
    usualFps: usualAfter(known?.usualFps ?? Number.NaN, decodedFps, step.stepMs),
    droppedRatio: shareOf(dropped, decoded),
    undecodedFrames: undecodedFrames + grown(step, I.framesReceived) - decoded,
    undecodedAsks: undecodedAsks + grown(step, I.pliCount),
    keyFramesPerSecond: perSecond(step, I.keyFramesDecoded),
    freezeRatio: Math.min(1, grown(step, I.freezeMs) / step.stepMs),
    frameWidth: at(row, I.frameWidth),
    frameHeight: at(row, I.frameHeight),
    framesDecoded: at(row, I.framesDecoded),
    bytesPerFrame: grownPer(step, I.bytesReceived, I.framesDecoded),
    qp,
    qpRatio: qp / at(row, I.qpMax),
    pliPerSecond: perSecond(step, I.pliCount),
    firPerSecond: perSecond(step, I.firCount),
    decodeMsPerFrame: grownPer(step, I.decodeMs, I.framesDecoded),
    corruption: grownPer(step, I.corruptionSum, I.corruptionCount),
    sinceReceivedMs: sinceGrowthMs(step, I.framesReceived),
    sinceDecodedMs: sinceGrowthMs(step, I.framesDecoded),
    sinceFrameMs: at(row, I.sinceFrameMs),
  }
}

const NOTHING_LEFT = { undecodedFrames: 0, undecodedAsks: 0 }

/** What stands still teaches nothing about how fast it usually runs. */
export function usualAfter(usual: number, rate: number, stepMs: number): number {
  if (!(rate > 0)) return usual
  if (Number.isNaN(usual)) return rate
  return usual + (rate - usual) * Math.min(1, (USUAL_GAIN_RATIO * stepMs) / 1_000)
}

function leastOf(one: number, other: number): number {
  if (Number.isNaN(one)) return other
  return Number.isNaN(other) ? one : Math.min(one, other)
}
