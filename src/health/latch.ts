/**
 * Hysteresis: a finding becomes an alert when it has lasted, and the alert goes when the subject has been well
 * for a while, at a value clearly on the good side. In between it may grow graver at once, and milder only when
 * that has lasted too. Plain data; linear lists, because no more than a handful is ever wrong at once.
 */
import { type AlertKind, isSameSubject, SEVERITIES, type Severity, type Subject } from './alert.js'
import type { Detector, Finding, Limit } from './detectors/detector.js'
import { gradeOf } from './thresholds.js'

/** One subject that is, or lately was, beyond a limit. */
export interface Latched {
  readonly kind: AlertKind
  readonly finding: Finding
  readonly severity: Severity
  /** Beyond the limit since. */
  readonly sinceMs: number
  /** Number of the alert; null while the finding has not lasted. */
  readonly id: number | null
  /** Well since; null while it is not. */
  readonly wellSinceMs: number | null
  /** Milder than {@link Latched.severity} since. */
  readonly milderSinceMs: number | null
}

/** All of them, with the number of the next alert. */
export interface LatchState {
  readonly entries: readonly Latched[]
  readonly nextId: number
}

/** Nothing wrong. */
export const EMPTY_LATCH: LatchState = { entries: [], nextId: 1 }

/** An alert is held while its value is within this share of the limit. */
const HOLD_SHARE = 0.8

/** What one detector found at one moment. */
export interface LatchInput {
  readonly detector: Pick<Detector, 'kind' | 'direction'>
  readonly limit: Limit
  readonly findings: readonly Finding[]
  /** Whether the statistics behind a finding on this connection were read just now. */
  readonly isRead: (connectionId: string | null) => boolean
  readonly atMs: number
}

/** Takes the findings of one detector in; entries of other detectors stay as they are. */
export function latch(state: LatchState, input: LatchInput): LatchState {
  const { kind } = input.detector
  const foreign = state.entries.filter((entry) => entry.kind !== kind)
  const own = state.entries.filter((entry) => entry.kind === kind)
  const graded = gravestOf(input)
  const kept = own.flatMap((entry) => carryOn(entry, graded, input) ?? [])
  const fresh = graded
    .filter(({ finding, severity }) => severity !== null && !own.some((one) => isAbout(one, finding.about)))
    .map(({ finding, severity }) => begin(kind, finding, severity ?? 'low', input.atMs))
  let { nextId } = state
  const numbered = [...kept, ...fresh].map((entry) => {
    const isDue = entry.id === null && input.atMs - entry.sinceMs >= input.limit.raiseAfterMs
    if (!isDue || entry.wellSinceMs !== null) return entry
    nextId += 1
    return { ...entry, id: nextId - 1 }
  })
  return { entries: [...foreign, ...numbered], nextId }
}

interface Graded {
  readonly finding: Finding
  /** Null: not beyond any limit. */
  readonly severity: Severity | null
  /** Not well enough either to clear an alert. */
  readonly isHeld: boolean
}

/** One finding per subject, the gravest, so that several streams of one person are one alert. */
function gravestOf({ findings, limit, detector }: LatchInput): readonly Graded[] {
  const held = relaxed(limit, detector.direction)
  const gravest: Graded[] = []
  for (const finding of findings) {
    if (!Number.isFinite(finding.value)) continue
    const severity = atLeast(gradeOf(finding.value, limit, detector.direction), finding.severityMin)
    const graded = { finding, severity, isHeld: gradeOf(finding.value, held, detector.direction) !== null }
    const index = gravest.findIndex((one) => isSameSubject(one.finding.about, finding.about))
    const known = gravest[index]
    if (known === undefined) gravest.push(graded)
    else if (rankOf(severity) > rankOf(known.severity)) gravest[index] = graded
  }
  return gravest
}

function atLeast(severity: Severity | null, least: Severity | undefined): Severity | null {
  return severity !== null && least !== undefined && rankOf(least) > rankOf(severity) ? least : severity
}

function relaxed(limit: Limit, direction: 'above' | 'below'): Limit {
  const share = direction === 'above' ? HOLD_SHARE : 1 / HOLD_SHARE
  const relax = (bound: number | null): number | null => (bound === null ? null : bound * share)
  const { low, medium, high, critical } = limit
  return { ...limit, low: relax(low), medium: relax(medium), high: relax(high), critical: relax(critical) }
}

function begin(kind: AlertKind, finding: Finding, severity: Severity, atMs: number): Latched {
  return { kind, finding, severity, sinceMs: atMs, id: null, wellSinceMs: null, milderSinceMs: null }
}

/** The entry after this moment; null when it is over. */
function carryOn(entry: Latched, graded: readonly Graded[], input: LatchInput): Latched | null {
  const now = graded.find(({ finding }) => isAbout(entry, finding.about))
  const { atMs, limit } = input
  if (now === undefined && !input.isRead(entry.finding.connectionId)) return entry
  if (now !== undefined && now.severity !== null) return regrade(entry, now.finding, now.severity, input)
  // On the edge: neither raised nor cleared.
  if (now?.isHeld) return entry.id === null ? null : { ...entry, finding: now.finding, wellSinceMs: null }
  const wellSinceMs = entry.wellSinceMs ?? atMs
  if (entry.id === null || atMs - wellSinceMs >= limit.clearAfterMs) return null
  return { ...entry, wellSinceMs }
}

function regrade(entry: Latched, finding: Finding, severity: Severity, { atMs, limit }: LatchInput): Latched {
  const base = { ...entry, finding, wellSinceMs: null }
  // Until it is told, what it was at its worst counts for nothing.
  if (entry.id === null || rankOf(severity) >= rankOf(entry.severity))
    return { ...base, severity, milderSinceMs: null }
  const milderSinceMs = entry.milderSinceMs ?? atMs
  if (atMs - milderSinceMs < limit.clearAfterMs) return { ...base, milderSinceMs }
  return { ...base, severity, milderSinceMs: null }
}

function isAbout({ finding }: Latched, about: Subject): boolean {
  return isSameSubject(finding.about, about)
}

function rankOf(severity: Severity | null): number {
  return severity === null ? -1 : SEVERITIES.indexOf(severity)
}
