/**
 * Coarse health of one peer from two samples, for people to look at. The score is a product of factors
 * between 0 and 1, one per fact, so it is monotone in each of them and an unknown fact simply does not count:
 *
 * | fact | factor |
 * |---|---|
 * | loss ratio l of the worst stream | 1 / (1 + l / 5 %) |
 * | round trip r | 1 up to 150 ms, then 1 / (1 + (r - 150) / 600) |
 * | jitter j of the worst stream | 1 up to 30 ms, then 1 / (1 + (j - 30) / 100) |
 * | frames a second f of the best video | square root of f / 12, at most 1 |
 *
 * 100 is untroubled, 80 is noticed, 50 is bad, 20 is hardly usable. Unknown as a whole is null.
 *
 * What has just begun is not judged by its beginning: a picture counts from the first whole window after its
 * first frame, a round trip from the first one that was measured after connecting.
 */
import { at, I, P, type Row, type Sample } from './layout.js'
import { growth, sameStream, sumOfKnown } from './reduce.js'
import type { PeerHealth } from './verdict.js'

/** Half the score is lost at this loss. */
const HALF_LOSS_RATIO = 0.05
/** Below this round trip people notice nothing (G.114 keeps one way below 150 ms). */
const FREE_RTT_MS = 150
const RTT_SPAN_MS = 600
/** Jitter that any jitter buffer hides. */
const FREE_JITTER_MS = 30
const JITTER_SPAN_MS = 100
/** Frame rate from which on motion looks whole for a talking head. */
const FULL_FPS = 12

/** Facts of a score; null is unknown. */
export type ScoreFacts = Pick<PeerHealth, 'rttMs' | 'lossRatio' | 'fps' | 'jitterMs'>

/** 0 to 100, or null when no fact is known. Monotone: more loss, delay, jitter or fewer frames never raise it. */
export function scoreOf(facts: ScoreFacts): number | null {
  const factors: number[] = []
  if (facts.lossRatio !== null) factors.push(1 / (1 + atLeast(facts.lossRatio, 0) / HALF_LOSS_RATIO))
  if (facts.rttMs !== null) factors.push(1 / (1 + atLeast(facts.rttMs - FREE_RTT_MS, 0) / RTT_SPAN_MS))
  if (facts.jitterMs !== null)
    factors.push(1 / (1 + atLeast(facts.jitterMs - FREE_JITTER_MS, 0) / JITTER_SPAN_MS))
  if (facts.fps !== null) factors.push(Math.sqrt(Math.min(1, atLeast(facts.fps, 0) / FULL_FPS)))
  if (factors.length === 0) return null
  return Math.round(100 * factors.reduce((product, factor) => product * factor, 1))
}

/** A peer of whom nothing is known. */
export const UNKNOWN_HEALTH: PeerHealth = {
  rttMs: null,
  lossRatio: null,
  fps: null,
  bitrateBps: null,
  jitterMs: null,
  score: null,
}

/** By number of peer connection: round trips answered while it was new, and samples since it was first seen. */
export type FirstAnswers = Readonly<Record<number, { readonly answers: number; readonly samples: number }>>

/** Samples in which a peer connection is new: connecting may go on in the first whole window. */
const NEW_SAMPLES = 2

/** Takes one more sample in. */
export function noteFirstAnswers(known: FirstAnswers, sample: Sample): FirstAnswers {
  const noted = sample.peerConnections.map((row) => {
    const before = known[at(row, P.pc)]
    const samples = (before?.samples ?? 0) + 1
    return [at(row, P.pc), samples > NEW_SAMPLES ? before : { answers: at(row, P.responsesReceived), samples }]
  })
  return Object.fromEntries(noted)
}

/**
 * Health of the peer with this index, from two full samples of one connection. Round trips that were answered
 * while connecting measure how busy both ends were then, and are repeated until the next one 2.5 s later;
 * without `first` they count all the same.
 */
export function peerHealth(
  before: Sample | null,
  after: Sample,
  peerIndex: number,
  first: FirstAnswers = {},
): PeerHealth {
  const rows = after.inbound.filter((row) => row[I.peer] === peerIndex)
  const seconds = before ? (after.atMs - before.atMs) / 1_000 : Number.NaN
  if (rows.length === 0 || !(seconds > 0)) return UNKNOWN_HEALTH
  const grown = (row: Row, offset: number): number => growth(sameStream(before?.inbound, row), row, offset)
  const facts = {
    rttMs: known(rttOf(after, rows, first)),
    lossRatio: known(worst(rows.map((row) => lossRatio(before, row)))),
    fps: known(worst(rows.map((row) => newFrames(before, row) / seconds))),
    jitterMs: known(worst(rows.map((row) => at(row, I.jitterMs)))),
  }
  const bitrateBps = known((sumOfKnown(rows.map((row) => grown(row, I.bytesReceived))) * 8) / seconds)
  return { ...facts, bitrateBps, score: scoreOf(facts) }
}

/** packetsLost may fall when late packets arrive; then nothing was lost in this step. */
function lossRatio(before: Sample | null, row: Row): number {
  const old = sameStream(before?.inbound, row)
  const received = growth(old, row, I.packetsReceived)
  if (!old || Number.isNaN(received)) return Number.NaN
  const lost = Math.max(0, at(row, I.packetsLost) - at(old, I.packetsLost))
  return received + lost > 0 ? lost / (received + lost) : Number.NaN
}

/** NaN in the window in which the first frame came: how much of it there was nothing to see is unknown. */
function newFrames(before: Sample | null, row: Row): number {
  const old = sameStream(before?.inbound, row)
  const hasJustBegun = old !== undefined && at(old, I.framesDecoded) === 0 && at(row, I.framesDecoded) > 0
  return hasJustBegun ? Number.NaN : growth(old, row, I.framesDecoded)
}

function rttOf(sample: Sample, rows: readonly Row[], first: FirstAnswers): number {
  const numbers = new Set(rows.map((row) => row[I.pc]))
  const isSettled = (pc: Row): boolean => {
    const answers = at(pc, P.responsesReceived)
    // Browsers that do not count answers have only the one figure.
    return Number.isNaN(answers) || answers !== first[at(pc, P.pc)]?.answers
  }
  const own = sample.peerConnections.filter((pc) => numbers.has(pc[P.pc]) && isSettled(pc))
  return worst(own.map((pc) => at(pc, P.rttMs)))
}

/** Largest known value: streams are never averaged or summed, so one bad stream stays visible. */
function worst(values: readonly number[]): number {
  const all = values.filter((value) => !Number.isNaN(value))
  return all.length === 0 ? Number.NaN : Math.max(...all)
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** Clamp that turns NaN into the floor: a NaN from outside must not reach people. */
function atLeast(value: number, floor: number): number {
  return Number.isNaN(value) ? floor : Math.max(floor, value)
}
