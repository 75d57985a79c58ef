/**
 * The built-in strategies in fixed priority: what each can handle, how far it reaches and what it is expected to
 * cost. Durations are estimates of one machine with two cores and stand until something is known; timeouts are
 * what a person in a call bears, not what a network may need. Pure.
 */
import type { IncidentKind } from './incident.js'
import type { Assumed } from './knowledge.js'
import { type Proof, type Reach, STRATEGY_IDS, type StrategyId, type StrategySpec } from './strategy.js'
import { GUARDS } from './strategy-guards.js'

/** One row: chance of success, milliseconds of a success, of a failure, and the limit. */
interface Row {
  readonly handles: readonly IncidentKind[]
  readonly reach: Reach
  readonly assumed: readonly [success: number, successMs: number, failureMs: number]
  readonly timeoutMs: number
  readonly proof: Proof
  readonly isOnce?: true
  readonly hasUndo?: true
}

/** Alerts clear some seconds after their cause is gone, so what is proven by that needs longer than media. */
const ROWS: Readonly<Record<StrategyId, Row>> = {
  'refresh-token': {
    ...row('connection', 'action', 5_000, [0.7, 500, 3_000]),
    handles: ['auth-failure'],
    isOnce: true,
  },
  'key-frame': {
    // Browsers ask by themselves from the first broken frame on: what did not come by then is not what is missing.
    ...row('track', 'media', 300, [0.6, 200, 300]),
    handles: ['frame-corruption', 'codec-failure', 'timeout'],
    isOnce: true,
  },
  'resync-gentle': {
    ...row('track', 'incident', 10_000, [0.6, 6_000, 10_000]),
    handles: ['sync-loss'],
    isOnce: true,
    hasUndo: true,
  },
  'resync-medium': {
    ...row('track', 'incident', 12_000, [0.6, 7_000, 12_000]),
    handles: ['sync-loss', 'buffer-overflow', 'packet-loss'],
    isOnce: true,
    hasUndo: true,
  },
  'quality-down': {
    // Four steps, each with the time that a detector needs; it comes back up by itself, so a failure undoes nothing.
    ...row('me', 'incident', 20_000, [0.5, 8_000, 20_000]),
    handles: ['quality-degradation', 'packet-loss', 'resource-exhaustion', 'buffer-overflow'],
  },
  'audio-only': {
    ...row('me', 'incident', 12_000, [0.6, 6_000, 12_000]),
    handles: ['quality-degradation', 'packet-loss', 'resource-exhaustion'],
    isOnce: true,
    hasUndo: true,
  },
  'quality-up': { ...row('me', 'action', 3_000, [0.8, 1_000, 3_000]), handles: [], hasUndo: true },
  'reacquire-device': {
    ...row('track', 'action', 8_000, [0.6, 800, 4_000]),
    handles: ['device-failure'],
  },
  'resync-full': {
    ...row('track', 'incident', 14_000, [0.7, 7_000, 14_000]),
    handles: ['sync-loss', 'buffer-overflow'],
    isOnce: true,
  },
  'rebuild-receive': {
    ...row('track', 'media', 5_000, [0.7, 900, 5_000]),
    handles: ['frame-corruption', 'codec-failure', 'timeout'],
    // A server that gives the new subscription the old receiver does so again.
    isOnce: true,
  },
  'rebuild-control-plane': {
    ...row('me', 'incident', 8_000, [0.6, 2_000, 8_000]),
    handles: ['control-plane-loss', 'stale-peer'],
  },
  'ice-restart': {
    ...row('connection', 'media', 4_000, [0.6, 1_000, 4_000]),
    handles: ['timeout', 'network-disconnect'],
    isOnce: true,
  },
  'codec-change': {
    // After a new connection, which costs the others nothing; a picture of another codec is there in two seconds or never.
    ...row('connection', 'media', 5_000, [0.5, 1_500, 5_000]),
    handles: ['codec-failure', 'frame-corruption', 'resource-exhaustion'],
    isOnce: true,
    hasUndo: true,
  },
  reconnect: {
    ...row('connection', 'media', 8_000, [0.6, 1_200, 4_000]),
    handles: ['timeout', 'network-disconnect', 'codec-failure', 'frame-corruption', 'auth-failure'],
  },
  'relay-only': {
    ...row('connection', 'media', 14_000, [0.4, 2_000, 6_000]),
    handles: ['timeout', 'network-disconnect', 'packet-loss'],
    isOnce: true,
    hasUndo: true,
  },
  'switch-provider': {
    ...row('call', 'media', 12_000, [0.8, 1_500, 10_000]),
    handles: ['provider-outage', 'timeout', 'codec-failure', 'quality-degradation', 'auth-failure'],
  },
  wait: {
    ...row('none', 'incident', 30_000, [0.1, 5_000, 30_000]),
    handles: [
      'network-disconnect',
      'provider-outage',
      'control-plane-loss',
      'stale-peer',
      'quality-degradation',
      'packet-loss',
      'timeout',
      'sync-loss',
      'buffer-overflow',
      'frame-corruption',
      'codec-failure',
      'resource-exhaustion',
      'device-failure',
    ],
    isOnce: true,
  },
  'ask-user': {
    ...row('none', 'incident', 60_000, [0.3, 15_000, 60_000]),
    handles: ['device-failure', 'auth-failure', 'resource-exhaustion', 'network-disconnect'],
    isOnce: true,
  },
}

/** All of them, in fixed priority. */
export const STRATEGIES: readonly StrategySpec[] = STRATEGY_IDS.map((id) => {
  const { handles, reach, assumed, timeoutMs, proof, isOnce, hasUndo } = ROWS[id]
  const [success, successMs, failureMs] = assumed
  return {
    id,
    handles,
    reach,
    assumed: { success, successMs, failureMs },
    timeoutMs,
    isOncePerIncident: isOnce ?? false,
    hasUndo: hasUndo ?? false,
    proof,
    guard: GUARDS[id],
  }
})

/** What is assumed of a built-in strategy; null for the id of somebody else's. */
export function assumedStrategy(id: string): Required<Assumed> | null {
  return STRATEGIES.find((spec) => spec.id === id)?.assumed ?? null
}

function row(
  reach: Reach,
  proof: Proof,
  timeoutMs: number,
  assumed: Row['assumed'],
): Pick<Row, 'reach' | 'proof' | 'timeoutMs' | 'assumed'> {
  return { reach, proof, timeoutMs, assumed }
}
