/**
 * The verdict on one connection from what has been observed: a pure table of rules, strictest first. Two
 * questions are kept apart. Is it dead? Media that must come has stopped, confirmed by a second witness (the
 * socket closed, a probe unanswered, the transport silent). Who is to blame? The provider only if it does not
 * answer and nobody else is fine with it; otherwise my own path to it, which only I repair.
 */
import type { Hearsay } from './hearsay.js'
import type { ConnectionVerdict, EvidenceKey } from './verdict.js'

/** State of the latest probe within one incident. */
export type ProbeState = 'none' | 'asked' | 'answered' | 'unanswered' | 'impossible'

/** Everything known of one connection at one moment. Ages are milliseconds; null is unknown. */
export interface Facts extends Hearsay {
  readonly connectionId: string
  /** Whether a server stands between participants; a mesh has none that could die. */
  readonly hasServer: boolean
  /** Media, or acknowledgements of ours, were seen at least once. */
  readonly hasSeenMedia: boolean
  /** Somebody else publishes on this provider. */
  readonly expectsInbound: boolean
  readonly expectsOutbound: boolean
  readonly inboundSilentMs: number | null
  readonly transportSilentMs: number | null
  readonly outboundSilentMs: number | null
  /** How long we have been sending without any report that it arrives; null while reports come. */
  readonly unansweredMs: number | null
  /** Longest silence that was normal lately. */
  readonly usualSilenceMs: number
  readonly isSocketClosed: boolean
  /** It closed within the last half second. */
  readonly isSocketJustClosed: boolean
  readonly ice: 'fine' | 'disconnected' | 'failed'
  readonly probe: ProbeState
  readonly isOnline: boolean
}

/** Silence after a closed socket that means dead. A live stream pauses 100 to 150 ms at most. */
export const QUIET_MS = 150
/** The same when the socket closed a moment ago and cannot be opened again: two witnesses need less of the third. */
export const REFUSED_QUIET_MS = 80
/** Silence that makes a connection suspect and starts a probe. */
export const FLAT_MS = 400
/** Silence that is an outage by itself: dozens of packets and frames in a row. What it leads to is only a repair. */
export const LONG_MS = 1_500
/** Who is usually silent for long is given one lost packet more than that. */
const USUAL_TWICE = 2
/** Without inbound media only acknowledgements count; they come once a second. */
export const OUTBOUND_FLAT_MS = 1_600
/** STUN answers come every 2.5 s (2.7 s measured); less says nothing. */
export const STUN_FLAT_MS = 3_500
/** RTCP for audio alone may come every 5 s. */
export const ACKNOWLEDGEMENT_LOST_MS = 8_000
/** How long to wait for any word of the others before an unanswered probe is my own network's fault. */
export const WORD_WAIT_MS = 2_500
/**
 * Others are heard and none of them is troubled: what they say 1.2 s after the silence began tells whether they are fine,
 * and comes within a beat. Who is troubled by the same provider says so after half a second.
 */
export const ALONE_WAIT_MS = 2_300
/** A transport that received something this recently is alive. */
export const TRANSPORT_ALIVE_MS = 1_200

/** Whether the media that must come has stopped, and for how long that is certain. */
export type Flow = 'flowing' | 'quiet' | 'flat' | 'long' | 'unknown'

/** How media stands, judged by the best witness there is: inbound media, acknowledgements, STUN. */
export function flowOf(facts: Facts): Flow {
  const slack = facts.usualSilenceMs
  const isRefused = facts.isSocketJustClosed && facts.probe === 'unanswered'
  const quietMs = isRefused ? REFUSED_QUIET_MS : QUIET_MS
  if (facts.expectsInbound && facts.inboundSilentMs !== null)
    return level(
      facts.inboundSilentMs,
      quietMs + slack,
      FLAT_MS + slack,
      Math.max(LONG_MS, FLAT_MS + USUAL_TWICE * slack),
    )
  if (facts.expectsOutbound && facts.outboundSilentMs !== null)
    return level(facts.outboundSilentMs, OUTBOUND_FLAT_MS, OUTBOUND_FLAT_MS, 2 * OUTBOUND_FLAT_MS)
  if (facts.transportSilentMs !== null)
    return level(facts.transportSilentMs, STUN_FLAT_MS, STUN_FLAT_MS, 2 * STUN_FLAT_MS)
  return 'unknown'
}

