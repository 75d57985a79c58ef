/**
 * One peer connection in one step. Round trips that were answered while connecting measure how busy both ends were
 * then, and are repeated until the next one 2.5 s later: until that one there is no round trip to tell.
 */
import { grown, grownPer, perSecond, type RowMemory, sinceGrowthMs, stepRow } from './counters.js'
import {
  at,
  CANDIDATE_TYPES,
  CONNECTION_STATES,
  DTLS_STATES,
  ICE_STATES,
  P,
  ROLES,
  type Row,
} from './layout.js'

/** One peer connection. NaN is unknown. */
export interface PathRates {
  readonly pc: number
  readonly role: (typeof ROLES)[number]
  readonly ageMs: number
  /** Mean of the answers of this step, else the latest one. */
  readonly rttMs: number
  /** NaN unless something was answered in this step. */
  readonly freshRttMs: number
  readonly sinceAnswerMs: number
  /** STUN requests sent since the last answer. */
  readonly unanswered: number
  readonly availableOutgoingBps: number
  readonly availableIncomingBps: number
  readonly receivedBps: number
  readonly sentBps: number
  readonly packetsReceivedPerSecond: number
  readonly packetsSentPerSecond: number
  /** Since anything came in, RTCP and STUN included. */
  readonly sinceReceivedMs: number
  readonly pairId: number
  /** The selected pair is another one than in the sample before. */
  readonly hasChangedPair: boolean
  readonly isPairUsable: boolean | null
  readonly localType: (typeof CANDIDATE_TYPES)[number] | null
  readonly remoteType: (typeof CANDIDATE_TYPES)[number] | null
  readonly isRelayed: boolean | null
  readonly iceState: (typeof ICE_STATES)[number] | null
  readonly connectionState: (typeof CONNECTION_STATES)[number] | null
  readonly dtlsState: (typeof DTLS_STATES)[number] | null
}

/** What is remembered of a peer connection. */
export interface PathMemory {
  readonly memory: RowMemory
  /** Answers counted while it was new; NaN when the browser does not count them. */
  readonly firstAnswers: number
  /** Requests sent when the last answer came. */
  readonly answeredRequests: number
  readonly rates: PathRates
}

const WATCHED = [P.packetsReceived, P.bytesReceived, P.responsesReceived]
/** Samples in which a peer connection is new: connecting may go on in the first whole window. */
const NEW_SAMPLES = 2

/** Takes one step. */
export function pathStep(known: PathMemory | undefined, row: Row, atMs: number, stepMs: number): PathMemory {
  const step = stepRow(known?.memory, row, atMs, stepMs, WATCHED)
  const answers = at(row, P.responsesReceived)
  const isNew = step.memory.seen <= NEW_SAMPLES
  const firstAnswers = isNew || known === undefined ? answers : known.firstAnswers
  const requests = at(row, P.requestsSent)
  const isAnswered = known === undefined || grown(step, P.responsesReceived) !== 0
  const answeredRequests = isAnswered ? requests : known.answeredRequests
  const isSettled = Number.isNaN(answers) || answers !== firstAnswers
  const meanMs = grownPer(step, P.rttSumMs, P.responsesReceived)
  const freshRttMs = isSettled ? (Number.isNaN(meanMs) ? freshLatest(step, row) : meanMs) : Number.NaN
  const latestMs = isSettled ? at(row, P.rttMs) : Number.NaN
  const rates: PathRates = {
    pc: at(row, P.pc),
    role: ROLES[at(row, P.role)] ?? 'both',
    ageMs: atMs - step.memory.firstAtMs,
    rttMs: Number.isNaN(freshRttMs) ? latestMs : freshRttMs,
    freshRttMs,
    sinceAnswerMs: sinceGrowthMs(step, P.responsesReceived),
    unanswered: Math.max(0, requests - answeredRequests),
    availableOutgoingBps: at(row, P.availableOutgoingBps),
    availableIncomingBps: at(row, P.availableIncomingBps),
    receivedBps: perSecond(step, P.bytesReceived) * 8,
    sentBps: perSecond(step, P.bytesSent) * 8,
    packetsReceivedPerSecond: perSecond(step, P.packetsReceived),
    packetsSentPerSecond: perSecond(step, P.packetsSent),
    sinceReceivedMs: least(WATCHED.map((offset) => sinceGrowthMs(step, offset))),
    ...pairOf(row, step.before),
    iceState: ICE_STATES[at(row, P.iceState)] ?? null,
    connectionState: CONNECTION_STATES[at(row, P.connectionState)] ?? null,
    dtlsState: DTLS_STATES[at(row, P.dtlsState)] ?? null,
  }
  return { memory: step.memory, firstAnswers, answeredRequests, rates }
}

type Pair = 'pairId' | 'hasChangedPair' | 'isPairUsable' | 'localType' | 'remoteType' | 'isRelayed'

function pairOf(row: Row, before: Row | undefined): Pick<PathRates, Pair> {
  const pairId = at(row, P.pairId)
  const oldId = before ? at(before, P.pairId) : Number.NaN
  const isUsable = at(row, P.isPairUsable)
  const localType = CANDIDATE_TYPES[at(row, P.localType)] ?? null
  const remoteType = CANDIDATE_TYPES[at(row, P.remoteType)] ?? null
  return {
    pairId,
    hasChangedPair: pairId !== oldId && !Number.isNaN(pairId) && !Number.isNaN(oldId),
    isPairUsable: Number.isNaN(isUsable) ? null : isUsable === 1,
    localType,
    remoteType,
    isRelayed:
      localType === null && remoteType === null ? null : localType === 'relay' || remoteType === 'relay',
  }
}

/** Browsers without a sum of round trips: the latest one, when something was answered. */
function freshLatest(step: Parameters<typeof grown>[0], row: Row): number {
  return grown(step, P.responsesReceived) > 0 ? at(row, P.rttMs) : Number.NaN
}

function least(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? Number.NaN : Math.min(...known)
}
