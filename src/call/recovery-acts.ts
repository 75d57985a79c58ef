/** What the desk does for each effect of the engine: asks, runs, takes back, and says why. */
import type { EngineEffect, EngineInput, EngineState, Nothing } from '../recovery/engine/contract.js'
import { mayMoveCall } from '../recovery/engine/gate.js'
import type { OpenIncident } from '../recovery/incident.js'
import type { IncidentBook } from '../recovery/incident-book.js'
import { type Decision, explainIncident, type RecoveryExplanation } from '../recovery/incident-explanation.js'
import type { StrategySpec, Target } from '../recovery/strategy.js'
import type { Hands, RunResult } from '../repair/hands.js'
import type { BreakerKey } from '../repair/policies/breakers.js'
import type { Policy } from '../repair/policies/policy.js'
import type { CallCore } from './core.js'
import { tellExperience } from './experience-loader.js'
import type { RecoveryBook } from './recovery-book.js'
import { type Answer, answerTo, targetOf } from './recovery-choice.js'
import type { RecoveryStatus } from './recovery-contract.js'
import type { RecoveryLog } from './recovery-log.js'
import type { RecoveryRuns } from './recovery-runs.js'
import type { HeldRemedy } from './remedy.js'

/** An input without its time, which the desk adds. */
export type Untimed = EngineInput extends infer One
  ? One extends EngineInput
    ? Omit<One, 'now'>
    : never
  : never

/** What the parts of the desk share. */
export interface DeskState {
  readonly core: CallCore
  readonly hands: Hands
  /** What prevention does by these hands. */
  readonly remedy: HeldRemedy
  readonly incidents: IncidentBook
  readonly book: RecoveryBook
  readonly log: RecoveryLog
  readonly runs: RecoveryRuns
  isPathRepairing(): boolean
  closeWorld(): void
  engine: EngineState
  /** What was found for an incident last. */
  readonly answers: Map<string, Answer>
  /** Each incident has its own patience. */
  readonly policies: Map<string, Policy>
  readonly counts: { incidents: number; succeeded: number; failed: number; cancelled: number }
  lastFailure: RecoveryStatus['lastFailure']
  give(input: Untimed): void
}

type Effect<Type extends EngineEffect['type']> = Extract<EngineEffect, { readonly type: Type }>

/** Between tries while policies are not loaded; the first retry comes at once. */
const RETRY_MS: readonly number[] = [0, 400, 800, 1500, 2500, 5000, 8000]

/** Carries out one effect. */
export function perform(state: DeskState, effect: EngineEffect): void {
  switch (effect.type) {
    case 'ask':
      ask(state, effect)
      break
    case 'run':
      begin(state, effect)
      break
    case 'stop':
      state.runs.stop(effect.runId)
      break
    case 'undo':
      void state.hands.undo(effect.strategy, targetOf(state.core, effect.incident))
      break
    case 'nothing':
      doNothing(state, effect)
      break
    case 'over':
      finish(state, effect)
      break
  }
}

/** A run has ended by itself. */
export function runEnded(state: DeskState, effect: Effect<'run'>, { outcome }: RunResult): void {
  const { incident, runId, number, option } = effect
  const isOk = outcome === 'succeeded'
  const policy = policyFor(state, incident)
  if (outcome !== 'cancelled' && option.reach !== 'none') {
    policy?.note({ isOk })
    const key = breakerKey(option, targetOf(state.core, incident))
    if (key !== null) state.core.guard?.breakers.note(key, isOk)
  }
  const fallbackMs = RETRY_MS[Math.min(number, RETRY_MS.length) - 1] ?? 0
  const delayMs = policy ? policy.nextDelayMs(number) : fallbackMs
  // What comes next is another strategy mostly: only an app that says when to try again makes the first one wait.
  const isAtOnce = number === 1 && delayMs !== null && state.core.options.recovery.policy === undefined
  const retryAfterMs = option.reach === 'none' || isAtOnce ? 0 : delayMs
  state.give({ type: 'ended', runId, outcome, retryAfterMs })
}

