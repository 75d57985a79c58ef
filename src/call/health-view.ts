/** `call.health`: what people and the app may ask. The desk behind it comes later, or never (script tag). */
import type { Alert, Severity } from '../health/alert.js'
import type { PageFacts } from '../health/facts.js'
import type { HealthOverview, HealthReport } from '../health/report.js'
import type { RiskLevel, RiskReport } from '../health/risk.js'
import type { HealthStatistics } from '../health/statistics.js'
import type { StoredReading } from '../history/archive-contract.js'

/** Which readings to look up. */
export interface ReadingsQuery {
  /** Milliseconds since 1970. */
  readonly fromMs?: number
  readonly toMs?: number
  /** `call`, `path/PROVIDER`, `in/audio`, `in/video`, `out/audio` or `out/video`. */
  readonly series?: string
  readonly limit?: number
}

/** Health as the app may ask for it at any time (promises P09, P15). */
export interface CallHealth {
  /** True while no detectors run: before `join()`, for a moment after it, and in the script-tag build. */
  readonly isReduced: boolean
  /** Figures of all paths and tracks, the gravest alert's severity and the root cause. Null while reduced. */
  overview(): HealthOverview | null
  /** What is wrong now, oldest first. */
  alerts(): readonly Alert[]
  /** How likely my connections and providers are to fail within seconds (promise P18). Null while reduced. */
  risk(): RiskReport | null
  /** What has been counted since the call was joined. Null while reduced. */
  statistics(): HealthStatistics | null
  /** Readings of the last 24 hours in this room, oldest first; empty while there is no history. */
  readings(query?: ReadingsQuery): Promise<readonly StoredReading[]>
}

/** Health in the snapshot: what changes rarely enough to be shown. */
export interface HealthSnapshot {
  readonly isReduced: boolean
  /** Severity of the gravest alert; null: none. */
  readonly severity: Severity | null
  readonly alerts: readonly Alert[]
}

/** The desk behind it. */
export interface HealthDesk {
  /** What to tell the worker with the next batch; null: nothing new. */
  facts(): PageFacts | null
  take(report: HealthReport): void
  takeRisk(report: RiskReport): void
  latestRisk(): RiskReport | null
  /** Of this provider, as all participants see it. */
  riskLevel(provider: string): RiskLevel
  latest(): HealthReport | null
  readings(query?: ReadingsQuery): Promise<readonly StoredReading[]>
  stop(): void
}

/** Where there are no detectors. */
export const REDUCED_HEALTH: HealthSnapshot = { isReduced: true, severity: null, alerts: [] }

/** The view of a desk that may not be there yet. */
export function viewOf(desk: () => HealthDesk | null | undefined): CallHealth {
  const latest = (): HealthReport | null => desk()?.latest() ?? null
  return {
    get isReduced() {
      return latest() === null
    },
    overview: () => latest()?.overview ?? null,
    alerts: () => latest()?.alerts ?? [],
    risk: () => desk()?.latestRisk() ?? null,
    statistics: () => latest()?.statistics ?? null,
    readings: async (query) => (await desk()?.readings(query)) ?? [],
  }
}

/** The snapshot's part; the same object while nothing has changed. */
export function healthSnapshot(desk: HealthDesk | null): HealthSnapshot {
  const report = desk?.latest()
  if (!report) return REDUCED_HEALTH
  return { isReduced: false, severity: report.overview.severity, alerts: report.alerts }
}
