/**
 * Stands in for `health/stat-rows.ts` in the script-tag file: only the fields that its verdicts on connections and
 * its plain ratings read. Detectors, which want the others, are no part of that file.
 */
import { I, INBOUND_SIZE, O, OUTBOUND_SIZE, P, PC_SIZE, type Row } from '../health/layout.js'
import type { EntriesById, RawStats, StatEntry } from '../health/stat-rows.js'

/** As in `health/stat-rows.ts`. */
export function pcRow(one: RawStats, byId: EntriesById): Row {
  const transport = one.entries.find((entry) => entry.type === 'transport')
  const pairs = one.entries.filter((entry) => entry.type === 'candidate-pair')
  const pair =
    byId.get(transport?.selectedCandidatePairId) ??
    pairs.find(({ selected }) => selected === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded')
  const row = new Float64Array(PC_SIZE).fill(Number.NaN)
  const packets = number(transport?.packetsReceived)
  row[P.pc] = one.pc
  row[P.packetsReceived] = Number.isNaN(packets) ? number(pair?.packetsReceived) : packets
  row[P.responsesReceived] = number(pair?.responsesReceived)
  row[P.rttMs] = number(pair?.currentRoundTripTime) * 1_000
  return row
}

/** As in `health/stat-rows.ts`. */
export function inboundRow(one: RawStats, entry: StatEntry): Row {
  const row = streamRow(one, entry, INBOUND_SIZE)
  row[I.peer] = one.peerIndexOf(typeof entry.trackIdentifier === 'string' ? entry.trackIdentifier : null)
  row[I.packetsReceived] = number(entry.packetsReceived)
  row[I.packetsLost] = number(entry.packetsLost)
  row[I.bytesReceived] = number(entry.bytesReceived)
  row[I.framesDecoded] = number(entry.framesDecoded)
  row[I.jitterMs] = number(entry.jitter) * 1_000
  const sinceMs = number(entry.timestamp) - number(entry.lastPacketReceivedTimestamp)
  row[I.sincePacketMs] = sinceMs >= 0 ? sinceMs : Number.NaN
  return row
}

/** As in `health/stat-rows.ts`. */
export function outboundRow(one: RawStats, entry: StatEntry, byId: EntriesById): Row {
  const row = streamRow(one, entry, OUTBOUND_SIZE)
  const remote =
    byId.get(entry.remoteId) ??
    one.entries.find(({ type, localId }) => type === 'remote-inbound-rtp' && localId === entry.id)
  const measurements = number(remote?.roundTripTimeMeasurements)
  row[O.packetsSent] = number(entry.packetsSent)
  row[O.acknowledgement] = Number.isNaN(measurements) ? number(remote?.timestamp) : measurements
  return row
}

function streamRow(one: RawStats, entry: StatEntry, size: number): Row {
  const row = new Float64Array(size).fill(Number.NaN)
  row[I.pc] = one.pc
  row[I.ssrc] = number(entry.ssrc)
  const kind = entry.kind ?? entry.mediaType
  row[I.kind] = kind === 'audio' ? 0 : kind === 'video' ? 1 : Number.NaN
  return row
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
}
