/**
 * Stands in for `health/rating.ts` in the script-tag file: one score for each peer as a product of factors (loss,
 * round trip, jitter, frame rate), without MOS, and without scores of tracks and connections.
 */
import { at, I, P, type Row, type Sample } from '../health/layout.js'
import type { Rating } from '../health/rating.js'
import { growth, sameStream } from '../health/reduce.js'
import { type PeerHealth, UNKNOWN_HEALTH } from '../health/verdict.js'

interface PlainRating extends Rating {
  readonly base: Sample
  /** By number of peer connection: round trips answered while it was new, and samples since it was first seen. */
  readonly first: Readonly<Record<number, readonly [answers: number, samples: number]>>
}

/** As in `health/rating.ts`. */
export function rateSample(
  before: PlainRating | undefined,
  sample: Sample,
  peers: readonly string[],
): PlainRating {
  const first = Object.fromEntries(
    sample.peerConnections.map((row) => {
      const [answers = Number.NaN, samples = 0] = before?.first[at(row, P.pc)] ?? []
      // Connecting may go on in the first whole window; its round trips are not the call's.
      return [at(row, P.pc), [samples < 2 ? at(row, P.responsesReceived) : answers, samples + 1] as const]
    }),
  )
  return {
    base: sample,
    first,
    atMs: sample.atMs,
    peers: Object.fromEntries(
      peers.map((peer, index) => [peer, peerHealth(before?.base, sample, index, first)]),
    ),
    memory: { lastAtMs: null, paths: {}, inbound: {}, outbound: {} },
    heights: {},
    streams: [],
    up: null,
    down: null,
    observation: null,
  }
}

function peerHealth(
  before: Sample | undefined,
  after: Sample,
  peerIndex: number,
  first: PlainRating['first'],
): PeerHealth {
  const rows = after.inbound.filter((row) => row[I.peer] === peerIndex)
  const seconds = before ? (after.atMs - before.atMs) / 1_000 : Number.NaN
  if (rows.length === 0 || !(seconds > 0)) return UNKNOWN_HEALTH
  const grown = (row: Row, offset: number): number => growth(sameStream(before?.inbound, row), row, offset)
  const settled = after.peerConnections.filter((pc) => {
    const answers = at(pc, P.responsesReceived)
    const isOwn = rows.some((row) => row[I.pc] === pc[P.pc])
    return isOwn && (Number.isNaN(answers) || answers !== first[at(pc, P.pc)]?.[0])
  })
  const bitrates = rows.map((row) => (grown(row, I.bytesReceived) * 8) / seconds)
  const facts = {
    rttMs: worst(settled.map((pc) => at(pc, P.rttMs))),
    lossRatio: worst(rows.map((row) => lossRatio(before, row))),
    // Nothing is known of the window in which the first frame came.
    fps: worst(
      rows.map((row) => {
        const old = sameStream(before?.inbound, row)
        const hasBegun = old !== undefined && at(old, I.framesDecoded) > 0
        return hasBegun ? grown(row, I.framesDecoded) / seconds : Number.NaN
      }),
    ),
    jitterMs: worst(rows.map((row) => at(row, I.jitterMs))),
    bitrateBps: worst([bitrates.reduce((sum, value) => sum + (value || 0), 0)]),
  }
  return { ...UNKNOWN_HEALTH, ...facts, score: scoreOf(facts) }
}

function scoreOf({
  rttMs,
  lossRatio,
  fps,
  jitterMs,
}: Pick<PeerHealth, 'rttMs' | 'lossRatio' | 'fps' | 'jitterMs'>): number | null {
  if ((rttMs ?? lossRatio ?? fps ?? jitterMs) === null) return null
  // Half the score is lost at 5 % of loss, 600 ms more than G.114 allows, 100 ms more jitter than any buffer hides.
  const byLoss = 1 / (1 + Math.max(0, lossRatio ?? 0) / 0.05)
  const byDelay = 1 / (1 + Math.max(0, (rttMs ?? 0) - 150) / 600)
  const byJitter = 1 / (1 + Math.max(0, (jitterMs ?? 0) - 30) / 100)
  const byFrames = fps === null ? 1 : Math.sqrt(Math.min(1, fps / 12))
  return Math.round(100 * byLoss * byDelay * byJitter * byFrames)
}

function lossRatio(before: Sample | undefined, row: Row): number {
  const old = sameStream(before?.inbound, row)
  const received = growth(old, row, I.packetsReceived)
  const lost = old ? Math.max(0, at(row, I.packetsLost) - at(old, I.packetsLost)) : Number.NaN
  return received + lost > 0 ? lost / (received + lost) : Number.NaN
}

function worst(values: readonly number[]): number | null {
  const known = values.filter(Number.isFinite)
  return known.length === 0 ? null : Math.max(...known)
}
