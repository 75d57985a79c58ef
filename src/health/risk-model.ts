/**
 * The probability that an outage begins within five seconds: a logistic sum in which each signal has a line that may
 * bend at two knots. `scripts/fit.mjs` writes the coefficients; every part of the sum can be told apart, so a risk
 * names the signals it comes from.
 */
import { RISK_COEFFICIENTS } from './risk-coefficients.js'
import { RISK_SIGNALS, type RiskSignal } from './risk-features.js'

/** What a fit gives; see `risk-coefficients.ts`. */
export interface RiskCoefficients {
  /** What it was fitted from. */
  readonly data: readonly string[]
  readonly bias: number
  /** By signal: weight, and the bends as knot and weight. */
  readonly terms: readonly {
    readonly weight: number
    readonly bends: readonly (readonly [knot: number, weight: number])[]
  }[]
  /** Probabilities from which on a risk is medium, high, critical. */
  readonly levels: readonly [medium: number, high: number, critical: number]
  /** How long before an outage a risk was first high: median. */
  readonly leadMs: number
}

/** What a signal adds to the logarithm of the odds. */
export interface RiskShare {
  readonly signal: RiskSignal
  readonly value: number
}

/** Log-odds and what each signal adds to them, the largest first. */
export function riskLogit(
  features: readonly number[],
  { bias, terms }: RiskCoefficients = RISK_COEFFICIENTS,
): { readonly logit: number; readonly shares: readonly RiskShare[] } {
  const shares = RISK_SIGNALS.map((signal, index) => {
    const term = terms[index]
    const feature = features[index] ?? 0
    return { signal, value: term === undefined ? 0 : termAt(term, feature) - termAt(term, 0) }
  })
  const calm = terms.reduce((sum, term) => sum + termAt(term, 0), bias)
  const logit = shares.reduce((sum, { value }) => sum + value, calm)
  return { logit, shares: [...shares].sort((a, b) => b.value - a.value) }
}

/** Log-odds to probability. */
export function probabilityOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}

function termAt({ weight, bends }: RiskCoefficients['terms'][number], feature: number): number {
  return bends.reduce((sum, [knot, bend]) => sum + bend * Math.max(0, feature - knot), weight * feature)
}
