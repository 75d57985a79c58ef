/**
 * How good a call is to people, from 0 to 100 with the opinion score (MOS) it stands for: 100 is untroubled, 80 is
 * noticed, 50 is bad, 20 is hardly usable. Sound by the E-model, pictures by the product of `video-score.ts`. What is
 * sent and what is received are kept apart, as are sound and picture; a whole is as good as its worst part, so one
 * bad stream stays visible, and nothing of one stream is added to another. Unknown is null.
 *
 * What has just begun is not judged by its beginning: a stream counts from the first whole step after its first
 * frame, concealment from `SETTLED_MS` on (decoders make up a quarter of a second at every start).
 */
import { mosOf, R_MAX, rFactor } from './e-model.js'
import type { InboundRates, OutboundRates, PathRates, Rates } from './rates.js'
import { type ScoreCause, videoScore } from './video-score.js'

/** Facts about one sound; NaN is unknown. */
export interface AudioFacts {
  readonly lossRatio: number
  /** Share of samples that were made up and can be heard. */
  readonly concealedRatio: number
  /** One way, on the network. */
  readonly delayMs: number
  readonly jitterMs: number
  /** Mean stay in the jitter buffer. */
  readonly bufferMs: number
}

/** A score, what it stands for, and what costs most. */
export interface Score {
  /** 0 to 100. */
  readonly score: number
  /** 1 to 4.5. */
  readonly mos: number
  readonly cause: ScoreCause | null
}

/** The score of one stream. */
export interface StreamScore {
  readonly key: string
  /** Index into the peers named beside the sample; -1 for what is sent and for nobody in particular. */
  readonly peerIndex: number
  readonly direction: 'in' | 'out'
  readonly kind: 'audio' | 'video'
  /** Null while unknown. */
  readonly score: Score | null
}

/** Recording, encoding and playing of a packet of sound. */
const CODING_MS = 20
/** A jitter buffer has to hold about two deviations. */
const JITTER_BUFFER_FACTOR = 2
/** Decoders conceal about a quarter of a second while a stream starts. */
const SETTLED_MS = 5_000
/** Connecting, the first key frame and its way take less; a stream without a picture is judged from then on. */
const START_MS = 3_000
/** Sources below this are slow by themselves (a screen, a dark room). */
const FULL_SOURCE_FPS = 15
/** A report of the other side that is older says nothing of now. */
const REPORT_MAX_AGE_MS = 8_000

/** Score of a sound; null when nothing is known of it. Monotone in each fact. */
export function audioScore(facts: AudioFacts): Score | null {
  const losses = known([facts.lossRatio, facts.concealedRatio])
  const buffers = known([facts.bufferMs, facts.jitterMs * JITTER_BUFFER_FACTOR])
  const delays = known([facts.delayMs])
  if (losses.length + buffers.length + delays.length === 0) return null
  const lossRatio = Math.max(0, ...losses)
  const delayMs = CODING_MS + Math.max(0, ...delays) + Math.max(0, ...buffers)
  const r = rFactor(delayMs, lossRatio)
  const byLoss = R_MAX - rFactor(0, lossRatio)
  const byDelay = R_MAX - rFactor(delayMs, 0)
  const late = Math.max(0, ...buffers) > Math.max(0, ...delays) ? 'jitter' : 'delay'
  return scoreAt(r, byLoss + byDelay === 0 ? null : byLoss >= byDelay ? 'loss' : late)
}

/** Scores of all streams in one step. `heightMax`: the most that each stream has shown of late, by key. */
export function scoreStreams(
  rates: Rates,
  heightMax: Readonly<Record<string, number>>,
): readonly StreamScore[] {
  const pathOf = (pc: number): PathRates | undefined => rates.paths.find((path) => path.pc === pc)
  return [
    ...rates.inbound.map((stream): StreamScore => {
      const { key, peerIndex, kind } = stream
      return {
        key,
        peerIndex,
        direction: 'in',
        kind,
        score: inboundScore(stream, pathOf(stream.pc), heightMax[key]),
      }
    }),
    ...rates.outbound.map((stream): StreamScore => {
      const { key, kind } = stream
      return { key, peerIndex: -1, direction: 'out', kind, score: outboundScore(stream) }
    }),
  ]
}

/** The worst of several; null when none is known. */
export function worstScore(scores: readonly (Score | null)[]): Score | null {
  return scores.reduce((worst, one) => (one && (!worst || one.score < worst.score) ? one : worst), null)
}

function inboundScore(stream: InboundRates, path: PathRates | undefined, heightMax = Number.NaN): Score | null {
  if (stream.ageMs === 0) return null
  const delayMs = (path?.rttMs ?? Number.NaN) / 2
  const { lossRatio, jitterMs } = stream
  const isStarting = stream.framesDecoded === 0 && stream.ageMs < START_MS
  if (stream.kind === 'audio')
    return audioScore({
      lossRatio,
      concealedRatio: stream.ageMs >= SETTLED_MS ? stream.audibleConcealedRatio : Number.NaN,
      delayMs,
      jitterMs,
      bufferMs: stream.jitterBufferMs,
    })
  return pictureScore({
    lossRatio,
    delayMs,
    jitterMs,
    fps: isStarting ? Number.NaN : stream.decodedFps,
    // The counter comes with the frame that ends a freeze; what began before this step was told by the frame rate.
    freezeRatio: stream.isNew || stream.freezeRatio >= 1 ? Number.NaN : stream.freezeRatio,
    heightRatio: stream.frameHeight / heightMax,
    qpRatio: stream.qpRatio,
  })
}

/** As the other side reports it, and as the encoder had to save. */
function outboundScore(stream: OutboundRates): Score | null {
  if (stream.isNew || stream.isInactive === true) return null
  const isFresh = stream.sinceAcknowledgedMs <= REPORT_MAX_AGE_MS
  const reported = (value: number): number => (isFresh ? value : Number.NaN)
  const lossRatio = reported(stream.remoteLossRatio)
  const delayMs = reported(stream.remoteRttMs) / 2
  const jitterMs = reported(stream.remoteJitterMs)
  if (stream.kind === 'audio')
    return audioScore({ lossRatio, delayMs, jitterMs, concealedRatio: Number.NaN, bufferMs: Number.NaN })
  return pictureScore({
    lossRatio,
    delayMs,
    jitterMs,
    // Where the camera gives little, the encoder cannot give more.
    fps:
      stream.sourceFps > 0 ? stream.encodedFps * Math.max(1, FULL_SOURCE_FPS / stream.sourceFps) : Number.NaN,
    freezeRatio: Number.NaN,
    heightRatio: stream.frameHeight / stream.sourceHeight,
    qpRatio: stream.qpRatio,
  })
}

function pictureScore(facts: Parameters<typeof videoScore>[0]): Score | null {
  const rated = videoScore(facts)
  return rated && scoreAt((rated.score * R_MAX) / 100, rated.cause)
}

function scoreAt(r: number, cause: ScoreCause | null): Score {
  const score = Math.round(Math.min(100, Math.max(0, (100 * r) / R_MAX)))
  return { score, mos: mosOf(r), cause }
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value))
}
