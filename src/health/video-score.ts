/**
 * Picture quality from 0 to 100: a product of factors between 0 and 1, one per fact, so it is monotone in each of
 * them and an unknown fact (NaN) simply does not count.
 *
 * | fact | factor |
 * |---|---|
 * | frames a second f | square root of f / 12, at most 1 |
 * | share z of the time that the picture stood still | (1 - z)^2 |
 * | height h against what this stream has shown, as a share | h^0.4, at most 1 |
 * | loss l (most of it is repaired by sending again) | 1 / (1 + l / 10 %) |
 * | one-way delay d | 1 up to 150 ms, then 1 / (1 + (d - 150) / 600) |
 * | jitter j | 1 up to 30 ms, then 1 / (1 + (j - 30) / 100) |
 * | quantizer q as a share of the codec's largest | 1 up to a half, then 1 - 1.2 (q - 0.5) |
 */

/** Facts about one picture; NaN is unknown. */
export interface VideoFacts {
  readonly fps: number
  readonly freezeRatio: number
  readonly heightRatio: number
  readonly lossRatio: number
  readonly delayMs: number
  readonly jitterMs: number
  readonly qpRatio: number
}

/** What made a score low. */
export type ScoreCause = 'loss' | 'delay' | 'jitter' | 'freeze' | 'frame-rate' | 'resolution' | 'quantizer'

/** Frame rate from which on motion looks whole for a talking head. */
const FULL_FPS = 12
/** Retransmission repairs small losses of pictures; at this one half the score is gone. */
const HALF_LOSS_RATIO = 0.1
/** G.114: below it people notice nothing. */
const FREE_DELAY_MS = 150
/** This much more delay halves the score. */
const DELAY_SPAN_MS = 600
/** Jitter that any jitter buffer hides, and how much more halves the score. */
const FREE_JITTER_MS = 30
const JITTER_SPAN_MS = 100
/** Half the height is noticed, not bad. */
const HEIGHT_EXPONENT = 0.4
/** Pictures up to this share of the largest quantizer look clean; at the largest 40 % are left. */
const CLEAN_QP_RATIO = 0.5
const QP_SLOPE = 1.2

/** Score of a picture with the fact that costs most; null when nothing is known of it. */
export function videoScore(
  facts: VideoFacts,
): { readonly score: number; readonly cause: ScoreCause | null } | null {
  const factors = factorsOf(facts).filter(([, factor]) => !Number.isNaN(factor))
  if (factors.length === 0) return null
  const score = 100 * factors.reduce((product, [, factor]) => product * factor, 1)
  const [cause, least] = factors.reduce((worst, one) => (one[1] < worst[1] ? one : worst))
  return { score, cause: least < 1 ? cause : null }
}

function factorsOf(facts: VideoFacts): readonly (readonly [ScoreCause, number])[] {
  const excessRatio = within(facts.qpRatio, 0, 1) - CLEAN_QP_RATIO
  return [
    ['frame-rate', Math.sqrt(within(facts.fps / FULL_FPS, 0, 1))],
    ['freeze', (1 - within(facts.freezeRatio, 0, 1)) ** 2],
    ['resolution', within(facts.heightRatio, 0, 1) ** HEIGHT_EXPONENT],
    ['loss', 1 / (1 + within(facts.lossRatio, 0, 1) / HALF_LOSS_RATIO)],
    ['delay', 1 / (1 + within(facts.delayMs - FREE_DELAY_MS, 0, Infinity) / DELAY_SPAN_MS)],
    ['jitter', 1 / (1 + within(facts.jitterMs - FREE_JITTER_MS, 0, Infinity) / JITTER_SPAN_MS)],
    ['quantizer', 1 - QP_SLOPE * (Number.isNaN(excessRatio) ? Number.NaN : Math.max(0, excessRatio))],
  ]
}

/** NaN stays NaN. */
function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
