/** Raw statistics of a call with one connection to send and one per sender, as a browser would give them. */
import type { StatEntry } from '../../src/health/reduce.js'

/** What is read per second unless a test says otherwise. */
export interface SenderState {
  packetsPerSecond: number
  lossRatio: number
  receivedFps: number
  decodedFps: number
  jitterMs: number
  bytesPerFrame: number
  audioPerSecond: number
  audioEnergy: number
  pictureLateMs: number
  pliPerSecond: number
  corruption: number | null
  bufferMs: number
  decodeMs: number
}

/** The own side. */
export interface OwnState {
  /** Both senders; sound alone goes on with {@link OwnState.isSoundSent}, and stops with {@link OwnState.isSoundStopped}. */
  isSending: boolean
  isSoundSent: boolean
  isSoundStopped: boolean
  encodedFps: number
  sourceFps: number
  limitation: string
  encodeMs: number
  remoteLossRatio: number
  rttMs: number
  availableBps: number
  targetBps: number
  audioEnergy: number
  isAnswering: boolean
  pairId: string
  relay: boolean
  sendDelayMs: number
}

/** A sender whose media flows well. */
export function healthySender(): SenderState {
  return {
    packetsPerSecond: 100,
    lossRatio: 0,
    receivedFps: 30,
    decodedFps: 30,
    jitterMs: 8,
    bytesPerFrame: 4_000,
    audioPerSecond: 50,
    audioEnergy: 0.01,
    pictureLateMs: 20,
    pliPerSecond: 0,
    corruption: null,
    bufferMs: 60,
    decodeMs: 4,
  }
}

/** An own side that is well. */
export function healthyOwn(): OwnState {
  return {
    isSending: true,
    isSoundSent: false,
    isSoundStopped: false,
    encodedFps: 30,
    sourceFps: 30,
    limitation: 'none',
    encodeMs: 5,
    remoteLossRatio: 0,
    rttMs: 40,
    availableBps: 3_000_000,
    targetBps: 1_500_000,
    audioEnergy: 0.01,
    isAnswering: true,
    pairId: 'pair-1',
    relay: false,
    sendDelayMs: 4,
  }
}

/** Adds to a counter and gives it back. */
type Grow = (key: string, perSecond: number) => number

/** Statistics of the peer connection that sends. */
export function ownEntries(own: OwnState, grow: Grow, atMs: number): readonly StatEntry[] {
  const timestamp = atMs
  const packets = grow('own.packets', own.isSending ? 100 : 0)
  const sound = grow('own.sound', !own.isSoundStopped && (own.isSending || own.isSoundSent) ? 50 : 0)
  const answers = grow('own.answers', own.isAnswering ? 0.8 : 0)
  const requests = grow('own.requests', 0.8)
  const received = grow('own.received', own.isAnswering ? 10 : 0)
  const frames = grow('own.frames', own.encodedFps)
  return [
    {
      id: 't',
      type: 'transport',
      timestamp,
      packetsReceived: received,
      selectedCandidatePairId: own.pairId,
      dtlsState: 'connected',
    },
    {
      id: own.pairId,
      type: 'candidate-pair',
      timestamp,
      nominated: true,
      state: 'succeeded',
      currentRoundTripTime: own.rttMs / 1_000,
      availableOutgoingBitrate: own.availableBps,
      responsesReceived: Math.floor(answers),
      requestsSent: Math.floor(requests),
      localCandidateId: 'lc',
      remoteCandidateId: 'rc',
    },
    { id: 'lc', type: 'local-candidate', timestamp, candidateType: own.relay ? 'relay' : 'host' },
    { id: 'rc', type: 'remote-candidate', timestamp, candidateType: 'host' },
    {
      id: 'ov',
      type: 'outbound-rtp',
      timestamp,
      kind: 'video',
      ssrc: 11,
      remoteId: 'rv',
      mediaSourceId: 'sv',
      packetsSent: packets,
      bytesSent: frames * 4_000,
      framesEncoded: frames,
      framesSent: frames,
      frameHeight: 720,
      qualityLimitationReason: own.limitation,
      totalEncodeTime: grow('own.encode', own.encodedFps * own.encodeMs) / 1_000,
      totalPacketSendDelay: grow('own.delay', 100 * own.sendDelayMs) / 1_000,
      targetBitrate: own.targetBps,
    },
    {
      id: 'sv',
      type: 'media-source',
      timestamp,
      kind: 'video',
      frames: grow('own.source', own.sourceFps),
      framesPerSecond: own.sourceFps,
    },
    {
      id: 'rv',
      type: 'remote-inbound-rtp',
      timestamp,
      localId: 'ov',
      fractionLost: own.remoteLossRatio,
      roundTripTime: own.rttMs / 1_000,
      roundTripTimeMeasurements: Math.floor(grow('own.reports', own.isAnswering ? 1 : 0)),
    },
    {
      id: 'oa',
      type: 'outbound-rtp',
      timestamp,
      kind: 'audio',
      ssrc: 12,
      mediaSourceId: 'sa',
      packetsSent: sound,
      bytesSent: sound * 80,
    },
    {
      id: 'sa',
      type: 'media-source',
      timestamp,
      kind: 'audio',
      audioLevel: own.audioEnergy,
      totalAudioEnergy: grow('own.energy', own.audioEnergy),
      totalSamplesDuration: grow('own.samples', 1),
    },
  ]
}

