/** Rows of suite `health` that come from the fault corpus: freezes, root causes, and the rival beside. */
import { type Judgement, judge, macroF1 } from '../../test/corpus/judge.js'
import { readRecording, recordingNames } from '../../test/corpus/read.js'
import type { Recording } from '../../test/corpus/recording.js'
import type { Figure } from '../figure.js'
import { type RivalIssue, rivalIssues } from './health-rival.js'
import { atLeast, atMost, median, quantile } from './statistics.js'

/** Why the picture stands on the pages that see the fault; labels without an entry freeze nothing for certain. */
const FREEZE_CAUSES: Readonly<
  Record<string, { readonly cause: string; readonly own: boolean; readonly others: boolean }>
> = {
  'decoder-stall': { cause: 'decoder-stall', own: true, others: false },
  'black-hole-long': { cause: 'network-stall', own: true, others: false },
  'network-gone': { cause: 'network-stall', own: true, others: false },
  'one-way-down': { cause: 'network-stall', own: true, others: false },
  'provider-kill': { cause: 'network-stall', own: true, others: true },
  'provider-hang': { cause: 'network-stall', own: true, others: true },
  'camera-ended': { cause: 'sender-stall', own: false, others: true },
  'camera-stalled': { cause: 'sender-stall', own: false, others: true },
  // Says so itself: nothing may be called frozen.
  'healthy-paused': { cause: 'none', own: true, others: true },
}
/** The rival looks every 5 s by default; at our pace it sees sooner and cries wolf more often. Both are measured. */
const RIVAL_PACES_MS = [5000, 1000] as const
const RIVAL_WARM_UP_MS = 2000

/** Measures them all; prints a table of labels to the progress. */
export async function corpusFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const recordings = recordingNames().map((name) => readRecording(name))
  const judgements = recordings.map(judge)
  printTable(judgements, progress)
  return [
    ...freezeFigures(judgements),
    ...causeFigures(judgements),
    ...(await rivalFigures(judgements, recordings, progress)),
  ]
}

function freezeFigures(judgements: readonly Judgement[]): readonly Figure[] {
  const seen = judgements.flatMap(({ head, pages }) => {
    const truth = FREEZE_CAUSES[head.label]
    if (!truth) return []
    return pages
      .filter(({ isOwn }) => (isOwn ? truth.own : truth.others))
      .map((page) => ({ page, cause: truth.cause }))
  })
  const frozen = seen.filter(({ cause }) => cause !== 'none')
  const delays = frozen.map(({ page }) => page.freezeAfterMs ?? Number.POSITIVE_INFINITY)
  const right = seen.filter(({ page, cause }) => (page.freezeCause ?? 'none') === cause)
  return [
    atMost('ongoing freeze flagged on the corpus, p95', quantile(delays, 0.95) / 1000, 's', 1, delays.length),
    atMost('ongoing freeze flagged on the corpus, p50', median(delays) / 1000, 's', null, delays.length),
    atLeast(
      'decoder stall, network stall, stalled and paused sender told apart',
      (100 * right.length) / seen.length,
      '%',
      98,
      seen.length,
    ),
  ]
}

function causeFigures(judgements: readonly Judgement[]): readonly Figure[] {
  const pagesOf = (some: readonly Judgement[]) => some.flatMap(({ pages }) => pages)
  const heldOut = judgements.filter(({ head }) => head.isHeldOut)
  const tuned = judgements.filter(({ head }) => !head.isHeldOut)
  const sendersFault = judgements.filter(
    ({ head }) => head.fault !== null && head.fault.at !== null && head.fault.culprit !== 'provider',
  )
  const others = sendersFault.flatMap(({ pages }) => pages.filter(({ isOwn }) => !isOwn))
  const blamed = others.filter(({ hasBlamedOwnCpu }) => hasBlamedOwnCpu)
  return [
    atLeast(
      'root cause on the corpus, held-out half: macro-F1',
      macroF1(pagesOf(heldOut)),
      '',
      0.95,
      pagesOf(heldOut).length,
    ),
    atLeast(
      'root cause on the corpus, other half: macro-F1',
      macroF1(pagesOf(tuned)),
      '',
      null,
      pagesOf(tuned).length,
    ),
    atMost("own CPU blamed for a sender's fault", (100 * blamed.length) / others.length, '%', 0, others.length),
  ]
}

/** What one of the two made of all recordings. */
interface Score {
  readonly noticed: number
  readonly falsePerHour: number
  readonly delayS: number
}

