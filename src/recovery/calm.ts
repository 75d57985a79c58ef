/**
 * What keeps repairs from being worse than the trouble: a mild incident gets nothing that people feel before what they
 * do not feel has failed, and a machine that is short of time gets nothing that takes more of it. What somebody asks
 * for by hand is not held back here. Pure.
 */
import type { IncidentKind, OpenIncident } from './incident.js'
import type { Reach, Situation, StrategyId, StrategySpec } from './strategy.js'

const RESYNC: StrategyId = 'resync-full'
/** Nobody can talk about what is this late, and what is less late is made up for by waiting (P58). */
const LATE_MS = 1_000
/** Where health calls a buffer `high`: it ends a conversation, and plays at most 5 % faster. Half a second without it is less. */
export const LONG_BUFFER_MS = 1_800
/** They interrupt what is heard or seen, also where they succeed. */
const DISRUPTIVE_IDS: ReadonlySet<string> = new Set([
  'rebuild-receive',
  'resync-full',
  'reconnect',
  'relay-only',
  'codec-change',
  'switch-provider',
])
/** Built-in strategies that take time of the machine for seconds: connecting, decoding beside, encoding anew. */
const COSTLY_IDS: ReadonlySet<string> = new Set([
  ...DISRUPTIVE_IDS,
  'resync-gentle',
  'resync-medium',
  'ice-restart',
  'rebuild-control-plane',
])

/**
 * Media flows all the time in these, and how bad it is are measurements of synchronised clocks, queues and rates, which
 * moves between servers disturb: to interrupt what people see and hear for it is left to people.
 */
const FLOWING_KINDS: ReadonlySet<IncidentKind> = new Set([
  'sync-loss',
  'packet-loss',
  'buffer-overflow',
  'quality-degradation',
  'resource-exhaustion',
])

/** Whether media of this incident goes on, so that its repair can wait for that of media which stands. */
export function isFlowingKind(kind: IncidentKind): boolean {
  return FLOWING_KINDS.has(kind)
}

/** Why a strategy is held back; stable keys as those of guards. */
export type HeldForCalm = 'machine-busy' | 'too-mild' | 'gentle-first'

/** A strategy as far as calm is concerned. */
export interface Calming {
  readonly strategy: string
  readonly reach: Reach
  readonly isDisruptive: boolean
}

/** Whether people feel the strategy itself; that of an app is judged by its reach. */
export function isDisruptive(
  { id, reach }: Pick<StrategySpec, 'id' | 'reach'>,
  { can, value }: Pick<Situation, 'can' | 'value'>,
): boolean {
  // What is a second late ends as what is on time has arrived: nothing but the delay is lost.
  if (id === RESYNC && can.resubscribesBeside && (value ?? 0) >= LATE_MS) return false
  return DISRUPTIVE_IDS.has(id) || reach === 'call'
}

/** Nobody leaves a call for it, and it may pass by itself. */
export function isMild({ severity }: Pick<OpenIncident, 'severity'>): boolean {
  return severity === 'low' || severity === 'medium'
}

/** What is not done automatically for an incident now, and why; `failed` was tried already. */
export function heldForCalm(
  options: readonly Calming[],
  incident: OpenIncident,
  failed: readonly string[],
): ReadonlyMap<string, HeldForCalm> {
  const isGentleLeft = options.some(
    (one) =>
      !one.isDisruptive &&
      one.reach !== 'none' &&
      !failed.includes(one.strategy) &&
      !isTooCostly(one, incident),
  )
  const held = new Map<string, HeldForCalm>()
  for (const option of options) {
    if (isTooCostly(option, incident)) held.set(option.strategy, 'machine-busy')
    else if (!option.isDisruptive) continue
    else if (isUnbearable(option, incident)) continue
    else if (FLOWING_KINDS.has(incident.kind)) held.set(option.strategy, 'too-mild')
    else if (!isMild(incident)) continue
    else if (incident.severity === 'low') held.set(option.strategy, 'too-mild')
    else if (isGentleLeft) held.set(option.strategy, 'gentle-first')
  }
  return held
}

/** The length of a buffer is measured by one clock alone, so it is believed where drifts and rates are not. */
function isUnbearable({ strategy }: Calming, { kind, value }: OpenIncident): boolean {
  return strategy === RESYNC && kind === 'buffer-overflow' && (value ?? 0) >= LONG_BUFFER_MS
}

function isTooCostly({ strategy }: Calming, { culprit }: OpenIncident): boolean {
  return culprit === 'my-cpu' && COSTLY_IDS.has(strategy)
}