/** Statistics of the peer connection that receives one sender. */
export function senderEntries(
  peer: string,
  sender: SenderState,
  grow: Grow,
  atMs: number,
  counters: Map<string, number>,
  own: OwnState,
): readonly StatEntry[] {
  const timestamp = atMs
  const stamp = (key: string, perSecond: number): number => {
    if (perSecond > 0) counters.set(key, atMs)
    return counters.get(key) ?? atMs
  }
  const packets = grow(`${peer}.packets`, sender.packetsPerSecond * (1 - sender.lossRatio))
  const sound = grow(`${peer}.sound`, sender.audioPerSecond * (1 - sender.lossRatio))
  const decoded = grow(`${peer}.decoded`, sender.decodedFps)
  const received = grow(
    `${peer}.transport`,
    sender.packetsPerSecond + sender.audioPerSecond > 0 ? 150 : own.isAnswering ? 5 : 0,
  )
  return [
    { id: 't', type: 'transport', timestamp, packetsReceived: received, selectedCandidatePairId: 'p' },
    {
      id: 'p',
      type: 'candidate-pair',
      timestamp,
      nominated: true,
      state: 'succeeded',
      currentRoundTripTime: own.rttMs / 1_000,
      responsesReceived: Math.floor(grow(`${peer}.answers`, own.isAnswering ? 0.8 : 0)),
    },
    {
      id: 'iv',
      type: 'inbound-rtp',
      timestamp,
      kind: 'video',
      ssrc: 21,
      packetsReceived: packets,
      packetsLost: Math.round(grow(`${peer}.lost`, sender.packetsPerSecond * sender.lossRatio)),
      bytesReceived: grow(`${peer}.bytes`, sender.receivedFps * sender.bytesPerFrame),
      framesReceived: grow(`${peer}.received`, sender.receivedFps),
      framesDecoded: decoded,
      framesDropped: 0,
      frameHeight: 720,
      jitter: sender.jitterMs / 1_000,
      pliCount: grow(`${peer}.pli`, sender.pliPerSecond),
      firCount: 0,
      nackCount: grow(`${peer}.nack`, sender.packetsPerSecond * sender.lossRatio),
      totalDecodeTime: grow(`${peer}.decode`, sender.decodedFps * sender.decodeMs) / 1_000,
      jitterBufferDelay: grow(`${peer}.buffer`, sender.decodedFps * sender.bufferMs) / 1_000,
      jitterBufferEmittedCount: grow(`${peer}.emitted`, sender.decodedFps),
      estimatedPlayoutTimestamp: atMs - sender.pictureLateMs,
      lastPacketReceivedTimestamp: stamp(`${peer}.packet`, sender.packetsPerSecond),
      ...(sender.corruption === null
        ? {}
        : {
            totalCorruptionProbability: grow(`${peer}.corruption`, sender.corruption * 10),
            corruptionMeasurements: Math.round(grow(`${peer}.measured`, 10)),
          }),
    },
    {
      id: 'ia',
      type: 'inbound-rtp',
      timestamp,
      kind: 'audio',
      ssrc: 22,
      packetsReceived: sound,
      packetsLost: Math.round(grow(`${peer}.soundLost`, sender.audioPerSecond * sender.lossRatio)),
      bytesReceived: sound * 80,
      jitter: sender.jitterMs / 1_000,
      totalSamplesReceived: grow(`${peer}.samples`, sender.audioPerSecond * 960),
      concealedSamples: 0,
      totalAudioEnergy: grow(`${peer}.energy`, sender.audioEnergy),
      jitterBufferDelay: grow(`${peer}.soundBuffer`, 48_000 * 60) / 1_000,
      jitterBufferEmittedCount: grow(`${peer}.soundEmitted`, 48_000),
      estimatedPlayoutTimestamp: atMs,
      lastPacketReceivedTimestamp: stamp(`${peer}.soundPacket`, sender.audioPerSecond),
    },
  ]
}
