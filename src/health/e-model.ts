/**
 * Speech quality by the E-model (ITU-T G.107) with all inputs but delay and loss at their defaults:
 * R = 93.2 - Idd - Ie,eff, and the mean opinion score that R stands for. The well-known straight line for delay is
 * no part of it and is wrong beyond 200 ms; what others clamp only at the end rises again under heavy loss. Here
 * each term is monotone, and the score as a whole.
 */

/** How a codec takes loss (G.113, appendix I). */
export interface CodecLoss {
  /** Impairment without loss. */
  readonly impairment: number
  /** Robustness against loss: larger is better. */
  readonly robustness: number
}

/** R without any trouble: all inputs at their defaults, A = 0. */
export const R_MAX = 93.2
/** G.711 with concealment. Opus has no standard values and does no worse: its error correction only helps. */
export const G711_LOSS: CodecLoss = { impairment: 0, robustness: 25.1 }

/** Delays up to this are free (G.107, Idd). */
const FREE_DELAY_MS = 100
/** Largest possible impairment by loss (G.107, Ie,eff). */
const LOSS_IMPAIRMENT_MAX = 95
/** Beyond this a delay is no conversation any more, and powers of it no numbers. */
const DELAY_MAX_MS = 60_000

/**
 * R for a one-way delay from mouth to ear and a share of lost packets. `burstRatio` is 1 for random loss, more for
 * loss in bursts. Unknown (NaN) delay or loss counts as none.
 */
export function rFactor(
  delayMs: number,
  lossRatio: number,
  burstRatio = 1,
  codec: CodecLoss = G711_LOSS,
): number {
  return R_MAX - delayImpairment(delayMs) - lossImpairment(lossRatio, burstRatio, codec)
}

/** The opinion score, 1 to 4.5, that R stands for (G.107, annex B); below R = 6.5 the formula dips under 1. */
export function mosOf(r: number): number {
  if (!(r > 0)) return 1
  if (r >= 100) return 4.5
  return Math.max(1, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))
}

function delayImpairment(delayMs: number): number {
  if (!(delayMs > FREE_DELAY_MS)) return 0
  const x = Math.log2(Math.min(delayMs, DELAY_MAX_MS) / FREE_DELAY_MS)
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
}

function lossImpairment(lossRatio: number, burstRatio: number, codec: CodecLoss): number {
  const percent = lossRatio > 0 ? Math.min(1, lossRatio) * 100 : 0
  const { impairment, robustness } = codec
  return (
    impairment +
    ((LOSS_IMPAIRMENT_MAX - impairment) * percent) / (percent / Math.max(1, burstRatio) + robustness)
  )
}
