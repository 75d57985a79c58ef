/**
 * The one shape of all detectors: memory and scene in, memory and findings out. A detector measures; whether
 * that is worth an alert, and how grave, the limits say (`thresholds.ts`), and the latch keeps it from flapping.
 */
import type { AlertKind, Evidence, FreezeCause, Severity, Subject, Unit } from '../alert.js'
import type { Scene } from '../scene.js'

/** From which value on which severity begins; null: this severity is never given. */
export interface Limit {
  readonly low: number | null
  readonly medium: number | null
  readonly high: number | null
  readonly critical: number | null
  /** The value must be beyond the first limit for this long. */
  readonly raiseAfterMs: number
  /** It must be back for this long before the alert is cleared. */
  readonly clearAfterMs: number
}

/** What a detector found, about one subject. Without a finding the subject is well. */
export interface Finding {
  readonly about: Subject
  /** Where it was measured; while that connection cannot be read, an alert stays as it is. */
  readonly connectionId: string | null
  readonly value: number
  readonly evidence: readonly Evidence[]
  readonly cause?: FreezeCause
  /** Beyond the limit at all it is at least this grave, whatever its value. */
  readonly severityMin?: Severity
}

/** What a detector remembers from moment to moment, by stream, connection or source. */
export type Memory = Readonly<Record<string, number>>

/** What {@link Detector.detect} gives back. */
export interface Detection {
  readonly memory: Memory
  readonly findings: readonly Finding[]
}

/** A detector. */
export interface Detector {
  readonly kind: AlertKind
  readonly unit: Unit
  /** Whether large or small values are bad. */
  readonly direction: 'above' | 'below'
  /** Default limits, in the detector's unit. */
  readonly limit: Limit
  detect(memory: Memory, scene: Scene): Detection
}

/** A detector that remembers nothing. */
export function plainDetector(
  options: Omit<Detector, 'detect'>,
  find: (scene: Scene) => readonly Finding[],
): Detector {
  return { ...options, detect: (memory, scene) => ({ memory, findings: find(scene) }) }
}

/** Evidence from pairs; unknown numbers are left out. */
export function evidence(
  ...entries: readonly (readonly [key: string, value: number, unit: Unit])[]
): Evidence[] {
  return entries
    .filter(([, value]) => Number.isFinite(value))
    .map(([key, value, unit]) => ({ key, value, unit }))
}

/** Since when each key holds: keeps the first time of each that still does, and forgets the others. */
export function noteSince(known: Memory, keys: readonly string[], atMs: number): Memory {
  return Object.fromEntries(keys.map((key) => [key, known[key] ?? atMs]))
}