async function rivalFigures(
  judgements: readonly Judgement[],
  recordings: readonly Recording[],
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  const faulty = judgements.filter(({ head }) => head.fault !== null && head.fault.fromMs > 0)
  const hours = judgements.reduce((sum, { healthySeconds }) => sum + healthySeconds, 0) / 3600
  const ours = scoreOf(
    faulty.map(({ noticedAfterMs, foundAfterMs }) => noticedAfterMs ?? foundAfterMs),
    judgements.reduce((sum, { falseAlerts }) => sum + falseAlerts.length, 0) / hours,
  )
  const figures: Figure[] = []
  progress(`${faulty.length} recordings with a fault: noticed, false per hour of a page, delay p50`)
  progress(lineOf('Holdfast', ours))
  for (const everyMs of RIVAL_PACES_MS) {
    const theirs = await rivalScore(recordings, everyMs, hours)
    const rival = `webrtc-issue-detector every ${everyMs / 1000} s`
    progress(lineOf(rival, theirs))
    figures.push(
      above(`faults noticed, against ${rival}`, ours.noticed, 'of all', theirs.noticed, faulty.length),
      fewer(`false alerts, against ${rival}`, ours.falsePerHour, theirs.falsePerHour, judgements.length),
      below(`first word after a fault p50, against ${rival}`, ours.delayS, 's', theirs.delayS, faulty.length),
    )
  }
  return figures
}

async function rivalScore(recordings: readonly Recording[], everyMs: number, hours: number): Promise<Score> {
  const delays: (number | null)[] = []
  let wrong = 0
  for (const recording of recordings) {
    const fromMs = recording.fault?.fromMs ?? Number.POSITIVE_INFINITY
    const episodes = episodesOf(await rivalIssues(recording, everyMs), everyMs)
    wrong += episodes.filter(({ atMs }) => atMs < fromMs && atMs > RIVAL_WARM_UP_MS).length
    if (!Number.isFinite(fromMs) || fromMs === 0) continue
    const first = episodes.find(({ atMs }) => atMs >= fromMs)
    delays.push(first ? first.atMs - fromMs : null)
  }
  return scoreOf(delays, wrong / hours)
}

function scoreOf(delays: readonly (number | null)[], falsePerHour: number): Score {
  const seen = known(delays)
  return { noticed: seen.length, falsePerHour, delayS: median(seen) / 1000 }
}

function lineOf(name: string, { noticed, falsePerHour, delayS }: Score): string {
  return `${name.padEnd(34)} ${String(noticed).padStart(4)} ${falsePerHour.toFixed(0).padStart(6)} ${delayS.toFixed(2).padStart(6)} s`
}

/** It repeats an issue at every look; what goes on is counted once, as an alert of ours is. */
function episodesOf(issues: readonly RivalIssue[], everyMs: number): readonly RivalIssue[] {
  return issues.filter(
    ({ page, atMs, reason }, index) =>
      !issues
        .slice(0, index)
        .some((one) => one.page === page && one.reason === reason && atMs - one.atMs < 1.5 * everyMs),
  )
}

function known(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null)
}

function above(name: string, value: number, unit: string, other: number, n: number): Figure {
  return { ...atLeast(name, value, unit, null, n), bar: `> ${other.toFixed(1)}`, holds: value > other }
}

function below(name: string, value: number, unit: string, other: number, n: number): Figure {
  return { ...atMost(name, value, unit, null, n), bar: `< ${other.toFixed(2)}`, holds: value < other }
}

/** Nothing can be fewer than none. */
function fewer(name: string, value: number, other: number, n: number): Figure {
  const figure = below(name, value, '/h', other, n)
  return { ...figure, bar: `${figure.bar}, or none`, holds: value < other || value === 0 }
}

function printTable(judgements: readonly Judgement[], progress: (line: string) => void): void {
  progress('label                 n  named   after p50  blamed right  false')
  for (const label of new Set(judgements.map(({ head }) => head.label))) {
    const some = judgements.filter(({ head }) => head.label === label)
    const found = known(some.map(({ foundAfterMs }) => foundAfterMs))
    const pages = some.flatMap((one) => one.pages)
    const right = pages.filter(({ isRight }) => isRight).length
    progress(
      [
        label.padEnd(21),
        String(some.length),
        `${found.length}/${some.length}`.padStart(6),
        (found.length === 0 ? '-' : `${(median(found) / 1000).toFixed(2)} s`).padStart(11),
        `${right}/${pages.length}`.padStart(13),
        String(some.reduce((sum, one) => sum + one.falseAlerts.length, 0)).padStart(6),
      ].join(' '),
    )
  }
}
