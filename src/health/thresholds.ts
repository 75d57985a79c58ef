/**
 * The limits of all detectors in force: their own defaults, changed by what the app asks for. Grading is the
 * same for all: the gravest severity whose limit the value has passed.
 */
import type { AlertKind, Severity } from './alert.js'
import type { Detector, Limit } from './detectors/detector.js'
import { DETECTORS } from './detectors/index.js'

/** Changes to limits by kind; a missing field keeps its default, null switches a severity off. */
export type ThresholdOptions = { readonly [Kind in AlertKind]?: Partial<Limit> }

/** Limits by kind. */
export type Thresholds = Readonly<Record<AlertKind, Limit>>

const GRAVEST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** The limits in force. */
export function thresholdsOf(options: ThresholdOptions = {}): Thresholds {
  const entries = Object.values(DETECTORS).map(({ kind, limit }) => [kind, { ...limit, ...options[kind] }])
  return Object.fromEntries(entries) as Record<AlertKind, Limit>
}

/** The severity of a value; null when it is below every limit. */
export function gradeOf(value: number, limit: Limit, direction: Detector['direction']): Severity | null {
  const isBeyond = (bound: number): boolean => (direction === 'above' ? value >= bound : value <= bound)
  return GRAVEST_FIRST.find((severity) => limit[severity] !== null && isBeyond(limit[severity])) ?? null
}
