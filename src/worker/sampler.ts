/**
 * Reads the connections on the page (workers have no RTCPeerConnection) as cheaply as it can: every tick a
 * pulse from the receivers' synchronization sources, getStats once a second or every 250 ms while something is
 * odd. getStats is started and left alone: nobody waits for it, a hanging one is given up, and what comes back
 * is reduced to numbers before it leaves the page.
 */
import type { Clock } from '../clock.js'
import { pulse } from '../health/layout.js'
import { setCost } from '../health/pack.js'
import { type RawStats, reduceStats, type StatEntry } from '../health/reduce.js'
import { createSummaries, type StatsSummary, type Summaries } from '../health/summary.js'
import { createMediaTimes, type MediaTimes, type OnMedia } from './media-times.js'
import type { ConnectionSample, SampleBatch } from './protocol.js'

/** One peer connection to read. */
export interface SampledPeerConnection {
  readonly id: string
  readonly pc: RTCPeerConnection
  readonly role: 'send' | 'recv' | 'both'
  readonly peer: string | null
}

/** One connection to read. */
export interface SampledConnection {
  readonly connectionId: string
  readonly provider: string
  readonly role: 'current' | 'candidate' | 'standby' | 'retiring'
  /** Whether a server stands between participants (`capabilities.server`). */
  readonly hasServer: boolean
  /** Somebody else publishes at least one source there. */
  readonly expectsInbound: boolean
  /** This participant publishes at least one source there. */
  readonly expectsOutbound: boolean
  readonly entries: readonly SampledPeerConnection[]
  /** Whose track is whose, where one peer connection carries several peers; gone through more than once. */
  readonly tracks?: readonly { readonly peer: string | null; readonly track: { readonly id: string } }[]
  /** What the adapter tells where the browser's statistics are hidden (`capabilities.stats` is `summary`). */
  readonly summary?: () => StatsSummary | null
}

/** Reads connections on demand. */
export interface Sampler {
  /** Takes a pulse now and, when due, starts getStats; each finished batch goes to `onBatch`. */
  tick(wantsStats: boolean): void
  /** Main-thread milliseconds per peer of the latest full samples, oldest first; for the bench. */
  costsMs(): readonly number[]
  stop(): void
}

/** What {@link createSampler} needs. */
export interface SamplerOptions {
  readonly clock: Clock
  readonly sources: () => readonly SampledConnection[]
  readonly onBatch: (batch: SampleBatch) => void
  /** When media of this peer was last known to arrive; at every look at every receiver of it. */
  readonly onMedia?: OnMedia
  /** Default: `navigator.onLine`, true where there is none. */
  readonly isOnline?: () => boolean
}

/** getStats in good times; one costs about 1 ms and reads what the browser refreshes once a second anyway. */
export const STATS_INTERVAL_MS = 1_000
/** getStats while something is odd. */
export const ODD_STATS_INTERVAL_MS = 250
/** A getStats that takes longer is given up; its peer connection is not asked again before it returns. */
export const STATS_LIMIT_MS = 1_000
/** Samples whose cost is remembered. */
const COSTS_KEPT = 600
/** Statistics came back this late at most where what was seen before still counts: two ticks of a rush. */
const SEEN_KEPT_MS = 60
/** Ticks come on time only roughly: a due read is not put off for a few milliseconds. */
const TICK_SLACK_MS = 20

interface Reading {
  readonly options: SamplerOptions
  readonly times: MediaTimes
  readonly summaries: Summaries
  readonly numbers: WeakMap<RTCPeerConnection, number>
  readonly pending: WeakSet<RTCPeerConnection>
  readonly costs: number[]
  nextNumber: number
  lastStatsAtMs: number
  isReading: boolean
  isStopped: boolean
}

/** Makes a sampler; nothing runs until `tick()`. */
export function createSampler(options: SamplerOptions): Sampler {
  const reading: Reading = {
    options,
    times: createMediaTimes(options.clock),
    summaries: createSummaries(),
    numbers: new WeakMap(),
    pending: new WeakSet(),
    costs: [],
    nextNumber: 0,
    lastStatsAtMs: Number.NEGATIVE_INFINITY,
    isReading: false,
    isStopped: false,
  }
  return {
    tick(wantsStats) {
      if (reading.isStopped) return
      const sources = options.sources()
      deliver(
        reading,
        sources.map((source) => takePulse(reading, source)),
      )
      const nowMs = options.clock.now()
      const isOdd = wantsStats || sources.some((source) => reading.times.hasStopped(source))
      const intervalMs = (isOdd ? ODD_STATS_INTERVAL_MS : STATS_INTERVAL_MS) - TICK_SLACK_MS
      if (reading.isReading || nowMs - reading.lastStatsAtMs < intervalMs) return
      reading.lastStatsAtMs = nowMs
      reading.isReading = true
      void readAll(reading, sources).finally(() => {
        reading.isReading = false
      })
    },
    costsMs: () => [...reading.costs],
    stop() {
      reading.isStopped = true
    },
  }
}

