/**
 * From incident to strategy, by fixed priority: blame decides the reach. One participant's trouble is
 * repaired at that participant; only the provider's trouble moves the call. Pure.
 */
import { type Explanation, explain } from './explanation.js'
import type { Incident } from './incident.js'
import type { Assumed } from './knowledge.js'

/** Ways to repair, the cheapest first. */
export type Strategy = 'ice-restart' | 'reconnect' | 'switch-provider' | 'wait'

/** What is assumed of a strategy that nobody has tried: estimates of one machine with two cores. */
const ASSUMED: Readonly<Record<Strategy, Required<Assumed>>> = {
  'ice-restart': { success: 0.6, successMs: 1000, failureMs: 4000 },
  reconnect: { success: 0.6, successMs: 1200, failureMs: 4000 },
  'switch-provider': { success: 0.8, successMs: 1500, failureMs: 10_000 },
  wait: { success: 0.1, successMs: 5000, failureMs: 10_000 },
}
/** What another try costs after one has failed: a second connection, most likely. */
export const RETRY_MS = 2500

/** The strategy of this name; what is unknown is a wait. */
export function strategyNamed(name: string): Strategy {
  return Object.hasOwn(ASSUMED, name) ? (name as Strategy) : 'wait'
}

/** What to assume of a strategy by its name. */
export function assumedOf(name: string): Required<Assumed> {
  return ASSUMED[strategyNamed(name)]
}

/** What is known when a plan is made. */
export interface PlanContext {
  /** The provider everybody would go to; null when none is believed to work. */
  readonly next: string | null
  /** Whether the present connection can restart ICE in place. */
  readonly canRestartIce: boolean
  /** Attempts already made for this incident. */
  readonly attempts: number
  /** False when the app switched automatic recovery off. */
  readonly isAutomatic: boolean
  /** Chooses where there is a choice; null goes by fixed priority. Default: fixed priority. */
  readonly select?: (strategies: readonly Strategy[]) => Strategy | null
}

/** What to do, how far it reaches and why. */
export interface Plan {
  readonly strategy: Strategy
  readonly reach: 'connection' | 'call' | 'none'
  readonly target: string | null
  /** Wait this long before acting. */
  readonly delayMs: number
  readonly explanation: Explanation
}

/** A reconnect that failed at once will most likely fail again at once; the ceiling keeps a heal quick. */
const RECONNECT_DELAYS_MS: readonly number[] = [0, 400, 800, 1500, 2500]

/** For one's own path, in fixed priority. */
const OWN_PATH = ['ice-restart', 'reconnect'] as const satisfies readonly Strategy[]

/** Chooses the strategy for an incident. */
export function planRecovery(incident: Incident, context: PlanContext): Plan {
  const choice = choose(incident, context)
  return { ...choice, explanation: explain(incident, choice.strategy, choice.target) }
}

function choose(incident: Incident, context: PlanContext): Omit<Plan, 'explanation'> {
  if (!context.isAutomatic) return { strategy: 'wait', reach: 'none', target: null, delayMs: 0 }
  if (incident.blame === 'provider' && context.next !== null)
    return { strategy: 'switch-provider', reach: 'call', target: context.next, delayMs: 0 }
  // One restart only: field reports agree that the first works or none does.
  if (incident.blame !== 'provider' && context.canRestartIce && context.attempts === 0) {
    const strategy = context.select?.(OWN_PATH) ?? OWN_PATH[0]
    return { strategy, reach: 'connection', target: incident.provider, delayMs: 0 }
  }
  const index = Math.min(context.attempts, RECONNECT_DELAYS_MS.length - 1)
  return {
    strategy: 'reconnect',
    reach: 'connection',
    target: incident.provider,
    delayMs: RECONNECT_DELAYS_MS[index] ?? 0,
  }
}
