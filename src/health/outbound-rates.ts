/** One outbound stream in one step, as rates, with what the other side acknowledged and what the source gave. */
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
import { usualAfter } from './inbound-rates.js'
import { at, O, type Row, TRACK_BITS } from './layout.js'

/** One outbound stream. NaN is unknown. */
export interface OutboundRates {
  /** `pc:ssrc`, stable for the life of the stream. */
  readonly key: string
  readonly pc: number
  readonly kind: 'audio' | 'video'
  readonly ageMs: number
  readonly isNew: boolean
  readonly packetsPerSecond: number
  readonly bitrateBps: number
  readonly targetBps: number
  readonly retransmittedRatio: number
  readonly nackPerSecond: number
  /** Mean wait of a packet before it left. */
  readonly sendDelayMs: number
  /** As the other side reported last; stale while `sinceAcknowledgedMs` grows. */
  readonly remoteLossRatio: number
  readonly remoteRttMs: number
  readonly remoteJitterMs: number
  readonly sincePacketMs: number
  readonly sinceAcknowledgedMs: number
  readonly isTrackDisabled: boolean | null
  readonly isTrackMuted: boolean | null
  readonly isTrackEnded: boolean | null
  /** The encoding was switched off by the page. */
  readonly isInactive: boolean | null
  readonly sourceLevel: number
  /** Growth of the source's `totalAudioEnergy` in this step. */
  readonly sourceAudioEnergy: number
  readonly encodedFps: number
  readonly sentFps: number
  readonly usualFps: number
  readonly keyFramesPerSecond: number
  readonly frameWidth: number
  readonly frameHeight: number
  readonly qp: number
  readonly qpRatio: number
  readonly pliPerSecond: number
  readonly firPerSecond: number
  readonly encodeMsPerFrame: number
  /** 0 none, 1 CPU, 2 bandwidth, 3 other. */
  readonly limitation: number
  /** Shares of this step. */
  readonly limitedCpuRatio: number
  readonly limitedBandwidthRatio: number
  /** By the source's frame counter, else as the browser says. */
  readonly sourceFps: number
  readonly sourceHeight: number
  readonly sinceEncodedMs: number
  readonly sinceSourceFrameMs: number
}

/** What is remembered of an outbound stream. */
export interface OutboundMemory {
  readonly memory: RowMemory
  readonly rates: OutboundRates
}

const WATCHED = [O.packetsSent, O.acknowledgement, O.framesEncoded, O.sourceFrames]

/** Takes one step. */
export function outboundStep(
  known: OutboundMemory | undefined,
  row: Row,
  atMs: number,
  stepMs: number,
): OutboundMemory {
  const step = stepRow(known?.memory, row, atMs, stepMs, WATCHED)
  const isNew = step.before === undefined
  const rates: OutboundRates = {
    key: `${at(row, O.pc)}:${at(row, O.ssrc)}`,
    pc: at(row, O.pc),
    kind: at(row, O.kind) === 0 ? 'audio' : 'video',
    ageMs: atMs - step.memory.firstAtMs,
    isNew,
    ...transmission(step),
    ...trackState(at(row, O.trackState)),
    sourceLevel: at(row, O.sourceLevel),
    sourceAudioEnergy: grown(step, O.sourceEnergy),
    ...picture(step, known?.rates.usualFps),
  }
  return { memory: step.memory, rates }
}

type Transmission =
  | 'packetsPerSecond'
  | 'bitrateBps'
  | 'targetBps'
  | 'retransmittedRatio'
  | 'nackPerSecond'
  | 'sendDelayMs'
  | 'remoteLossRatio'
  | 'remoteRttMs'
  | 'remoteJitterMs'
  | 'sincePacketMs'
  | 'sinceAcknowledgedMs'

function transmission(step: RowStep): Pick<OutboundRates, Transmission> {
  const { row } = step
  const again = grown(step, O.retransmittedBytes)
  return {
    packetsPerSecond: perSecond(step, O.packetsSent),
    bitrateBps: perSecond(step, O.bytesSent) * 8,
    targetBps: at(row, O.targetBps),
    // bytesSent counts what was sent again as well.
    retransmittedRatio: shareOf(again, Math.max(0, grown(step, O.bytesSent) - again)),
    nackPerSecond: perSecond(step, O.nackCount),
    sendDelayMs: grownPer(step, O.sendDelayMs, O.packetsSent),
    remoteLossRatio: at(row, O.remoteLossRatio),
    remoteRttMs: at(row, O.remoteRttMs),
    remoteJitterMs: at(row, O.remoteJitterMs),
    sincePacketMs: sinceGrowthMs(step, O.packetsSent),
    sinceAcknowledgedMs: sinceGrowthMs(step, O.acknowledgement),
  }
}

function trackState(
  bits: number,
): Pick<OutboundRates, 'isTrackDisabled' | 'isTrackMuted' | 'isTrackEnded' | 'isInactive'> {
  const has = (bit: number): boolean | null => (Number.isNaN(bits) ? null : (bits & bit) !== 0)
  return {
    isTrackDisabled: has(TRACK_BITS.disabled),
    isTrackMuted: has(TRACK_BITS.muted),
    isTrackEnded: has(TRACK_BITS.ended),
    isInactive: has(TRACK_BITS.inactive),
  }
}

type Picture =
  | 'encodedFps'
  | 'sentFps'
  | 'usualFps'
  | 'keyFramesPerSecond'
  | 'frameWidth'
  | 'frameHeight'
  | 'qp'
  | 'qpRatio'
  | 'pliPerSecond'
  | 'firPerSecond'
  | 'encodeMsPerFrame'
  | 'limitation'
  | 'limitedCpuRatio'
  | 'limitedBandwidthRatio'
  | 'sourceFps'
  | 'sourceHeight'
  | 'sinceEncodedMs'
  | 'sinceSourceFrameMs'

function picture(step: RowStep, usualFps = Number.NaN): Pick<OutboundRates, Picture> {
  const { row, stepMs } = step
  const encodedFps = perSecond(step, O.framesEncoded)
  const counted = perSecond(step, O.sourceFrames)
  const qp = grownPer(step, O.qpSum, O.framesEncoded)
  const ratioOf = (offset: number): number => Math.min(1, grown(step, offset) / stepMs)
  return {
    encodedFps,
    sentFps: perSecond(step, O.framesSent),
    usualFps: usualAfter(usualFps, encodedFps, stepMs),
    keyFramesPerSecond: perSecond(step, O.keyFramesEncoded),
    frameWidth: at(row, O.frameWidth),
    frameHeight: at(row, O.frameHeight),
    qp,
    qpRatio: qp / at(row, O.qpMax),
    pliPerSecond: perSecond(step, O.pliCount),
    firPerSecond: perSecond(step, O.firCount),
    encodeMsPerFrame: grownPer(step, O.encodeMs, O.framesEncoded),
    limitation: at(row, O.limitation),
    limitedCpuRatio: ratioOf(O.limitedCpuMs),
    limitedBandwidthRatio: ratioOf(O.limitedBandwidthMs),
    sourceFps: Number.isNaN(counted) ? at(row, O.sourceFps) : counted,
    sourceHeight: at(row, O.sourceHeight),
    sinceEncodedMs: sinceGrowthMs(step, O.framesEncoded),
    sinceSourceFrameMs: sinceGrowthMs(step, O.sourceFrames),
  }
}