/** Explains one decision, and remembers it for whoever asks. */
export function explain(state: DeskState, incident: OpenIncident, decision: Decision): RecoveryExplanation {
  const { core, book, answers } = state
  const explanation = explainIncident(incident, decision, {
    who: whoOf(core, incident),
    options: answers.get(incident.id)?.explained ?? [],
    texts: core.options.recovery.texts ?? {},
  })
  book.remember(incident.id, explanation)
  return explanation
}

function ask(state: DeskState, effect: Effect<'ask'>): void {
  const { core, hands, isPathRepairing, engine } = state
  const { id } = effect.incident
  const answer = answerTo(
    core,
    {
      hands,
      isPathRepairing,
      mayMoveCall() {
        const recovery = engine.recoveries.get(id)
        return recovery !== undefined && mayMoveCall(recovery)
      },
      waitMs(spec, target) {
        const key = breakerKey(spec, target)
        return key === null ? 0 : (core.guard?.breakers.waitMs(key) ?? 0)
      },
    },
    effect,
  )
  state.answers.set(id, answer)
  state.give({ type: 'answered', incidentId: id, options: answer.options, chosen: answer.chosen })
}

function begin(state: DeskState, effect: Effect<'run'>): void {
  const { core, book, runs } = state
  const { incident, option, kind, number } = effect
  const { strategy } = option
  const reasoning = state.answers.get(incident.id)?.reasoning(strategy) ?? ''
  const to = option.reach === 'call' ? (core.reading?.next ?? null) : incident.provider
  const explanation = explain(state, incident, { strategy, to, reasoning })
  const isByPerson = kind === 'manual' || kind === 'emergency'
  const told = { incident, explanation, number }
  const attemptId = runs.begin(effect, told, isByPerson ? core.options.me.id : 'automatic')
  if (attemptId !== null) book.remember(attemptId, explanation)
  if (incident.severity === 'low') return
  const why = `${explanation.cause} ${explanation.why}`
  core.timeline.add('decision', explanation.summary, { why, provider: incident.provider })
}

function doNothing(state: DeskState, { incident, why }: Effect<'nothing'>): void {
  const { core } = state
  const explanation = explain(state, incident, { nothing: why })
  tellExperience(core, (experience) =>
    experience.noteNothing(core.options.room, { incident, explanation, number: 0 }),
  )
  core.requestRefresh()
  if (!isForPeople(why) || incident.severity === 'low') return
  core.timeline.add('warning', explanation.summary, {
    why: `${explanation.cause} ${explanation.why} ${explanation.userAction}`,
    provider: incident.provider,
  })
}

/** What is put off for a moment is no news. */
function isForPeople(why: Nothing): boolean {
  return why === 'no-option' || why === 'budget-spent' || why === 'forbidden' || why === 'automatic-off'
}

function finish(state: DeskState, { incident, state: outcome, tries }: Effect<'over'>): void {
  const { core, book } = state
  state.answers.delete(incident.id)
  state.policies.delete(incident.id)
  state.counts[outcome] += 1
  const explanation = book.latest(incident.id)
  const summary = explanation?.summary ?? incident.kind
  if (outcome === 'failed') state.lastFailure = { incident: incident.kind, atMs: core.clock.wallNow(), summary }
  if (outcome === 'succeeded' && tries > 0 && incident.severity !== 'low') {
    const { provider } = incident
    core.timeline.add('recovered', `Repaired: ${explanation?.problem ?? incident.kind}`, { provider })
  }
  core.requestRefresh()
}

function policyFor({ core, policies }: DeskState, { id }: OpenIncident): Policy | null {
  const known = policies.get(id) ?? core.guard?.policy() ?? null
  if (known !== null) policies.set(id, known)
  return known
}

function breakerKey(
  { reach }: Pick<StrategySpec, 'reach'>,
  { provider, connectionId, peer, media }: Target,
): BreakerKey | null {
  if (reach === 'connection') return `connection/${connectionId ?? provider}`
  return reach === 'track' && peer !== null ? `track/${peer}.${media ?? 'all'}` : null
}

function whoOf({ reading }: CallCore, { about }: OpenIncident): string {
  if (about.type === 'me') return 'you'
  if (about.type === 'peer') return reading?.participants.get(about.id)?.name ?? 'a participant'
  return about.type === 'connection' ? 'a connection' : about.id
}