function level(silentMs: number, quietMs: number, flatMs: number, longMs: number): Flow {
  if (silentMs >= longMs) return 'long'
  if (silentMs >= flatMs) return 'flat'
  return silentMs >= quietMs ? 'quiet' : 'flowing'
}

/** The verdict on one connection. */
export function judge(facts: Facts): ConnectionVerdict {
  if (!facts.hasSeenMedia) return say(facts, 'unknown', 'none', [])
  const flow = flowOf(facts)
  const evidence = evidenceOf(facts, flow)
  if (facts.isSocketClosed && facts.hasServer) return judgeClosed(facts, flow, evidence)
  if (flow === 'flat' || flow === 'long') return judgeFlat(facts, flow, evidence)
  if (facts.ice === 'failed') return say(facts, 'dead', 'path', evidence)
  if (evidence.includes('outbound-unacknowledged')) return say(facts, 'suspect', 'path', evidence)
  if (facts.ice === 'disconnected') return say(facts, 'suspect', 'path', evidence)
  return say(facts, 'ok', 'none', evidence)
}

/** The socket closed: dead as soon as media stops too; while media flows it is only a signaling blip. */
function judgeClosed(facts: Facts, flow: Flow, evidence: EvidenceKey[]): ConnectionVerdict {
  if (facts.probe === 'answered') return judgeFlatOrOk(facts, flow, evidence)
  const hasStopped = flow === 'quiet' || flow === 'flat' || flow === 'long'
  // With no traffic to miss, the unanswered probe is the second witness.
  const isConfirmed = hasStopped || (flow === 'unknown' && facts.probe === 'unanswered')
  if (!isConfirmed) return say(facts, 'suspect', 'none', evidence)
  if (!facts.isOnline) return say(facts, 'dead', 'path', evidence)
  if (facts.othersFine > 0 && facts.othersTroubled === 0) return say(facts, 'dead', 'path', evidence)
  return say(facts, 'dead', 'provider', evidence)
}

function judgeFlatOrOk(facts: Facts, flow: Flow, evidence: EvidenceKey[]): ConnectionVerdict {
  if (flow === 'flat' || flow === 'long') return judgeFlat(facts, flow, evidence)
  return say(facts, 'suspect', 'none', evidence)
}

/** Media stopped and no socket told why: the probe, the transport and the others decide. */
function judgeFlat(facts: Facts, flow: Flow, evidence: EvidenceKey[]): ConnectionVerdict {
  if (!facts.hasServer) return judgeMesh(facts, flow, evidence)
  if (!facts.isOnline && flow === 'long') return say(facts, 'dead', 'path', evidence)
  if (facts.probe === 'answered') return judgeAnswered(facts, flow, evidence)
  if (facts.probe === 'unanswered') return judgeUnanswered(facts, evidence)
  if (facts.probe === 'impossible' && flow === 'long') {
    if (isTransportAlive(facts)) return say(facts, 'ok', 'none', evidence)
    return judgeUnanswered(facts, evidence)
  }
  return say(facts, 'suspect', 'none', evidence)
}

/** It answers: then either nobody sends (the transport lives) or my path for media is broken. */
function judgeAnswered(facts: Facts, flow: Flow, evidence: EvidenceKey[]): ConnectionVerdict {
  if (flow !== 'long') return say(facts, 'suspect', 'none', evidence)
  if (isTransportAlive(facts)) return say(facts, 'ok', 'none', evidence)
  // Its front door answers while nobody's media passes: the media half of the provider has died.
  if (facts.othersLost > 0 && facts.othersLost === facts.othersCount)
    return say(facts, 'dead', 'provider', evidence)
  // A receiver without uplink hears only STUN, which may be silent this long in good health.
  const needsMs = facts.expectsOutbound ? TRANSPORT_ALIVE_MS : STUN_FLAT_MS
  const isCertain = facts.transportSilentMs === null || facts.transportSilentMs >= needsMs
  return say(facts, isCertain ? 'dead' : 'suspect', 'path', evidence)
}

