/**
 * Acts before people notice. At high risk a standby is warmed or less is sent; at critical risk the standby carries
 * media, or the cheapest remedy that is likely to avert it is tried. The call is never moved by a risk alone. Every
 * action is scored afterwards: averted, met prepared, or needless; from the scores it learns which action averts
 * what, and needless ones use up a budget. Pure.
 */
import type { RiskLevel } from '../health/risk.js'
import type { Danger } from './danger.js'

/** What can be done before anything has happened. */
export const PREVENTIVE_ACTIONS = ['warm-standby', 'hot-standby', 'quality-down', 'ice-restart'] as const

/** One of {@link PREVENTIVE_ACTIONS}. */
export type PreventiveAction = (typeof PREVENTIVE_ACTIONS)[number]

/** How an action turned out. `met`: it came all the same, and found the call prepared. */
export type PreventionScore = 'averted' | 'met' | 'needless'

/** Actions so far, by how they turned out. */
export type PreventionTally = Readonly<Record<PreventionScore, number>>

/** An action that is not scored yet, or still holds. */
interface OpenAction {
  readonly action: PreventiveAction
  readonly key: string
  readonly atMs: number
  /** Trouble short of what was feared was there when it was taken, or came after. */
  readonly isFelt: boolean
  readonly score: PreventionScore | null
  /** The danger has been low since; null while it is not. */
  readonly calmSinceMs: number | null
}

/** What is remembered; plain data. */
export interface PreventionState {
  readonly open: readonly OpenAction[]
  readonly scores: Readonly<Partial<Record<PreventiveAction, PreventionTally>>>
  /** When needless actions were taken that somebody could feel. */
  readonly needlessAtMs: readonly number[]
}

/** One second. */
export interface PreventionInput {
  /** Monotonic milliseconds. */
  readonly now: number
  readonly dangers: readonly Danger[]
  /** What was to be averted is there: a freeze, an outage. */
  readonly hasCome: boolean
  /** What could be done now. */
  readonly can: readonly PreventiveAction[]
}

/** What to do. */
export interface PreventionEffect {
  readonly type: 'act' | 'end' | 'scored'
  readonly action: PreventiveAction
  readonly about: Danger['about']
  readonly level: RiskLevel
  /** Of `scored`. */
  readonly score: PreventionScore | null
}

/** Before anything was done. */
export const INITIAL_PREVENTION: PreventionState = { open: [], scores: {}, needlessAtMs: [] }

/** What was feared comes within this time, or it was not near: twice the horizon of the model. */
const SETTLE_MS = 10_000
/** Prepared is kept for so long after the danger: it likes to come back. */
const CALM_MS = 10_000
/** Needless actions that an hour may have and that somebody can feel; the model of risk has the same budget. */
const NEEDLESS_PER_HOUR = 2
const HOUR_MS = 3_600_000
/** Less likely to avert anything than this, an action is not worth its trouble. */
const LIKELY_MIN_RATIO = 0.15
/** What an outage costs that nobody was prepared for. */
const OUTAGE_COST_MS = 4_000
/** Guesses weigh as much as this many scores. */
const PRIOR_COUNT = 4

/** What is assumed before anything was scored; the cost is what a needless one costs a person, as media lost. */
const ASSUMED: Readonly<Record<PreventiveAction, { readonly likely: number; readonly costMs: number }>> = {
  'warm-standby': { likely: 0.3, costMs: 20 },
  'quality-down': { likely: 0.5, costMs: 400 },
  'hot-standby': { likely: 0.5, costMs: 200 },
  'ice-restart': { likely: 0.3, costMs: 600 },
}
/** Whom an action may help. */
const HELPS: Readonly<Record<Danger['about']['type'], readonly PreventiveAction[]>> = {
  provider: ['warm-standby', 'hot-standby'],
  connection: ['quality-down', 'ice-restart'],
}
/** Nobody notices these, so that they need no budget. */
const UNFELT: readonly PreventiveAction[] = ['warm-standby', 'hot-standby']

/** Takes one second in. */
export function stepPrevention(
  state: PreventionState,
  input: PreventionInput,
): { readonly state: PreventionState; readonly effects: readonly PreventionEffect[] } {
  const scored = scoreOpen(state, input)
  const effects = [...scored.effects]
  let { state: next } = scored
  for (const danger of input.dangers) {
    const action = chooseAction(next, danger, input)
    if (action === null) continue
    const key = keyOf(danger.about)
    const opened = { action, key, atMs: input.now, isFelt: danger.isFelt, score: null, calmSinceMs: null }
    // A hot standby takes the place of a warm one, which is not judged any more.
    const kept = next.open.filter((one) => !(one.key === key && isReplaced(one.action, action)))
    next = { ...next, open: [...kept, opened] }
    effects.push({ type: 'act', action, about: danger.about, level: danger.level, score: null })
  }
  return { state: next, effects }
}

