/**
 * How long somebody may be silent before it means something, learned from that somebody alone: an accrual failure
 * detector over several streams of evidence. Silence counts from the newest evidence of any stream. A calm peer is
 * suspected soon; one whose silences have been long of late and ended by themselves gets more time. Pure: time comes
 * in with every input. Whose fault the silence is (ours, the network's) is decided in `peer-watch.ts`.
 */

/** Kinds of evidence that a peer lives. */
export type EvidenceStream = 'beat' | 'media' | 'transport' | 'provider'

/** What is remembered of one stream. */
interface StreamMemory {
  readonly lastMs: number
  /** Its usual distance between two signs of life. */
  readonly intervalMs: number
  /** It went silent while others went on: muted, hidden or moved elsewhere. */
  readonly isPaused: boolean
}

/** Everything known of one observed peer; plain data. */
export interface Detector {
  readonly streams: Readonly<Partial<Record<EvidenceStream, StreamMemory>>>
  /** Newest evidence of any stream; null before the first. */
  readonly lastMs: number | null
  /** Longest silence of late that ended by itself; fades from `peakAtMs` on. */
  readonly peakMs: number
  readonly peakAtMs: number
  /** The pace of heartbeats that it announced; in large rooms they come less often. */
  readonly paceMs: number
}

/** Silences at which suspicion becomes 1 and 2. */
export interface SilenceLimits {
  readonly suspectMs: number
  readonly confirmMs: number
}

/** Suspicion from which one may prepare for the loss. */
export const SUSPECT = 1
/** Suspicion from which one may act as if the peer were gone. */
export const CONFIRMED = 2

/**
 * A calm peer with dense evidence is suspected after this silence. The constants of this file were chosen on one half
 * of the recorded drives and reported on the other (`bench/support/detector.ts`).
 */
export const SUSPECT_MS = 1_280
/** In turbulence suspicion waits this long: by then a silence is an outage by definition. */
export const SUSPECT_MAX_MS = 2_000
/** Silence that confirms. Nothing below it can tell a short outage of a mobile network from an end. */
export const CONFIRM_MS = 3_000
/** And at most so much with sparse evidence or in turbulence. */
export const CONFIRM_MAX_MS = 3_500
/** Evidence as dense as this needs no extra time: the page looks four times a second, at times a little late. */
const DENSE_MS = 400
/** A stream that is this much sparser than usual while others go on has paused. */
const PAUSED_FACTOR = 3
const PAUSED_MIN_MS = 400
/** The pace of heartbeats, and that of a new peer until it shows its own. */
const BEAT_PACE_MS = 1_000
/** Longer distances are outages and not a pace, unless a longer one was announced. */
const INTERVAL_MAX_MS = 1_500
/** Announced beats that may be missing beyond {@link CONFIRM_MAX_MS}. */
const PACE_CONFIRM_SHARE = 2
/** Weight of the newest distance in the usual one. */
const INTERVAL_WEIGHT = 0.1
/** An ended silence is half forgotten after this long: turbulence comes in clusters of about a minute. */
const PEAK_HALF_LIFE_MS = 18_000
/** Ended silences up to this length are no turbulence. */
const CALM_PEAK_MS = 800
/** Extra time for each millisecond of an ended silence above the calm ones. */
const SUSPECT_GAIN = 4
const CONFIRM_GAIN = 1
/** How much of the extra for sparse evidence reaches the second level. */
const SPARSE_CONFIRM_SHARE = 0.5

/** A peer that was never heard. */
export function newDetector(): Detector {
  return { streams: {}, lastMs: null, peakMs: 0, peakAtMs: 0, paceMs: BEAT_PACE_MS }
}

/** Takes the announced pace of heartbeats in. */
export function paced(detector: Detector, paceMs: number): Detector {
  return paceMs === detector.paceMs ? detector : { ...detector, paceMs: Math.max(BEAT_PACE_MS, paceMs) }
}

/** Takes a sign of life in; an older one than the newest of its stream changes nothing. */
export function heard(detector: Detector, stream: EvidenceStream, atMs: number): Detector {
  const known = detector.streams[stream]
  if (known !== undefined && atMs <= known.lastMs) return detector
  const streams = {
    ...pausedOthers(detector.streams, stream, atMs),
    [stream]: memoryAfter(known, atMs, detector.paceMs),
  }
  const { lastMs } = detector
  if (lastMs === null || atMs <= lastMs) return { ...detector, streams, lastMs: lastMs ?? atMs }
  const silenceMs = atMs - lastMs
  // Only a silence that has ended is learned; a running one would stretch its own limit.
  const isPeak = silenceMs > fadedPeak(detector, atMs)
  return {
    ...detector,
    streams,
    lastMs: atMs,
    peakMs: isPeak ? silenceMs : detector.peakMs,
    peakAtMs: isPeak ? atMs : detector.peakAtMs,
  }
}

