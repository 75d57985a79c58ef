/**
 * Answers the engine's question what may be run for an incident: collects the situation, asks guards and breakers,
 * lets experience choose, and keeps the numbers for the explanation.
 */
import { heldForCalm, isDisruptive } from '../recovery/calm.js'
import type { EngineEffect, EngineOption } from '../recovery/engine/contract.js'
import type { OpenIncident } from '../recovery/incident.js'
import { assumedOption, type ExplainedOption, fixedReasoning } from '../recovery/incident-explanation.js'
import { reasonOf } from '../recovery/reasoning.js'
import { type Situation, type StrategySpec, strategiesFor, type Target } from '../recovery/strategy.js'
import type { Hands } from '../repair/hands.js'
import type { CallCore } from './core.js'

/** What was found. */
export interface Answer {
  readonly options: readonly EngineOption[]
  readonly chosen: string | null
  /** Everything that was looked at, for people. */
  readonly explained: readonly ExplainedOption[]
  /** Why this strategy. */
  reasoning(strategy: string): string
}

/** What {@link answerTo} needs besides the core. */
export interface AnswerWorld {
  readonly hands: Hands
  isPathRepairing(): boolean
  mayMoveCall(incident: OpenIncident): boolean
  /** Milliseconds until this may be tried again; 0: now. */
  waitMs(spec: StrategySpec, target: Target): number
}

/** Answers. */
export function answerTo(
  core: CallCore,
  world: AnswerWorld,
  { incident, failed, wanted }: Extract<EngineEffect, { readonly type: 'ask' }>,
): Answer {
  const target = targetOf(core, incident)
  const situation = situationOf(core, world, incident, target, failed)
  const asOption = (spec: StrategySpec): EngineOption => optionOf(spec, situation)
  const specs = wanted === null ? world.hands.specs : forced(world.hands.specs, wanted, incident)
  const found = strategiesFor(incident, situation, specs)
  const held = found.specs.filter((spec) => world.waitMs(spec, target) > 0)
  // Where every way is barred the bars are worth nothing.
  const isAllHeld = held.length === found.specs.length
  const free = isAllHeld ? found.specs : found.specs.filter((spec) => !held.includes(spec))
  const calm = wanted === null ? heldForCalm(free.map(asOption), incident, failed) : NONE_HELD
  const allowed = free.filter(({ id }) => !calm.has(id))
  const refused = [
    ...found.refused,
    ...[...calm].map(([strategy, why]) => ({ strategy, why })),
    ...(isAllHeld ? [] : held.map(({ id }) => ({ strategy: id, why: 'failed-lately' }))),
  ]
  const fresh = allowed.filter(({ id }) => !failed.includes(id))
  const chosen = wanted ?? choose(core, incident, failed, fresh)
  const choice = chosen === null ? null : (core.experience?.latest ?? null)
  const explained = [
    ...allowed.map(({ id, assumed }) => {
      const known = choice?.ranking.find(({ strategy }) => strategy === id)
      return assumedOption(id, known ? { ...assumed, ...pick(known) } : assumed, null)
    }),
    ...refused.map(({ strategy, why }) => {
      const spec = world.hands.specs.find(({ id }) => id === strategy)
      return assumedOption(strategy, spec?.assumed ?? NOT_ASSUMED, why)
    }),
  ]
  return {
    options: allowed.map(asOption),
    chosen,
    explained,
    reasoning(strategy) {
      if (wanted === strategy) return `Somebody asked for ${strategy}.`
      if (choice?.strategy === strategy) return reasonOf(choice).text
      return fixedReasoning(strategy, explained, failed)
    },
  }
}

/** What a strategy is run upon. */
export function targetOf(core: CallCore, { id, kind, provider, about, value }: OpenIncident): Target {
  const current = core.reading?.current ?? null
  const isCurrents = current !== null && current.provider.id === provider
  return {
    incidentId: id,
    kind,
    provider,
    connectionId: about.type === 'connection' ? about.id : isCurrents ? current.id : null,
    peer: about.type === 'peer' && about.id !== '?' ? about.id : null,
    media: about.media,
    value,
  }
}

const NONE_HELD: ReturnType<typeof heldForCalm> = new Map()
const NOT_ASSUMED = { success: 0, successMs: 0, failureMs: 0 }

function pick({ success, successMs }: ExplainedNumbers): ExplainedNumbers {
  return { success, successMs }
}

type ExplainedNumbers = Pick<ExplainedOption, 'success' | 'successMs'>

function situationOf(
  core: CallCore,
  world: AnswerWorld,
  incident: OpenIncident,
  target: Target,
  tried: readonly string[],
): Situation {
  return {
    can: world.hands.look(target),
    isOnline: core.network.isOnline,
    isSwitching: core.attempts.current?.strategy === 'switch-provider',
    isPathRepairing: world.isPathRepairing(),
    next: core.reading?.next ?? null,
    mayMoveCall: world.mayMoveCall(incident),
    value: incident.value,
    tried,
  }
}

/** Who asks for a strategy gets it also for a kind that it is not made for; its guards hold all the same. */
function forced(
  specs: readonly StrategySpec[],
  wanted: string,
  { kind }: OpenIncident,
): readonly StrategySpec[] {
  return specs.filter(({ id }) => id === wanted).map((spec) => ({ ...spec, handles: [kind] }))
}

/** What is known to work here; null goes by fixed priority. Waiting and asking are no rivals of doing something. */
function choose(
  core: CallCore,
  incident: OpenIncident,
  failed: readonly string[],
  specs: readonly StrategySpec[],
): string | null {
  const acting = specs.filter(({ reach }) => reach !== 'none')
  if (acting.length === 0 || core.experience === null) return null
  return core.experience.choose({
    incident,
    provider: incident.provider,
    attempts: failed.length,
    strategies: acting.map(({ id }) => id),
    assumed: (id) => specs.find((spec) => spec.id === id)?.assumed ?? NOT_ASSUMED,
  })
}

function optionOf(spec: StrategySpec, situation: Situation): EngineOption {
  const { id, reach, timeoutMs, isOncePerIncident, hasUndo } = spec
  const isFelt = isDisruptive(spec, situation)
  return { strategy: id, reach, timeoutMs, isOncePerIncident, hasUndo, isDisruptive: isFelt }
}
