/**
 * The failure detectors of all peers of a call, with a guard for our own health: a peer is taken for dead only when
 * the silence is not ours. What counts against us: a tick that came late, a sleeping or frozen tab, a browser that
 * says it is offline, and a moment in which nobody else was heard either. A peer that said it is frozen is excused.
 * Pure; runs in the worker beside the provider verdicts.
 */
import {
  CONFIRMED,
  type Detector,
  excused,
  heard,
  intervalOf,
  limitsOf,
  newDetector,
  paced,
  SUSPECT,
  silenceOf,
  suspicionOf,
} from './failure-detector.js'

/** What was heard of one peer until now; page clock, null never. */
export interface PeerHeard {
  readonly participant: string
  /** Newest heartbeat over any link. */
  readonly beatAtMs: number | null
  /** Newest media packet of this peer on any connection. */
  readonly mediaAtMs: number | null
  /** The pace of its heartbeats, as it announced it. */
  readonly beatEveryMs: number
  /** It said that its page is being frozen. */
  readonly isExcused: boolean
}

/** How a peer stands. */
export interface PeerSuspicion {
  readonly participant: string
  /** `suspect`: prepare for the loss. `confirmed`: act as if it were gone. */
  readonly level: 'trusted' | 'suspect' | 'confirmed'
  readonly silentForMs: number
  /** Nothing else is heard either: it may be our own network. */
  readonly isOwnPath: boolean
}

/** One look at everybody. */
export interface PeersInput {
  readonly atMs: number
  readonly isOnline: boolean
  /** Newest sign that our own network works: transport counters, signaling; null where nothing tells. */
  readonly ownPathAtMs: number | null
  /** Peers that are not listed are forgotten. */
  readonly peers: readonly PeerHeard[]
}

/** What is known of one peer. */
interface Watched {
  readonly detector: Detector
  /** Newest evidence of anybody or anything else. */
  readonly othersAtMs: number
  /** How long our network was seen to work since this peer was last heard. */
  readonly provenMs: number
  /** When something was heard again after a gap of our own. */
  readonly resumedAtMs: number
  readonly suspicion: PeerSuspicion
}

/** State of the watch; plain data. */
export interface PeersState {
  readonly peers: Readonly<Record<string, Watched>>
  readonly lastTickAtMs: number | null
  /** When a late tick of our own last held judgement back. */
  readonly heldAtMs: number
}

/** What a look gives. */
export interface PeersResult {
  readonly state: PeersState
  /** Peers whose level or blame changed. */
  readonly changes: readonly PeerSuspicion[]
  /** A limit is reached after this long; infinite when none is near. */
  readonly nextLookMs: number
}

/** The state before anybody was heard. */
export const INITIAL_PEERS_STATE: PeersState = {
  peers: {},
  lastTickAtMs: null,
  heldAtMs: Number.NEGATIVE_INFINITY,
}

/** A tick that is so late was a sleep or a freeze of our own: nobody is judged by what we missed. */
const OWN_FREEZE_MS = 2_000
/** One that is so late was a stall: what came meanwhile may wait behind it, unread. */
const LATE_MS = 600
/** So long nothing gets worse after a stall; not again for a while, or a throttled tab would see nothing at all. */
const HOLD_MS = 400
const HOLD_AGAIN_MS = 5_000
/** Our network must have worked for this long of the silence before it is the peer's. */
const PROOF_MS = 1_200
/** Extra time between two signs of our own network beyond twice the usual. */
const PROOF_SLACK_MS = 600
/** A gap of our own, at least; what was held back by it arrives within {@link SETTLE_MS}. */
const OWN_GAP_MS = 1_000
const SETTLE_MS = 600
/** Signs of our own network without peers: STUN answers come every 2.5 s. */
const OWN_PATH_INTERVAL_MS = 2_500
/** While nothing at all is heard nobody is confirmed for this long. */
const OWN_OUTAGE_MAX_MS = 10_000
/** Limits are not worth a look of their own below this. */
const LOOK_MIN_MS = 25

/** Looks at everybody. */
export function observePeers(state: PeersState, input: PeersInput): PeersResult {
  const { atMs } = input
  const gapMs = atMs - (state.lastTickAtMs ?? atMs)
  const hasSlept = gapMs > OWN_FREEZE_MS
  const heldAtMs = gapMs > LATE_MS && atMs - state.heldAtMs > HOLD_AGAIN_MS ? atMs : state.heldAtMs
  const isHeld = atMs - heldAtMs < HOLD_MS
  const peers: Record<string, Watched> = {}
  for (const one of input.peers) {
    const detector = listened(state.peers[one.participant]?.detector ?? newDetector(), one)
    peers[one.participant] = {
      ...(state.peers[one.participant] ?? FIRST_SIGHT),
      detector: hasSlept || one.isExcused ? excused(detector, atMs) : detector,
    }
  }
  const changes: PeerSuspicion[] = []
  let nextLookMs = Number.POSITIVE_INFINITY
  for (const [participant, watched] of Object.entries(peers)) {
    const before = state.peers[participant]?.suspicion
    const proven = withProof(
      watched,
      state.peers[participant]?.detector,
      othersOf(peers, participant, input),
      atMs,
    )
    const judged = judgePeer(participant, proven, input)
    const suspicion = steadied(before, judged, isHeld)
    peers[participant] = { ...proven, suspicion }
    if (before?.level !== suspicion.level || before.isOwnPath !== suspicion.isOwnPath) changes.push(suspicion)
    nextLookMs = Math.min(nextLookMs, untilNextLimit(proven.detector, atMs))
  }
  return {
    state: { peers, lastTickAtMs: atMs, heldAtMs },
    changes,
    nextLookMs: Math.max(LOOK_MIN_MS, nextLookMs),
  }
}