function judgeUnanswered(facts: Facts, evidence: EvidenceKey[]): ConnectionVerdict {
  if (!facts.isOnline) return say(facts, 'dead', 'path', evidence)
  if (facts.othersCount === 0) return say(facts, 'dead', 'provider', evidence)
  // As many are fine as doubt it: then it works, and somebody else has trouble of the own.
  if (facts.othersFine > 0 && facts.othersFine >= facts.othersTroubled)
    return say(facts, 'dead', 'path', evidence)
  if (facts.othersTroubled > 0) return say(facts, 'dead', 'provider', evidence)
  const silentMs = facts.inboundSilentMs ?? facts.outboundSilentMs ?? 0
  // A server that sends anything at all has not died; if nobody gets media from it, connecting anew will show.
  if (facts.hasHeardOthers && silentMs >= ALONE_WAIT_MS)
    return say(facts, 'dead', isTransportAlive(facts) ? 'path' : 'provider', evidence)
  // Neither the provider nor anybody else is heard: it is my network that is gone.
  return silentMs >= WORD_WAIT_MS && !facts.hasHeardOthers
    ? say(facts, 'dead', 'path', evidence)
    : say(facts, 'suspect', 'none', evidence)
}

/** A mesh has no provider that could die; silence there is the path's, or the other tab is gone. */
function judgeMesh(facts: Facts, flow: Flow, evidence: EvidenceKey[]): ConnectionVerdict {
  const isGone = facts.ice === 'failed' || (flow === 'long' && !isTransportAlive(facts))
  return say(facts, isGone ? 'dead' : 'suspect', 'path', evidence)
}

function isTransportAlive(facts: Facts): boolean {
  return facts.transportSilentMs !== null && facts.transportSilentMs < TRANSPORT_ALIVE_MS
}

function evidenceOf(facts: Facts, flow: Flow): EvidenceKey[] {
  const keys: EvidenceKey[] = []
  const isFlat = flow === 'flat' || flow === 'long'
  if (facts.isSocketClosed) keys.push('socket-closed')
  if (facts.probe === 'unanswered') keys.push('probe-timeout')
  if (facts.expectsInbound && flow !== 'flowing' && flow !== 'unknown') keys.push('inbound-flat')
  if (facts.expectsOutbound && isUnacknowledged(facts, isFlat)) keys.push('outbound-unacknowledged')
  if (isFlat && (facts.transportSilentMs ?? 0) >= TRANSPORT_ALIVE_MS) keys.push('transport-flat')
  if (facts.ice === 'disconnected') keys.push('ice-disconnected')
  if (facts.ice === 'failed') keys.push('ice-failed')
  const isTroubled = keys.length > 0
  if (isTroubled && facts.othersTroubled > 0) keys.push('others-see-it-too')
  else if (isTroubled && facts.othersFine > 0) keys.push('others-fine')
  return keys
}

function isUnacknowledged(facts: Facts, isFlat: boolean): boolean {
  if (facts.outboundSilentMs === null) return false
  // What arrives from others travels by other connections, at servers that publish and subscribe apart.
  if ((facts.unansweredMs ?? 0) >= ACKNOWLEDGEMENT_LOST_MS) return true
  if (facts.outboundSilentMs >= ACKNOWLEDGEMENT_LOST_MS) return true
  return isFlat && !facts.expectsInbound && facts.outboundSilentMs >= OUTBOUND_FLAT_MS
}

function say(
  facts: Facts,
  state: ConnectionVerdict['state'],
  blame: ConnectionVerdict['blame'],
  evidence: readonly EvidenceKey[],
): ConnectionVerdict {
  const silentForMs = facts.inboundSilentMs
  return { connectionId: facts.connectionId, state, blame, evidence, silentForMs }
}