/** All actions added up. */
export function tallyOf({ scores }: PreventionState): PreventionTally {
  return Object.values(scores).reduce<PreventionTally>(
    (sum, one) => ({
      averted: sum.averted + one.averted,
      met: sum.met + one.met,
      needless: sum.needless + one.needless,
    }),
    NO_SCORES,
  )
}

/** How likely an action helps against what is feared, after what was seen of it: a standby by being met prepared. */
export function likelihoodOf({ scores }: PreventionState, action: PreventiveAction): number {
  const { averted, met } = scores[action] ?? NO_SCORES
  const helped = averted + (UNFELT.includes(action) ? met : 0)
  return (helped + ASSUMED[action].likely * PRIOR_COUNT) / (averted + met + PRIOR_COUNT)
}

const NO_SCORES: PreventionTally = { averted: 0, met: 0, needless: 0 }

function chooseAction(
  state: PreventionState,
  danger: Danger,
  { can, now, hasCome }: PreventionInput,
): PreventiveAction | null {
  // What has come is for those who repair.
  if (hasCome || (danger.level !== 'high' && danger.level !== 'critical')) return null
  const key = keyOf(danger.about)
  const mine = state.open.filter((one) => one.key === key)
  const isSpent = state.needlessAtMs.filter((atMs) => now - atMs < HOUR_MS).length >= NEEDLESS_PER_HOUR
  const allowed = HELPS[danger.about.type].filter(
    (action) =>
      can.includes(action) &&
      isFitting(action, danger) &&
      !mine.some((one) => one.action === action || isReplaced(action, one.action)) &&
      (!isSpent || UNFELT.includes(action)) &&
      likelihoodOf(state, action) >= LIKELY_MIN_RATIO,
  )
  // One remedy at a time: two would never be told apart.
  if (mine.some(({ action }) => !UNFELT.includes(action))) return null
  const worth = (action: PreventiveAction): number =>
    likelihoodOf(state, action) * OUTAGE_COST_MS - ASSUMED[action].costMs
  return allowed.reduce<PreventiveAction | null>(
    (best, action) => (best === null || worth(action) > worth(best) ? action : best),
    null,
  )
}

/** High is prepared for, or met with less sent where the path is felt to be worse; critical is acted upon. */
function isFitting(action: PreventiveAction, { level, isFelt, isCrowded }: Danger): boolean {
  if (action === 'warm-standby') return level === 'high'
  if (action === 'hot-standby') return level === 'critical'
  if (action === 'quality-down') return isCrowded && (isFelt || level === 'critical')
  return isFelt || level === 'critical'
}

function isReplaced(former: PreventiveAction, by: PreventiveAction): boolean {
  return former === 'warm-standby' && by === 'hot-standby'
}

function scoreOpen(
  state: PreventionState,
  input: PreventionInput,
): { readonly state: PreventionState; readonly effects: readonly PreventionEffect[] } {
  let next = state
  const effects: PreventionEffect[] = []
  const open = state.open.flatMap((one): OpenAction[] => {
    const danger = input.dangers.find(({ about }) => keyOf(about) === one.key)
    const level = danger?.level ?? 'low'
    const about = danger?.about ?? aboutOf(one.key)
    const isCalm = level === 'low' || level === 'medium'
    const calmSinceMs = isCalm ? (one.calmSinceMs ?? input.now) : null
    const isFelt = one.isFelt || (danger?.isFelt ?? false)
    const score = one.score ?? scoreOf({ ...one, isFelt }, input)
    if (score !== null && one.score === null) {
      next = withScore(next, one, score)
      effects.push({ type: 'scored', action: one.action, about, level, score })
    }
    const isOver = score !== null && calmSinceMs !== null && input.now - calmSinceMs >= CALM_MS
    if (!isOver) return [{ ...one, isFelt, score, calmSinceMs }]
    effects.push({ type: 'end', action: one.action, about, level, score })
    return []
  })
  return { state: { ...next, open }, effects }
}

function scoreOf({ atMs, isFelt }: OpenAction, { now, hasCome }: PreventionInput): PreventionScore | null {
  if (hasCome) return 'met'
  if (now - atMs < SETTLE_MS) return null
  return isFelt ? 'averted' : 'needless'
}

function withScore(
  state: PreventionState,
  { action, atMs }: OpenAction,
  score: PreventionScore,
): PreventionState {
  const before = state.scores[action] ?? NO_SCORES
  const isCharged = score === 'needless' && !UNFELT.includes(action)
  return {
    ...state,
    scores: { ...state.scores, [action]: { ...before, [score]: before[score] + 1 } },
    needlessAtMs: isCharged ? [...state.needlessAtMs, atMs].slice(-NEEDLESS_PER_HOUR) : state.needlessAtMs,
  }
}

function keyOf({ type, id }: Danger['about']): string {
  return `${type}/${id}`
}

function aboutOf(key: string): Danger['about'] {
  const at = key.indexOf('/')
  return { type: key.slice(0, at) === 'provider' ? 'provider' : 'connection', id: key.slice(at + 1) }
}