const FIRST_SIGHT: Omit<Watched, 'detector'> = {
  othersAtMs: Number.NEGATIVE_INFINITY,
  provenMs: 0,
  resumedAtMs: Number.NEGATIVE_INFINITY,
  suspicion: { participant: '', level: 'trusted', silentForMs: 0, isOwnPath: false },
}

function listened(detector: Detector, { beatAtMs, mediaAtMs, beatEveryMs }: PeerHeard): Detector {
  const known = paced(detector, beatEveryMs)
  const withBeat = beatAtMs === null ? known : heard(known, 'beat', beatAtMs)
  return mediaAtMs === null ? withBeat : heard(withBeat, 'media', mediaAtMs)
}

interface Others {
  readonly atMs: number
  /** The pace at which something else is usually heard; infinite when there is nothing else. */
  readonly intervalMs: number
}

function othersOf(peers: Readonly<Record<string, Watched>>, except: string, input: PeersInput): Others {
  const { ownPathAtMs } = input
  let atMs = ownPathAtMs ?? Number.NEGATIVE_INFINITY
  let intervalMs = ownPathAtMs === null ? Number.POSITIVE_INFINITY : OWN_PATH_INTERVAL_MS
  for (const [participant, { detector, suspicion }] of Object.entries(peers)) {
    if (participant === except || detector.lastMs === null || suspicion.level === 'confirmed') continue
    atMs = Math.max(atMs, detector.lastMs)
    intervalMs = Math.min(intervalMs, intervalOf(detector))
  }
  return { atMs, intervalMs }
}

/** Counts how long of this peer's silence our own network was seen to work. */
function withProof(watched: Watched, before: Detector | undefined, others: Others, nowMs: number): Watched {
  const lastMs = watched.detector.lastMs ?? nowMs
  const isHeardAnew = before?.lastMs !== watched.detector.lastMs
  const fromMs = Math.max(lastMs, watched.othersAtMs)
  const gapMs = others.atMs - fromMs
  const isCovered = gapMs > 0 && gapMs <= 2 * others.intervalMs + PROOF_SLACK_MS
  const provenMs = (isHeardAnew ? 0 : watched.provenMs) + (isCovered ? gapMs : 0)
  const ownGapMs = Math.max(OWN_GAP_MS, others.intervalMs + PROOF_SLACK_MS)
  const isResumed = others.atMs - watched.othersAtMs > ownGapMs && others.atMs > lastMs
  return {
    ...watched,
    provenMs,
    resumedAtMs: isResumed ? nowMs : watched.resumedAtMs,
    // A source that is no longer counted must not turn time back.
    othersAtMs: Math.max(watched.othersAtMs, others.atMs),
  }
}

function judgePeer(participant: string, watched: Watched, input: PeersInput): PeerSuspicion {
  const { atMs } = input
  const silentForMs = silenceOf(watched.detector, atMs)
  const suspicion = suspicionOf(watched.detector, atMs)
  // With nothing to compare with there is nothing to wait for either.
  const isAlone = watched.othersAtMs === Number.NEGATIVE_INFINITY
  const isProven = watched.provenMs >= PROOF_MS && atMs - watched.resumedAtMs >= SETTLE_MS
  const isOwnPath = suspicion >= SUSPECT && (!input.isOnline || (!isAlone && watched.provenMs === 0))
  const mayAct = input.isOnline && (isAlone || isProven)
  const isConfirmed = suspicion >= CONFIRMED && (mayAct || silentForMs >= OWN_OUTAGE_MAX_MS)
  const level = isConfirmed ? 'confirmed' : suspicion >= SUSPECT ? 'suspect' : 'trusted'
  return { participant, level, silentForMs, isOwnPath }
}

/** A confirmed peer stays so until it is heard: new doubts about our own network bring nobody back. */
function steadied(before: PeerSuspicion | undefined, judged: PeerSuspicion, isHeld: boolean): PeerSuspicion {
  if (before === undefined) return judged
  if (before.level === 'confirmed' && judged.silentForMs > before.silentForMs)
    return { ...judged, level: 'confirmed' }
  return isHeld ? { ...judged, level: milder(before.level, judged.level) } : judged
}

function milder(one: PeerSuspicion['level'], other: PeerSuspicion['level']): PeerSuspicion['level'] {
  return LEVELS.indexOf(one) < LEVELS.indexOf(other) ? one : other
}

const LEVELS: readonly PeerSuspicion['level'][] = ['trusted', 'suspect', 'confirmed']

function untilNextLimit(detector: Detector, nowMs: number): number {
  const silentMs = silenceOf(detector, nowMs)
  const { suspectMs, confirmMs } = limitsOf(detector)
  if (silentMs < suspectMs) return suspectMs - silentMs
  return silentMs < confirmMs ? confirmMs - silentMs : Number.POSITIVE_INFINITY
}
