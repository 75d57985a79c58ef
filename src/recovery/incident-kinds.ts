/** The kinds of incidents that are repaired, apart from what is known of each: the entry needs their names alone. */
import type { IncidentKind } from './incident.js'

/** The kinds that strategies are for (promise P54). */
export const REPAIRED_KINDS = [
  'frame-corruption',
  'sync-loss',
  'packet-loss',
  'timeout',
  'buffer-overflow',
  'codec-failure',
  'network-disconnect',
  'auth-failure',
  'resource-exhaustion',
  'quality-degradation',
  'provider-outage',
  'device-failure',
  'stale-peer',
  'control-plane-loss',
] as const satisfies readonly IncidentKind[]
