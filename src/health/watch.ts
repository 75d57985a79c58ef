/**
 * What the detector remembers of one provider connection, and how a sample changes it. Times are the page's
 * clock in milliseconds; media is dated by the best witness a sample has, not by when it was looked at.
 */

import type { ProbeState } from './judge.js'
import { at, I, O, P, type Sample } from './layout.js'
import { growth, inboundGrowth, sameStream } from './reduce.js'
import type { ConnectionVerdict } from './verdict.js'

/** One connection in one tick. */
export interface ObservedConnection {
  readonly connectionId: string
  readonly provider: string
  /** Whether a server stands between participants. */
  readonly hasServer: boolean
  /** Somebody else publishes there. */
  readonly expectsInbound: boolean
  /** This participant publishes there. */
  readonly expectsOutbound: boolean
  /** Null when nothing could be read in this tick. */
  readonly sample: Sample | null
}

/** What is remembered of one connection. */
export interface Watch {
  readonly connection: ObservedConnection
  readonly lastFull: Sample | null
  /** Media of others, or an acknowledgement of ours, was seen: before that nothing is judged. */
  readonly hasSeenMedia: boolean
  readonly inboundAtMs: number | null
  readonly transportAtMs: number | null
  readonly acknowledgedAtMs: number | null
  /** Since when we have been sending without a word of its arrival; null while reports come or nothing is sent. */
  readonly unansweredSinceMs: number | null
  /** Inbound media counts as expected only after it came once since it was announced. */
  readonly hasInboundStarted: boolean
  readonly lastSilentMs: number
  /** Longest silence of late that ended by itself. */
  readonly usualSilenceMs: number
  readonly socketClosedAtMs: number | null
  readonly ice: Readonly<Record<string, string>>
  readonly probe: ProbeState
  readonly probeAtMs: number | null
  /** When the probe that `probe` tells of was asked. */
  readonly probeAskedAtMs: number | null
  readonly verdict: ConnectionVerdict
}

/** Limit on the learned usual silence: a muted camera without sound sends a frame a second. */
const USUAL_SILENCE_MAX_MS = 1_200
/** The usual silence is forgotten by half in about 14 ticks. */
const USUAL_SILENCE_DECAY = 0.95

/** A connection of which nothing is known yet. */
export function newWatch(connection: ObservedConnection): Watch {
  const { connectionId } = connection
  return {
    connection,
    lastFull: null,
    hasSeenMedia: false,
    inboundAtMs: null,
    transportAtMs: null,
    acknowledgedAtMs: null,
    unansweredSinceMs: null,
    hasInboundStarted: false,
    lastSilentMs: 0,
    usualSilenceMs: 0,
    socketClosedAtMs: null,
    ice: {},
    probe: 'none',
    probeAtMs: null,
    probeAskedAtMs: null,
    verdict: { connectionId, state: 'unknown', blame: 'none', evidence: [], silentForMs: null },
  }
}

/** Timers start anew after a freeze of our own; what the browser said of sockets and ICE still stands. */
export function restarted(watch: Watch, atMs: number): Watch {
  return {
    ...watch,
    inboundAtMs: watch.inboundAtMs === null ? null : atMs,
    transportAtMs: watch.transportAtMs === null ? null : atMs,
    acknowledgedAtMs: watch.acknowledgedAtMs === null ? null : atMs,
    unansweredSinceMs: null,
    lastSilentMs: 0,
    probe: 'none',
    probeAtMs: null,
    probeAskedAtMs: null,
  }
}