function deliver(reading: Reading, connections: readonly ConnectionSample[]): void {
  const { clock, onBatch, isOnline = browserIsOnline } = reading.options
  if (!reading.isStopped) onBatch({ atMs: clock.now(), isOnline: isOnline(), connections })
}

function browserIsOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false
}

function takePulse(reading: Reading, source: SampledConnection): ConnectionSample {
  const startMs = reading.options.clock.now()
  const mediaAtMs = reading.times.newestMs(source, reading.options.onMedia)
  const values = pulse(startMs, mediaAtMs, reading.options.clock.now() - startMs)
  return { ...labelsOf(source), peers: [], values }
}

function labelsOf(source: SampledConnection): Omit<ConnectionSample, 'peers' | 'values'> {
  const { connectionId, provider, hasServer, expectsInbound, expectsOutbound, role } = source
  return { connectionId, provider, hasServer, isCurrent: role === 'current', expectsInbound, expectsOutbound }
}

async function readAll(reading: Reading, sources: readonly SampledConnection[]): Promise<void> {
  const connections = await Promise.all(sources.map((source) => readOne(reading, source)))
  deliver(reading, connections)
}

async function readOne(reading: Reading, source: SampledConnection): Promise<ConnectionSample> {
  const { clock } = reading.options
  const peers: string[] = []
  const peerIndex = (peer: string | null): number => {
    if (peer === null) return -1
    if (!peers.includes(peer)) peers.push(peer)
    return peers.indexOf(peer)
  }
  const open = source.entries.filter((entry) => entry.pc.signalingState !== 'closed')
  const reports = await Promise.all(open.map((entry) => statsOf(reading, entry.pc)))
  const startMs = clock.now()
  const trackPeers = new Map<string, string | null>()
  for (const track of source.tracks ?? []) trackPeers.set(track.track.id, track.peer)
  const peerIndexOf = (peer: string | null, trackId: string | null): number =>
    peerIndex(peer ?? trackPeers.get(trackId ?? '') ?? null)
  const raw = open.flatMap((entry, index): RawStats[] => {
    const entries = reports[index]
    return entries ? [rawOf(reading, entry, entries, peerIndexOf)] : []
  })
  const summary = source.summary?.()
  if (summary) raw.push(reading.summaries.rawOf(source.connectionId, summary, startMs, peerIndex))
  if (raw.length === 0) return { ...labelsOf(source), peers: [], values: null }
  const mediaAtMs = reading.times.newestMs(source, undefined, SEEN_KEPT_MS)
  const values = reduceStats({ atMs: startMs, mediaAtMs, costMs: 0 }, raw)
  noteCost(reading, values, clock.now() - startMs, peers.length)
  return { ...labelsOf(source), peers, values }
}

function rawOf(
  reading: Reading,
  { pc, role, peer }: SampledPeerConnection,
  entries: readonly StatEntry[],
  peerIndexOf: (peer: string | null, trackId: string | null) => number,
): RawStats {
  const tracks = reading.times.tracksOf(pc)
  return {
    pc: numberOf(reading, pc),
    role,
    entries,
    states: { connection: pc.connectionState, ice: pc.iceConnectionState },
    peerIndexOf: (trackId) => peerIndexOf(peer, trackId),
    trackOf: (trackId) => tracks.get(trackId ?? ''),
  }
}

function noteCost(reading: Reading, values: Float64Array, costMs: number, peers: number): void {
  setCost(values, costMs)
  reading.costs.push(costMs / Math.max(1, peers))
  if (reading.costs.length > COSTS_KEPT) reading.costs.shift()
}

/** A small number for each peer connection, kept for its life. */
function numberOf(reading: Reading, pc: RTCPeerConnection): number {
  const known = reading.numbers.get(pc)
  if (known !== undefined) return known
  reading.nextNumber += 1
  reading.numbers.set(pc, reading.nextNumber)
  return reading.nextNumber
}

/** The stats as a list; null when they do not come in time or the connection closed meanwhile. */
function statsOf(reading: Reading, pc: RTCPeerConnection): Promise<readonly StatEntry[] | null> {
  if (reading.pending.has(pc)) return Promise.resolve(null)
  reading.pending.add(pc)
  return new Promise((resolve) => {
    const cancel = reading.options.clock.after(STATS_LIMIT_MS, () => resolve(null))
    const settle = (entries: readonly StatEntry[] | null): void => {
      reading.pending.delete(pc)
      cancel()
      resolve(entries)
    }
    pc.getStats().then(
      (report) => {
        const entries: StatEntry[] = []
        report.forEach((entry: StatEntry) => {
          entries.push(entry)
        })
        settle(entries)
      },
      // Rejects when the connection closes meanwhile: then there is nothing to read.
      () => settle(null),
    )
  })
}