/**
 * What we slept through, or could not hear while our own network was gone, says nothing about the peer: its silence
 * counts from now on, and the gap is not learned.
 */
export function excused(detector: Detector, nowMs: number): Detector {
  if (detector.lastMs === null || nowMs <= detector.lastMs) return detector
  const streams: Partial<Record<EvidenceStream, StreamMemory>> = {}
  for (const [name, memory] of Object.entries(detector.streams))
    streams[name as EvidenceStream] = { ...memory, lastMs: Math.max(memory.lastMs, nowMs) }
  return { ...detector, streams, lastMs: nowMs }
}

/** The limits in force for the running silence. */
export function limitsOf(detector: Detector): SilenceLimits {
  const intervalMs = intervalOf(detector)
  const sparseMs = Math.max(0, intervalMs - DENSE_MS)
  const roughMs = Math.max(0, fadedPeak(detector, detector.lastMs ?? 0) - CALM_PEAK_MS - sparseMs)
  const suspectMs = Math.min(SUSPECT_MAX_MS, SUSPECT_MS + SUSPECT_GAIN * roughMs)
  const confirmMs = CONFIRM_MS + SPARSE_CONFIRM_SHARE * sparseMs + CONFIRM_GAIN * roughMs
  const paceMs = PACE_CONFIRM_SHARE * Math.max(0, intervalMs - BEAT_PACE_MS)
  return { suspectMs: suspectMs + sparseMs, confirmMs: Math.min(CONFIRM_MAX_MS, confirmMs) + paceMs }
}

/** Milliseconds since the newest evidence; 0 before the first. */
export function silenceOf(detector: Detector, nowMs: number): number {
  return detector.lastMs === null ? 0 : Math.max(0, nowMs - detector.lastMs)
}

/** Suspicion, growing steadily with the silence: 0 just heard, {@link SUSPECT} and {@link CONFIRMED} at the limits. */
export function suspicionOf(detector: Detector, nowMs: number): number {
  const silentMs = silenceOf(detector, nowMs)
  const { suspectMs, confirmMs } = limitsOf(detector)
  if (silentMs < suspectMs) return silentMs / suspectMs
  return SUSPECT + (silentMs - suspectMs) / (confirmMs - suspectMs)
}

/** The pace of the densest stream that still runs. */
export function intervalOf({ streams, paceMs }: Detector): number {
  let intervalMs = paceMs
  for (const memory of Object.values(streams))
    if (!memory.isPaused) intervalMs = Math.min(intervalMs, memory.intervalMs)
  return intervalMs
}

function fadedPeak({ peakMs, peakAtMs }: Detector, atMs: number): number {
  return peakMs * 2 ** (-(atMs - peakAtMs) / PEAK_HALF_LIFE_MS)
}

function memoryAfter(known: StreamMemory | undefined, atMs: number, paceMs: number): StreamMemory {
  if (known === undefined) return { lastMs: atMs, intervalMs: paceMs, isPaused: false }
  const distanceMs = Math.min(Math.max(INTERVAL_MAX_MS, paceMs), atMs - known.lastMs)
  const intervalMs = known.isPaused
    ? known.intervalMs
    : known.intervalMs + INTERVAL_WEIGHT * (distanceMs - known.intervalMs)
  return { lastMs: atMs, intervalMs, isPaused: false }
}

/** A stream that was overdue when another one came has stopped for a reason that is not the end of the peer. */
function pausedOthers(streams: Detector['streams'], except: EvidenceStream, atMs: number): Detector['streams'] {
  let changed = streams
  for (const name of Object.keys(streams) as EvidenceStream[]) {
    const memory = streams[name]
    if (memory === undefined || name === except || memory.isPaused) continue
    const patienceMs = Math.max(PAUSED_MIN_MS, PAUSED_FACTOR * memory.intervalMs)
    if (atMs - memory.lastMs > patienceMs) changed = { ...changed, [name]: { ...memory, isPaused: true } }
  }
  return changed
}