/** Takes one tick's sample in. */
export function takeSample(watch: Watch, connection: ObservedConnection, atMs: number): Watch {
  const { sample } = connection
  const full = sample?.isFull ? sample : null
  const inboundAtMs = newest(watch.inboundAtMs, sample ? inboundTime(watch, sample) : null)
  const newMs = inboundAtMs === null ? 0 : inboundAtMs - (watch.inboundAtMs ?? Number.NEGATIVE_INFINITY)
  const hasNew = newMs > 0
  const acknowledgedAtMs = full && isAcknowledged(watch.lastFull, full) ? full.atMs : watch.acknowledgedAtMs
  const transportAtMs = full && isTransportGrown(watch.lastFull, full) ? full.atMs : watch.transportAtMs
  const isNewlyExpected = connection.expectsInbound && !watch.connection.expectsInbound
  return {
    ...watch,
    connection,
    lastFull: full ?? watch.lastFull,
    inboundAtMs,
    transportAtMs,
    acknowledgedAtMs,
    unansweredSinceMs: full ? unansweredSince(watch, full) : watch.unansweredSinceMs,
    hasInboundStarted: hasNew || (watch.hasInboundStarted && !isNewlyExpected),
    hasSeenMedia: watch.hasSeenMedia || inboundAtMs !== null || acknowledgedAtMs !== null,
    lastSilentMs: inboundAtMs === null ? 0 : Math.max(0, atMs - inboundAtMs),
    // Only a silence that has ended is usual; learning from a running one would stretch every timeout.
    usualSilenceMs: hasNew ? usualSilence(watch, newMs) : watch.usualSilenceMs,
  }
}

/** Two witnesses date one packet some milliseconds apart: no silence has ended that is longer than from one to the other. */
function usualSilence({ lastSilentMs, usualSilenceMs }: Watch, newMs: number): number {
  const endedMs = Math.min(lastSilentMs, newMs)
  return Math.min(USUAL_SILENCE_MAX_MS, Math.max(endedMs, usualSilenceMs * USUAL_SILENCE_DECAY))
}

/** Whether media of others must come: it did, since it was announced. */
export function expectsInbound({ connection, hasInboundStarted }: Watch): boolean {
  return connection.expectsInbound && hasInboundStarted
}

/** When the silence began that is judged; null where nothing was ever heard. */
export function silentSince(watch: Watch): number | null {
  return expectsInbound(watch) ? watch.inboundAtMs : newest(watch.acknowledgedAtMs, watch.transportAtMs)
}

/** How the latest probe of this silence stands: what came after one was asked has answered for the server. */
export function probeIn(watch: Watch): ProbeState {
  const { probe, probeAtMs, probeAskedAtMs, socketClosedAtMs } = watch
  const askedAtMs = (probe === 'asked' ? probeAtMs : probeAskedAtMs) ?? Number.POSITIVE_INFINITY
  const isOver = askedAtMs < (silentSince(watch) ?? 0)
  // A closed socket has limits of its own, and what cannot be asked need not be tried again.
  return isOver && socketClosedAtMs === null && probe !== 'impossible' ? 'none' : probe
}

/** The later of two times; null is unknown. */
export function newest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.max(one, other)
}

/** When the newest inbound media came, by the best witness in this sample. */
function inboundTime(watch: Watch, sample: Sample): number | null {
  let newestMs = Number.isNaN(sample.mediaAtMs) ? null : sample.mediaAtMs
  if (!sample.isFull) return newestMs
  for (const row of sample.inbound) {
    const sinceMs = at(row, I.sincePacketMs)
    if (!Number.isNaN(sinceMs)) newestMs = newest(newestMs, sample.atMs - sinceMs)
  }
  // Browsers without ages: a grown counter says only that something came since the last look.
  if (newestMs === null && inboundGrowth(watch.lastFull, sample) > 0) return sample.atMs
  return newestMs
}

function isAcknowledged(before: Sample | null, after: Sample): boolean {
  return after.outbound.some((row) => growth(sameStream(before?.outbound, row), row, O.acknowledgement) > 0)
}

/**
 * A server that has forgotten our publication still answers STUN and still sends what others publish: only reports
 * of what we send tell. Packets count as sent when they leave, so silence of our own is nobody's failure.
 */
function unansweredSince(watch: Watch, after: Sample): number | null {
  const before = watch.lastFull
  const isSending = after.outbound.some(
    (row) => growth(sameStream(before?.outbound, row), row, O.packetsSent) > 0,
  )
  if (before === null || !isSending || isAcknowledged(before, after)) return null
  return watch.unansweredSinceMs ?? before.atMs
}

function isTransportGrown(before: Sample | null, after: Sample): boolean {
  return after.peerConnections.some((row) => {
    const old = before?.peerConnections.find((other) => other[P.pc] === row[P.pc])
    return growth(old, row, P.packetsReceived) > 0 || growth(old, row, P.responsesReceived) > 0
  })
}
