/**
 * Prevention on the fault corpus: each recorded page is played to the engine of health second by second, and what it
 * says goes into prevention. A degradation is a page on which a fault of quality is felt; it was acted on in time when
 * the first action came before the picture first stood for a second. Recordings cannot tell whether an action would
 * have helped, only whether it came in time and whether there was anything to act on.
 */
import { dangersOf, hasCome } from '../../src/recovery/danger.js'
import {
  INITIAL_PREVENTION,
  PREVENTIVE_ACTIONS,
  type PreventiveAction,
  stepPrevention,
  tallyOf,
} from '../../src/recovery/prevention.js'
import { conclusionsFor } from '../../test/corpus/expected.js'
import { playRecording, type Said } from '../../test/corpus/play.js'
import { readRecording, recordingNames } from '../../test/corpus/read.js'
import type { RecordedPage, Recording } from '../../test/corpus/recording.js'
import type { Figure } from '../figure.js'
import { atLeast, atMost } from './statistics.js'

/** What was counted. */
export interface PreventionOnCorpus {
  /** Pages on which a fault of quality is felt. */
  readonly degradations: number
  /** Those with an action after the fault and before the picture stood. */
  readonly actedBefore: number
  /** Those whose picture stood for a second in the end. */
  readonly frozen: number
  readonly frozenActedBefore: number
  readonly actions: number
  /** Actions that somebody can feel: less sent, a new path. */
  readonly feltActions: number
  readonly needless: number
  /** Moves of the whole call for nothing. */
  readonly needlessSwitches: number
}

/** Faults that make a call worse; the others end it at once or are no fault of the path. */
const DEGRADING: readonly string[] = [
  'loss-low',
  'loss-high',
  'loss-up',
  'loss-burst',
  'delay-step',
  'jitter',
  'uplink-rate',
  'downlink-rate',
  'bandwidth-drop',
  'bufferbloat',
]
/** A picture that stands for this long is a freeze that people call one; it is the model's outage, too. */
const FREEZE_MS = 1_000
/** Right after connecting, rates are steep and buffers empty. */
const WARM_UP_MS = 3_000
/** After the end of a recording nothing comes; the last actions are scored by what was seen until then. */
const AFTER_MS = 11_000
const STEP_MS = 1_000

interface PageResult {
  readonly actionsAtMs: readonly number[]
  readonly felt: number
  readonly needless: number
}

/** Plays all recordings. */
export function runPreventionCorpus(progress: (line: string) => void = () => undefined): PreventionOnCorpus {
  const sum = { degradations: 0, actedBefore: 0, frozen: 0, frozenActedBefore: 0 }
  const acted = { actions: 0, feltActions: 0, needless: 0, needlessSwitches: 0 }
  for (const name of recordingNames()) {
    const recording = readRecording(name)
    const said = playRecording(recording)
    for (const page of recording.pages) {
      const result = playPage(
        recording,
        said.filter((one) => one.page === page.id),
      )
      acted.actions += result.actionsAtMs.length
      acted.feltActions += result.felt
      acted.needless += result.needless
      if (!isDegraded(recording, page)) continue
      const fromMs = recording.fault?.fromMs ?? 0
      const frozenAtMs = freezeOf(page, fromMs)
      const isInTime = result.actionsAtMs.some((atMs) => atMs >= fromMs && atMs < (frozenAtMs ?? Infinity))
      sum.degradations += 1
      sum.actedBefore += Number(isInTime)
      sum.frozen += Number(frozenAtMs !== null)
      sum.frozenActedBefore += Number(frozenAtMs !== null && isInTime)
      progress(
        `${name} ${page.id}: ${isInTime ? 'in time' : 'late'}, first ${secondsOf(
          result.actionsAtMs.find((atMs) => atMs >= fromMs),
          fromMs,
        )}, picture stands ${secondsOf(frozenAtMs, fromMs)}`,
      )
    }
  }
  return { ...sum, ...acted }
}

/** The rows of suite `recovery` about prevention. */
export function preventionFigures(progress: (line: string) => void): readonly Figure[] {
  const {
    degradations,
    actedBefore,
    frozen,
    frozenActedBefore,
    actions,
    feltActions,
    needless,
    needlessSwitches,
  } = runPreventionCorpus(progress)
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole)
  return [
    atLeast(
      'degradations on the corpus acted on before the freeze',
      share(actedBefore, degradations),
      '%',
      50,
      degradations,
    ),
    atLeast(
      'of those whose picture stood for a second in the end',
      share(frozenActedBefore, frozen),
      '%',
      null,
      frozen,
    ),
    atMost('needless switches on the corpus', share(needlessSwitches, actions), '% of actions', 5, actions),
    atMost(
      'needless actions on the corpus that can be felt',
      share(needless, feltActions),
      '%',
      null,
      feltActions,
    ),
  ]
}

function playPage(recording: Recording, said: readonly Said[]): PageResult {
  let state = INITIAL_PREVENTION
  let atMs = WARM_UP_MS
  const provider = recording.topology === 'sfu' ? 'sfu' : 'mesh'
  const about = { connection: `${provider}#1`, provider }
  const actionsAtMs: number[] = []
  const can: readonly PreventiveAction[] = PREVENTIVE_ACTIONS
  let felt = 0
  const step = (now: number, dangers: ReturnType<typeof dangersOf>, isThere: boolean): void => {
    const stepped = stepPrevention(state, { now, dangers, hasCome: isThere, can })
    state = stepped.state
    for (const { type, action } of stepped.effects) {
      if (type !== 'act') continue
      actionsAtMs.push(now)
      if (action === 'quality-down' || action === 'ice-restart') felt += 1
    }
  }
  let risks: Parameters<typeof dangersOf>[1] = []
  for (const one of said) {
    risks = one.output.risk?.risks ?? risks
    const alerts = one.report?.alerts
    if (alerts === undefined || one.atMs < atMs) continue
    atMs = one.atMs + STEP_MS
    step(one.atMs, dangersOf(about, risks, alerts), hasCome(alerts))
  }
  const endMs = said.at(-1)?.atMs ?? 0
  for (let now = endMs + STEP_MS; now <= endMs + AFTER_MS; now += STEP_MS) step(now, [], false)
  const { scores } = state
  const needless = (scores['quality-down']?.needless ?? 0) + (scores['ice-restart']?.needless ?? 0)
  return { actionsAtMs, felt, needless: Math.min(needless, tallyOf(state).needless) }
}

function isDegraded(recording: Recording, page: RecordedPage): boolean {
  return DEGRADING.includes(recording.label) && !conclusionsFor(recording, page.id).includes('none')
}

/** When the first picture that is received stood for so long, from then on; null: none did. */
function freezeOf(page: RecordedPage, fromMs: number): number | null {
  const last = new Map<string, { readonly frames: number; readonly atMs: number }>()
  for (const tick of page.ticks)
    for (const { pc, entries } of tick.stats)
      for (const entry of entries) {
        if (entry.type !== 'inbound-rtp' || entry.kind !== 'video') continue
        const key = `${pc} ${entry.id}`
        const frames = Number(entry.framesDecoded ?? 0)
        const known = last.get(key)
        if (known === undefined || frames !== known.frames) last.set(key, { frames, atMs: tick.atMs })
        else if (known.atMs >= fromMs && tick.atMs - known.atMs >= FREEZE_MS) return known.atMs
      }
  return null
}

function secondsOf(atMs: number | null | undefined, fromMs: number): string {
  return atMs === null || atMs === undefined ? '-' : `${((atMs - fromMs) / 1000).toFixed(2)} s`
}
