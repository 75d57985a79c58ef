/** Judges what the engines said of a recording against what was injected. */
import type { Alert, FreezeCause } from '../../src/health/alert.js'
import { type Conclusion, conclusionsFor, KINDS_OF, MILD_KINDS } from './expected.js'
import { playRecording, type Said } from './play.js'
import type { Recording, RecordingHead } from './recording.js'

/** One page of one recording. */
export interface PageJudgement {
  readonly page: string
  readonly isOwn: boolean
  /** What it blamed most of the time once the fault was there. */
  readonly concluded: Conclusion
  readonly expected: readonly Conclusion[]
  readonly isRight: boolean
  /** It blamed its own CPU in any alert of medium or more. */
  readonly hasBlamedOwnCpu: boolean
  /** Causes it gave for pictures that stood, most frequent first. */
  readonly freezeCause: FreezeCause | null
  /** From the fault to the first freeze it named; null: none. */
  readonly freezeAfterMs: number | null
}

/** One recording. */
export interface Judgement {
  readonly head: RecordingHead
  /** From the fault to the first alert of a kind that names it, on any page; null: never. */
  readonly foundAfterMs: number | null
  /** From the fault to the first alert of medium or more of any kind. */
  readonly noticedAfterMs: number | null
  /** Alerts of medium or more that were raised without a fault: before it, or in a healthy recording. */
  readonly falseAlerts: readonly string[]
  /** Seconds without a fault, over all pages. */
  readonly healthySeconds: number
  readonly pages: readonly PageJudgement[]
}

/** The engine sees a fault that is half a second old at the earliest; before, what it says is about the time before. */
const SETTLE_MS = 1500
/** Pages that end sooner after the fault are not asked. */
const LAST_WORD_MS = 2500
/** A page concludes nothing from what it said less often than this. */
const SHARE_MIN = 0.3
/** Right after connecting, rates are steep and buffers empty: nothing is counted against anybody. */
const WARM_UP_MS = 2000

/** Plays and judges. */
export function judge(recording: Recording): Judgement {
  const { pages: _, ...head } = recording
  const said = playRecording(recording)
  const fromMs = recording.fault?.fromMs ?? Number.POSITIVE_INFINITY
  const raised = firstTellings(said)
  const kinds = KINDS_OF[recording.label] ?? []
  const after = raised.filter(({ atMs }) => atMs >= fromMs)
  const early = raised.filter(({ atMs, alert }) => atMs < fromMs && atMs > WARM_UP_MS && isGrave(alert))
  const endMs = recording.seconds * 1000
  return {
    head,
    foundAfterMs: delayOf(
      after.filter(({ alert }) => kinds.includes(alert.kind) && isTold(alert)),
      fromMs,
    ),
    noticedAfterMs: delayOf(
      after.filter(({ alert }) => isGrave(alert)),
      fromMs,
    ),
    falseAlerts: early.map(({ page, alert }) => `${page} ${alert.kind} ${alert.blame.culprit}`),
    healthySeconds: (recording.pages.length * Math.max(0, Math.min(fromMs, endMs) - WARM_UP_MS)) / 1000,
    // A page that crashed says nothing.
    pages: recording.pages
      .filter((page) => lastTickMs(page) > (recording.fault?.fromMs ?? 0) + LAST_WORD_MS)
      .map((page) =>
        judgePage(
          head,
          page.id,
          said.filter((one) => one.page === page.id),
        ),
      ),
  }
}

/** When each alert was first told, and when it first became grave. */
function firstTellings(said: readonly Said[]): { page: string; alert: Alert; atMs: number }[] {
  const known = new Set<string>()
  return said.flatMap(({ page, report }) =>
    (report?.changes ?? []).flatMap(({ type, alert, atMs }) => {
      const key = `${page} ${alert.id} ${isGrave(alert)}`
      if (type === 'cleared' || known.has(key)) return []
      known.add(key)
      return [{ page, alert, atMs }]
    }),
  )
}

function lastTickMs({ ticks }: Recording['pages'][number]): number {
  return ticks.at(-1)?.atMs ?? 0
}

function judgePage(head: RecordingHead, page: string, said: readonly Said[]): PageJudgement {
  const fromMs = head.fault?.fromMs ?? 0
  const toMs = head.fault?.toMs ?? Number.POSITIVE_INFINITY
  const during = said.filter(({ atMs }) => atMs >= fromMs + SETTLE_MS && atMs <= toMs + SETTLE_MS)
  const reports = during.flatMap(({ report }) => report ?? [])
  const alerts = reports.flatMap((report) => report.alerts)
  const expected = conclusionsFor(head, page)
  const concluded = conclusionOf(reports.map((report) => culpritOf(report.alerts, report.overview.rootCause)))
  const freezes = said
    .filter(({ atMs }) => atMs >= fromMs)
    .flatMap(({ report, atMs }) =>
      (report?.alerts ?? []).filter(({ kind }) => kind === 'freeze').map((alert) => ({ atMs, alert })),
    )
  return {
    page,
    isOwn: head.fault?.at === page,
    concluded,
    expected,
    isRight: expected.includes(concluded),
    hasBlamedOwnCpu: alerts.some((alert) => isGrave(alert) && alert.blame.culprit === 'my-cpu'),
    freezeCause: mostFrequent(freezes.flatMap(({ alert }) => alert.cause ?? [])),
    freezeAfterMs: delayOf(freezes, fromMs),
  }
}

function culpritOf(alerts: readonly Alert[], rootCause: Alert | null): Conclusion {
  const named = rootCause ?? alerts.find(({ kind }) => MILD_KINDS.has(kind)) ?? null
  return named?.blame.culprit ?? 'none'
}

function conclusionOf(said: readonly Conclusion[]): Conclusion {
  const named = said.filter((one) => one !== 'none')
  if (named.length < SHARE_MIN * said.length) return 'none'
  return mostFrequent(named) ?? 'none'
}

function mostFrequent<Value>(values: readonly Value[]): Value | null {
  const counts = new Map<Value, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null
}

function delayOf(found: readonly { readonly atMs: number }[], fromMs: number): number | null {
  return found.length === 0 ? null : Math.max(0, Math.min(...found.map(({ atMs }) => atMs)) - fromMs)
}

function isGrave({ severity }: Alert): boolean {
  return severity !== 'low'
}

function isTold(alert: Alert): boolean {
  return isGrave(alert) || MILD_KINDS.has(alert.kind)
}

/** Macro-averaged F1 of the conclusions; a right answer that is not the first of its list counts as the first. */
export function macroF1(pages: readonly PageJudgement[]): number {
  const pairs = pages.map(({ expected, concluded, isRight }) => {
    const truth = expected[0] ?? 'none'
    return { truth, said: isRight ? truth : concluded }
  })
  const scores = [...new Set(pairs.map(({ truth }) => truth))].map((name) => {
    const hits = pairs.filter(({ truth, said }) => truth === name && said === name).length
    const claimed = pairs.filter(({ said }) => said === name).length
    const real = pairs.filter(({ truth }) => truth === name).length
    return hits === 0 ? 0 : (2 * hits) / (claimed + real)
  })
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
}
