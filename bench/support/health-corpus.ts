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
/** The rival looks at this pace: five times faster than by default, which is to its advantage. */
const RIVAL_EVERY_MS = 1000
const RIVAL_WARM_UP_MS = 2000

/** Measures them all; prints a table of labels to the progress. */
export async function corpusFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const recordings = recordingNames().map((name) => readRecording(name))
  const judgements = recordings.map(judge)
  printTable(judgements, progress)
  const rival = []
  for (const recording of recordings)
    rival.push({ recording, issues: await rivalIssues(recording, RIVAL_EVERY_MS) })
  return [
    ...freezeFigures(judgements),
    ...causeFigures(judgements),
    ...rivalFigures(judgements, rival, progress),
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
    atMost('ongoing freeze flagged on the corpus, p50', median(delays) / 1000, 's', 1, delays.length),
    atMost(
      'ongoing freeze flagged on the corpus, p95',
      quantile(delays, 0.95) / 1000,
      's',
      null,
      delays.length,
    ),
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

interface RivalRun {
  readonly recording: Recording
  readonly issues: readonly RivalIssue[]
}

function rivalFigures(
  judgements: readonly Judgement[],
  runs: readonly RivalRun[],
  progress: (line: string) => void,
): readonly Figure[] {
  const faulty = runs.filter(({ recording }) => recording.fault !== null && recording.fault.fromMs > 0)
  const theirs = faulty.map(({ recording, issues }) => {
    const fromMs = recording.fault?.fromMs ?? 0
    const first = episodesOf(issues).find(({ atMs }) => atMs >= fromMs)
    return first ? first.atMs - fromMs : null
  })
  const ours = judgements
    .filter(({ head }) => head.fault !== null && head.fault.fromMs > 0)
    .map(({ noticedAfterMs, foundAfterMs }) => noticedAfterMs ?? foundAfterMs)
  const healthyHours = judgements.reduce((sum, { healthySeconds }) => sum + healthySeconds, 0) / 3600
  const falseOurs = judgements.reduce((sum, { falseAlerts }) => sum + falseAlerts.length, 0) / healthyHours
  const falseTheirs = runs.reduce((sum, run) => sum + falseIssues(run), 0) / healthyHours
  const delayOurs = median(known(ours)) / 1000
  const delayTheirs = median(known(theirs)) / 1000
  const row = (name: string, own: string, other: string): void =>
    progress(`${name.padEnd(44)} ${own.padStart(12)} ${other.padStart(24)}`)
  row(`${ours.length} recordings with a fault`, 'Holdfast', 'webrtc-issue-detector')
  row('noticed (true positives)', String(known(ours).length), String(known(theirs).length))
  row('without a fault, per hour and page', falseOurs.toFixed(0), falseTheirs.toFixed(0))
  row('from the fault to the first word, p50', `${delayOurs.toFixed(2)} s`, `${delayTheirs.toFixed(2)} s`)
  const share = (list: readonly (number | null)[]): number => (100 * known(list).length) / list.length
  return [
    above('faults noticed, against webrtc-issue-detector', share(ours), '%', share(theirs), ours.length),
    below(
      'false alerts per hour, against webrtc-issue-detector',
      falseOurs,
      '/h',
      falseTheirs,
      judgements.length,
    ),
    below(
      'first word after a fault p50, against webrtc-issue-detector',
      delayOurs,
      's',
      delayTheirs,
      known(ours).length,
    ),
  ]
}

/** What it reported while nothing was wrong; the same warm-up is granted as to us. */
function falseIssues({ recording, issues }: RivalRun): number {
  const fromMs = recording.fault?.fromMs ?? Number.POSITIVE_INFINITY
  return episodesOf(issues).filter(({ atMs }) => atMs < fromMs && atMs > RIVAL_WARM_UP_MS).length
}

/** It repeats an issue at every look; what goes on is counted once, as an alert of ours is. */
function episodesOf(issues: readonly RivalIssue[]): readonly RivalIssue[] {
  return issues.filter(
    ({ page, atMs, reason }, index) =>
      !issues
        .slice(0, index)
        .some((one) => one.page === page && one.reason === reason && atMs - one.atMs < 1.5 * RIVAL_EVERY_MS),
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
