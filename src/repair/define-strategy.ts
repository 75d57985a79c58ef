/**
 * Strategies of an app: the same form as the built-in ones, checked when they are defined. An app's strategy comes
 * after the built-in ones in fixed priority; one with the id of a built-in takes its place.
 */
import * as v from 'valibot'
import { HoldfastError } from '../errors.js'
import type { Incident, IncidentKind } from '../recovery/incident.js'
import { REPAIRED_KINDS } from '../recovery/incident-kinds.js'
import type { Proof, Reach, Situation, StrategySpec, Target } from '../recovery/strategy.js'
import { DONE, type Hand } from './hand.js'

/** What a strategy of an app is run with. */
export interface StrategyRun {
  readonly target: Target
  /** Aborts when the time is up or the recovery is cancelled. */
  readonly signal: AbortSignal
}

/** A strategy of an app. */
export interface AppStrategy {
  /** `[a-z0-9-]{1,32}`; that of a built-in strategy replaces it. */
  readonly id: string
  /** Kinds of incidents it is for; at least one. */
  readonly handles: readonly IncidentKind[]
  /** What it disturbs. `call` is not for apps: everybody moves by agreement alone. */
  readonly reach: Exclude<Reach, 'call'>
  /** Milliseconds until an unproven run has failed; 100 to 120,000. */
  readonly timeoutMs: number
  /** Default: half a chance, a quarter of the limit for a success, all of it for a failure. */
  readonly assumed?: { readonly success: number; readonly successMs: number; readonly failureMs: number }
  /** Default false. */
  readonly isOncePerIncident?: boolean
  /** Default `media`: what flowed before has to flow again. */
  readonly proof?: Proof
  /** Why it may not run now, in a word; null when it may. Default: always. */
  guard?(situation: Situation, incident: Incident): string | null
  /** Does it; a rejection is a failure. Must not unmute, and must stop no track that it did not make. */
  run(run: StrategyRun): Promise<void>
  /** Takes it back after a failure. */
  undo?(run: StrategyRun): Promise<void>
}

const TIMEOUT_MIN_MS = 100
const TIMEOUT_MAX_MS = 120_000
const HANDLES_MAX = 32
const ID = /^[a-z0-9-]{1,32}$/
/** Of what nobody has tried: as likely to help as not. */
const CHANCE_UNKNOWN = 0.5
const SUCCESS_SHARE = 0.25

const isFunction = (value: unknown): boolean => typeof value === 'function'
const optionalFunction = v.optional(v.custom<() => void>(isFunction, 'must be a function'))
const milliseconds = v.pipe(v.number('must be a number'), v.minValue(0, 'must not be negative'))

const SCHEMA = v.looseObject({
  id: v.pipe(v.string('must be a string'), v.regex(ID, 'must match [a-z0-9-]{1,32}')),
  handles: v.pipe(
    v.array(v.picklist(REPAIRED_KINDS, 'must name kinds of incidents'), 'must be a list of kinds of incidents'),
    v.minLength(1, 'must name at least one kind'),
    v.maxLength(HANDLES_MAX, 'names too many kinds'),
  ),
  reach: v.picklist(['none', 'track', 'connection', 'me'], 'must be none, track, connection or me'),
  timeoutMs: v.pipe(
    v.number('must be a number'),
    v.minValue(TIMEOUT_MIN_MS, `must be at least ${TIMEOUT_MIN_MS}`),
    v.maxValue(TIMEOUT_MAX_MS, `must be at most ${TIMEOUT_MAX_MS}`),
  ),
  assumed: v.optional(
    v.object({
      success: v.pipe(milliseconds, v.maxValue(1, 'must be between 0 and 1')),
      successMs: milliseconds,
      failureMs: milliseconds,
    }),
  ),
  isOncePerIncident: v.optional(v.boolean('must be true or false')),
  proof: v.optional(v.picklist(['media', 'incident', 'action'], 'must be media, incident or action')),
  guard: optionalFunction,
  run: v.custom<() => void>(isFunction, 'must be a function'),
  undo: optionalFunction,
})

/**
 * Checks a strategy and returns it, for option `recovery.strategies`.
 *
 * @throws HoldfastError `invalid-options`; `details.field` names the field.
 *
 * @example
 * ```ts
 * const restartMixer = defineStrategy({
 *   id: 'restart-mixer',
 *   handles: ['frame-corruption'],
 *   reach: 'me',
 *   timeoutMs: 3_000,
 *   run: async () => mixer.restart(),
 * })
 * ```
 */
export function defineStrategy(strategy: AppStrategy): AppStrategy {
  const result = v.safeParse(SCHEMA, strategy)
  if (result.success) return strategy
  const [issue] = result.issues
  const field = v.getDotPath(issue) ?? 'strategy'
  throw new HoldfastError('invalid-options', {
    message: `defineStrategy: "${field}" ${issue.message}.`,
    details: { field },
  })
}

/** The strategy as the engine sees it. */
export function specOf(app: AppStrategy): StrategySpec {
  const { id, handles, reach, timeoutMs, isOncePerIncident = false, proof = 'media' } = app
  return {
    ...{ id, handles, reach, timeoutMs, isOncePerIncident, proof },
    assumed: app.assumed ?? {
      success: CHANCE_UNKNOWN,
      successMs: timeoutMs * SUCCESS_SHARE,
      failureMs: timeoutMs,
    },
    hasUndo: app.undo !== undefined,
    guard: (situation, incident) => app.guard?.(situation, incident) ?? null,
  }
}

/** The strategy as the hands run it. */
export function handOf(app: AppStrategy): Hand {
  const { undo } = app
  return {
    async act({ target, signal }) {
      await app.run({ target, signal })
      return DONE
    },
    ...(undo === undefined ? {} : { undo: ({ target, signal }) => undo.call(app, { target, signal }) }),
  }
}
