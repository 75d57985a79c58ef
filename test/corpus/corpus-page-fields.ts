/** Which fields of getStats are recorded: what any reader of health could want, and nothing that names a host. */
import type { StatEntry } from '../../src/health/reduce.js'

const COMMON = ['id', 'type']
/** Their timestamps are those of the whole report, or none worth keeping. */
const UNTIMED = new Set(['codec', 'local-candidate', 'remote-candidate'])
const UNUSED_LEFT_OUT = UNTIMED
const RTP = ['ssrc', 'kind', 'mid', 'codecId', 'transportId']
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  codec: ['mimeType'],
  'candidate-pair': (
    'transportId state nominated writable selected localCandidateId remoteCandidateId bytesSent bytesReceived packetsSent ' +
    'packetsReceived totalRoundTripTime currentRoundTripTime availableOutgoingBitrate requestsSent ' +
    'responsesReceived consentRequestsSent'
  ).split(' '),
  'local-candidate': ['candidateType', 'protocol', 'relayProtocol', 'networkType'],
  'remote-candidate': ['candidateType', 'protocol'],
  // The selected pair counts the same bytes and packets.
  transport: ['dtlsState', 'iceState', 'selectedCandidatePairId'],
  'inbound-rtp': [
    ...RTP,
    ...(
      'trackIdentifier remoteId packetsReceived packetsLost packetsDiscarded bytesReceived jitter ' +
      'lastPacketReceivedTimestamp jitterBufferDelay jitterBufferTargetDelay ' +
      'jitterBufferEmittedCount totalSamplesReceived concealedSamples silentConcealedSamples concealmentEvents ' +
      'audioLevel totalAudioEnergy totalSamplesDuration ' +
      'framesReceived framesDecoded keyFramesDecoded framesDropped frameWidth ' +
      'frameHeight framesPerSecond qpSum totalDecodeTime ' +
      'freezeCount totalFreezesDuration firCount pliCount ' +
      'nackCount estimatedPlayoutTimestamp totalCorruptionProbability ' +
      'corruptionMeasurements decoderImplementation'
    ).split(' '),
  ],
  'outbound-rtp': [
    ...RTP,
    ...(
      'mediaSourceId remoteId active packetsSent bytesSent retransmittedPacketsSent ' +
      'retransmittedBytesSent targetBitrate framesEncoded keyFramesEncoded framesSent frameWidth ' +
      'frameHeight framesPerSecond qpSum totalEncodeTime totalPacketSendDelay nackCount firCount pliCount ' +
      'qualityLimitationReason encoderImplementation'
    ).split(' '),
  ],
  'remote-inbound-rtp': [
    ...RTP,
    ...'localId packetsReceived packetsLost jitter fractionLost roundTripTime totalRoundTripTime roundTripTimeMeasurements'.split(
      ' ',
    ),
  ],
  'remote-outbound-rtp': [
    ...RTP,
    ...'localId remoteTimestamp packetsSent roundTripTimeMeasurements totalRoundTripTime'.split(' '),
  ],
  'media-source':
    'trackIdentifier kind width height frames framesPerSecond audioLevel totalAudioEnergy totalSamplesDuration'.split(
      ' ',
    ),
}
/** Times since 1970 become times of the recording. */
const TIMES = ['timestamp', 'lastPacketReceivedTimestamp', 'remoteTimestamp', 'estimatedPlayoutTimestamp']
/** Milliseconds from 1900 to 1970: this one is an NTP time, and an unset one is zero. */
const NTP_EPOCH_MS = 2_208_988_800_000

/** The recorded part of a report. */
export function projected(report: RTCStatsReport, zeroMs: number): StatEntry[] {
  const entries: StatEntry[] = []
  report.forEach((entry: StatEntry) => {
    const moved: Record<string, unknown> = { ...entry }
    for (const field of TIMES) {
      const value = entry[field]
      if (typeof value === 'number') moved[field] = value - zeroMs - (value > NTP_EPOCH_MS ? NTP_EPOCH_MS : 0)
    }
    entries.push(moved)
  })
  return slimmed(entries)
}

/** Without the fields that nobody reads, and without what is unused of a connection's candidates. */
export function slimmed(entries: readonly StatEntry[]): StatEntry[] {
  const used = usedIds(entries)
  const kept: StatEntry[] = []
  for (const entry of entries) {
    const fields = FIELDS[String(entry.type)]
    const isUnused = UNUSED_LEFT_OUT.has(String(entry.type)) && !used.has(entry.id)
    if (!fields || isUnused) continue
    const one: Record<string, unknown> = {}
    const isTimed = !UNTIMED.has(String(entry.type))
    for (const field of [...COMMON, ...(isTimed ? ['timestamp'] : []), ...fields])
      if (entry[field] !== undefined) one[field] = entry[field]
    const durations = entry.qualityLimitationDurations
    if (typeof durations === 'object' && durations !== null) one.qualityLimitationDurations = { ...durations }
    kept.push(one)
  }
  return kept
}

/** Ids of the codecs that streams name and of the ends of all pairs that ever carried anything. */
function usedIds(entries: readonly StatEntry[]): ReadonlySet<unknown> {
  const ids = new Set<unknown>()
  for (const entry of entries) {
    ids.add(entry.codecId)
    if (entry.type !== 'candidate-pair' || entry.nominated !== true) continue
    ids.add(entry.localCandidateId)
    ids.add(entry.remoteCandidateId)
  }
  return ids
}
