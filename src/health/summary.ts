/**
 * Statistics as vendor SDKs give them where they hide the browser's: rates of each stream. They are added up to the
 * counters that everything here reads, so that a summary is treated like any other sample. Missing stays missing.
 */
import type { RawStats, StatEntry } from './stat-rows.js'

/** One stream in a summary; null is unknown. */
export interface StreamSummary {
  readonly kind: 'audio' | 'video'
  readonly bitrateBps: number | null
  /** 0 to 1. */
  readonly lossRatio: number | null
  readonly jitterMs: number | null
  readonly fps: number | null
  readonly frameHeight: number | null
}

/** What an adapter tells of a connection whose peer connections it cannot show. */
export interface StatsSummary {
  readonly rttMs: number | null
  readonly availableOutgoingBps: number | null
  readonly inbound: readonly (StreamSummary & { readonly peer: string | null })[]
  readonly outbound: readonly StreamSummary[]
}

/** Adds summaries up, connection by connection. */
export interface Summaries {
  rawOf(
    connectionId: string,
    summary: StatsSummary,
    atMs: number,
    peerIndex: (peer: string | null) => number,
  ): RawStats
}

interface Sums {
  readonly pc: number
  atMs: number
  readonly streams: Map<string, Stream>
}

interface Stream {
  readonly ssrc: number
  packets: number
  lost: number
  bytes: number
  frames: number
}

/** A packet of media, for loss as a share of packets; any size would do. */
const PACKET_BYTES = 1_000
/** Numbers of real peer connections count from 1; these are out of their way. */
const FIRST_PC = 1_000_000

/** Makes an adder. */
export function createSummaries(): Summaries {
  const known = new Map<string, Sums>()
  return {
    rawOf(connectionId, summary, atMs, peerIndex) {
      const sums = known.get(connectionId) ?? { pc: FIRST_PC + known.size, atMs, streams: new Map() }
      known.set(connectionId, sums)
      const seconds = Math.max(0, atMs - sums.atMs) / 1_000
      sums.atMs = atMs
      const pair: StatEntry = {
        id: 'pair',
        type: 'candidate-pair',
        timestamp: atMs,
        nominated: true,
        state: 'succeeded',
        currentRoundTripTime: inSeconds(summary.rttMs),
        availableOutgoingBitrate: summary.availableOutgoingBps,
      }
      const inbound = summary.inbound.map((stream) => {
        const key = `${stream.peer} ${stream.kind}`
        return { ...added(sums, key, stream, seconds), type: 'inbound-rtp', trackIdentifier: stream.peer }
      })
      const outbound = summary.outbound.map((stream, index) =>
        outboundEntries(summary, stream, atMs, added(sums, `out ${index}`, stream, seconds)),
      )
      return {
        pc: sums.pc,
        role: 'both',
        entries: [pair, ...inbound, ...outbound.flat()],
        peerIndexOf: peerIndex,
      }
    },
  }
}

function added(sums: Sums, key: string, stream: StreamSummary, seconds: number): StatEntry {
  const known = sums.streams.get(key) ?? { ssrc: sums.streams.size, packets: 0, lost: 0, bytes: 0, frames: 0 }
  sums.streams.set(key, known)
  const { kind, bitrateBps, lossRatio, jitterMs, fps, frameHeight } = stream
  const bytes = ((bitrateBps ?? 0) / 8) * seconds
  known.bytes += bytes
  known.packets += bytes / PACKET_BYTES
  known.lost += lossRatio !== null && lossRatio < 1 ? ((bytes / PACKET_BYTES) * lossRatio) / (1 - lossRatio) : 0
  known.frames += (fps ?? 0) * seconds
  const packets = bitrateBps === null ? undefined : known.packets
  const bytesSoFar = bitrateBps === null ? undefined : known.bytes
  const frames = fps === null ? undefined : known.frames
  return {
    id: key,
    kind,
    ssrc: known.ssrc,
    packetsReceived: packets,
    packetsSent: packets,
    packetsLost: lossRatio === null ? undefined : known.lost,
    bytesReceived: bytesSoFar,
    bytesSent: bytesSoFar,
    framesReceived: frames,
    framesDecoded: frames,
    framesEncoded: frames,
    frameHeight: frameHeight ?? undefined,
    jitter: inSeconds(jitterMs),
  }
}

function outboundEntries(
  summary: StatsSummary,
  stream: StreamSummary,
  atMs: number,
  entry: StatEntry,
): StatEntry[] {
  const remote: StatEntry = {
    id: `${String(entry.id)} remote`,
    type: 'remote-inbound-rtp',
    localId: entry.id,
    fractionLost: stream.lossRatio,
    jitter: entry.jitter,
    roundTripTime: inSeconds(summary.rttMs),
    // Each summary is a fresh report: its time counts the acknowledgements.
    timestamp: atMs,
  }
  return [{ ...entry, type: 'outbound-rtp' }, remote]
}

/** Milliseconds to the seconds that browsers give. */
function inSeconds(ms: number | null): number | undefined {
  return ms === null ? undefined : ms / 1_000
}
