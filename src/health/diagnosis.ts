/**
 * All detectors over one call: samples and facts in, a report out. Findings pass the limits and the latch, get
 * their blame from what everybody sees, and what changed is told once. Pure; the state is plain data.
 */
import { ALERT_KINDS, type Alert, type AlertChange, type AlertKind, type Blame } from './alert.js'
import { blameOf } from './blame.js'
import type { Memory } from './detectors/detector.js'
import { DETECTORS } from './detectors/index.js'
import { NO_FACTS, type PageFacts } from './facts.js'
import { EMPTY_LATCH, type Latched, type LatchState, latch } from './latch.js'
import { wordOf } from './own-word.js'
import { type HealthOverview, type HealthReport, overviewOf } from './report.js'
import { type Scene, type SceneInput, type SceneMemory, takeScene } from './scene.js'
import { count, type HealthStatistics, NO_STATISTICS } from './statistics.js'
import { thresholdsOf } from './thresholds.js'
import type { Trial } from './witness.js'

/** One moment as it comes in; `facts` only when the page told new ones. */
export type DiagnosisInput = Omit<SceneInput, 'facts' | 'hasFacts'> & { readonly facts: PageFacts | null }

/** What is remembered; plain data. */
export interface DiagnosisState {
  readonly scenes: SceneMemory
  readonly memories: { readonly [Kind in AlertKind]?: Memory }
  readonly latch: LatchState
  readonly facts: PageFacts | null
  readonly alerts: readonly Alert[]
  /** Of the latest reading: between two of them blame stands on what was seen then. */
  readonly views: Views
  readonly overview: HealthOverview | null
  readonly statistics: HealthStatistics
  readonly lastAtMs: number | null
  readonly lastReportAtMs: number | null
}

type Views = Pick<Scene, 'inbound' | 'outbound' | 'paths'>

/** Before anything was looked at. */
export const INITIAL_DIAGNOSIS: DiagnosisState = {
  scenes: {},
  memories: {},
  latch: EMPTY_LATCH,
  facts: null,
  alerts: [],
  views: { inbound: [], outbound: [], paths: [] },
  overview: null,
  statistics: NO_STATISTICS,
  lastAtMs: null,
  lastReportAtMs: null,
}

/** Without statistics only verdicts and facts can have changed; looking at them at every pulse is wasted. */
const LOOK_EVERY_MS = 200
/** Figures are shown to people. */
const REPORT_EVERY_MS = 950
/** A less certain culprit replaces a more certain one only after this long. */
const BLAME_KEPT_MS = 3_000
/** Confidence may fall by this much without the verdict being the weaker one. */
const CONFIDENCE_SLACK = 0.1

/** Takes one moment in; the report is null when there is nothing new. */
export function diagnose(
  state: DiagnosisState,
  input: DiagnosisInput,
): { readonly state: DiagnosisState; readonly report: HealthReport | null } {
  const { atMs } = input
  const isRead = input.connections.some(({ sample }) => sample?.isFull)
  const idleMs = state.lastAtMs === null ? Number.POSITIVE_INFINITY : atMs - state.lastAtMs
  if (!isRead && idleMs < LOOK_EVERY_MS) return { state, report: null }
  const facts = input.facts ?? state.facts
  const sceneInput = { ...input, facts: facts ?? NO_FACTS, hasFacts: facts !== null }
  const { memory: scenes, scene } = takeScene(state.scenes, sceneInput)
  const { memories, latched } = detectAll(state, scene)
  const { inbound, outbound, paths } = scene
  const hasViews = scene.connections.some((one) => one.isCurrent && one.isRead)
  const views = hasViews ? { inbound, outbound, paths } : state.views
  const trial = { scene: { ...scene, ...views }, entries: latched.entries }
  const alerts = alertsOf(latched.entries, trial, state.alerts)
  const changes = changesOf(state.alerts, alerts, atMs)
  const stepMs = Number.isFinite(idleMs) ? idleMs : 0
  const statistics = count(state.statistics, scene, stepMs, alerts, changes)
  const overview = overviewOf(scene, alerts, ALERT_KINDS, state.overview)
  const isDue =
    changes.length > 0 || atMs - (state.lastReportAtMs ?? Number.NEGATIVE_INFINITY) >= REPORT_EVERY_MS
  const next: DiagnosisState = {
    scenes,
    memories,
    latch: latched,
    facts,
    alerts,
    views,
    overview,
    statistics,
    lastAtMs: atMs,
    lastReportAtMs: isDue ? atMs : state.lastReportAtMs,
  }
  const word = wordOf(trial.scene, alerts)
  return { state: next, report: isDue ? { atMs, alerts, changes, overview, statistics, word } : null }
}

function detectAll(
  state: DiagnosisState,
  scene: Scene,
): { readonly memories: DiagnosisState['memories']; readonly latched: LatchState } {
  const limits = thresholdsOf(scene.facts.thresholds ?? {})
  const memories: { [Kind in AlertKind]?: Memory } = {}
  let latched = state.latch
  const isRead = (connectionId: string | null): boolean =>
    connectionId === null ||
    // A connection that is gone, or no longer the one that counts, has nothing more to say.
    scene.connections.every((one) => one.connectionId !== connectionId || one.isRead || !one.isCurrent)
  const isAnyRead = scene.connections.some((one) => one.isRead)
  for (const kind of ALERT_KINDS) {
    const detector = DETECTORS[kind]
    const before = state.memories[kind] ?? {}
    const { memory, findings } = detector.detect(before, scene)
    // Between two readings there are no streams: what was remembered of them must outlive that.
    memories[kind] = isAnyRead ? memory : { ...before, ...memory }
    latched = latch(latched, { detector, limit: limits[kind], findings, isRead, atMs: scene.atMs })
  }
  return { memories, latched }
}

function alertsOf(entries: readonly Latched[], trial: Trial, before: readonly Alert[]): readonly Alert[] {
  const alerts = entries.flatMap((entry): Alert[] => {
    const { id, kind, severity, sinceMs, finding } = entry
    if (id === null) return []
    const known = before.find((one) => one.id === id)
    return [
      {
        id,
        kind,
        about: finding.about,
        severity,
        sinceMs,
        value: finding.value,
        unit: DETECTORS[kind].unit,
        evidence: finding.evidence,
        cause: finding.cause ?? null,
        blame: steadyBlame(known, blameOf(entry, trial), trial.scene.atMs),
      },
    ]
  })
  return alerts.sort((one, other) => one.id - other.id)
}

/** Who is to blame does not jump about: what was better founded stands for a while. */
function steadyBlame(known: Alert | undefined, now: Blame, atMs: number): Blame {
  if (known === undefined || atMs - known.sinceMs > BLAME_KEPT_MS) return now
  return now.confidence >= known.blame.confidence - CONFIDENCE_SLACK ? now : known.blame
}

function changesOf(before: readonly Alert[], after: readonly Alert[], atMs: number): readonly AlertChange[] {
  const changes: AlertChange[] = []
  for (const alert of before)
    if (!after.some(({ id }) => id === alert.id)) changes.push({ type: 'cleared', alert, atMs })
  for (const alert of after) {
    const known = before.find(({ id }) => id === alert.id)
    if (known === undefined) changes.push({ type: 'raised', alert, atMs })
    else if (isNews(known, alert)) changes.push({ type: 'changed', alert, atMs })
  }
  return changes
}

function isNews(known: Alert, alert: Alert): boolean {
  return (
    known.severity !== alert.severity ||
    known.cause !== alert.cause ||
    known.blame.culprit !== alert.blame.culprit ||
    known.blame.participant !== alert.blame.participant
  )
}
