/**
 * Repairs this participant's own way to the agreed provider, one attempt after the other, and calls for a
 * switch when the provider itself is at fault. Nobody else moves for one participant's trouble.
 */
import { type Incident, type Plan, planRecovery } from '../recovery/index.js'
import { restartIce } from '../repair/ice-restart.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { incidentNow, outageOf } from './path-incident.js'
import type { Reading } from './reading.js'
import { firstAtMs, hasHealed, isOverdue } from './repair-wait.js'
import { canRestartIce, isServerUnheard } from './restart.js'
import type { Switching } from './switching.js'

/** The old connection goes once the repaired one flows, or after this long. */
const OLD_KEPT_MS = 5000
/** Failed reconnects after which, with nobody seeing the provider well, the provider is to blame. */
const FAILURES_BEFORE_BLAME = 2
/** Longer than every outage that heals by itself in the recorded drives; then alone is better than nothing. */
const CUT_OFF_PATIENCE_MS = 30_000
/** Nobody heard for longer than from one heartbeat to the next: a repair that begins now may find no way. */
const DEAF_AFTER_MS = 1_500

/** A repair under way. */
interface Repair {
  readonly incident: Incident
  /** The broken connection. */
  readonly brokenId: string
  begunAtMs: number
  /** Somebody else was in the call when it began. */
  readonly hadCompany: boolean
  attempts: number
  /** When the next attempt may begin. */
  nextAtMs: number
  /** The connection that is to replace the broken one. */
  replacement: PoolEntry | null
  startedAtMs: number
  isRunning: boolean
  /** What runs could not even be begun. */
  isRefused: boolean
}

interface State {
  readonly core: CallCore
  readonly switching: Switching
  repair: Repair | null
  /** Replaced connections by when they were replaced. */
  readonly old: Map<string, number>
  lookedAtMs: number
  /** The latest change of our network that was answered here. */
  changedAtMs: number
  /** Nobody of those who are here was heard at the last look. */
  isCutOff: boolean
}

/** The repairing part of a call. */
export interface RepairLoop {
  readonly isRepairing: boolean
  /** Pool entries that the connection plan must leave alone. */
  readonly keptEntries: ReadonlySet<string>
  refresh(reading: Reading): void
  stop(): void
}

/** Makes the repairing part. */
export function createRepairLoop(core: CallCore, switching: Switching): RepairLoop {
  const state: State = {
    core,
    switching,
    repair: null,
    old: new Map(),
    lookedAtMs: core.clock.now(),
    changedAtMs: Number.NEGATIVE_INFINITY,
    isCutOff: false,
  }
  return {
    get isRepairing() {
      return state.repair !== null
    },
    get keptEntries() {
      const { repair, old } = state
      return new Set([
        ...old.keys(),
        ...(repair ? [repair.brokenId] : []),
        ...(repair?.replacement ? [repair.replacement.id] : []),
      ])
    },
    refresh: (reading) => refresh(state, reading),
    stop: () => drop(state),
  }
}

function refresh(state: State, reading: Reading): void {
  const { core } = state
  closeOld(state, reading)
  passTime(state, reading)
  const incident = incidentNow(core, reading)
  if (incident?.blame === 'provider') core.sight.note(incident.provider, 'dead')
  const { agreed, next } = reading
  if (agreed !== null && next !== null && core.sight.of(agreed) === 'dead') {
    drop(state)
    flee(state, incident ?? outageOf(agreed), agreed, next)
    return
  }
  if (state.repair?.incident.provider !== agreed || hasHealed(incident, state.repair, reading)) drop(state)
  if (state.repair === null && incident !== null && reading.current !== null && core.options.automatic)
    state.repair = {
      incident,
      brokenId: reading.current.id,
      begunAtMs: reading.now,
      hadCompany: reading.participants.size > 0,
      attempts: 0,
      nextAtMs: firstAtMs(reading, core, incident),
      replacement: null,
      startedAtMs: reading.now,
      isRunning: false,
      isRefused: false,
    }
  if (state.repair) advance(state, state.repair, reading)
}

/** What a repair may take counts by time online; and on a new network it begins anew. */
function passTime(state: State, { now, participants }: Reading): void {
  const { repair, core } = state
  const people = [...participants.values()]
  const wasCutOff = state.isCutOff
  state.isCutOff = people.length > 0 && people.every(({ silentForMs }) => silentForMs > DEAF_AFTER_MS)
  const offlineMs = core.network.isOnline ? 0 : now - state.lookedAtMs
  const isNew = core.network.isOnline && core.network.changedAtMs > state.changedAtMs
  state.lookedAtMs = now
  if (isNew) state.changedAtMs = core.network.changedAtMs
  if (repair === null) return
  repair.begunAtMs += offlineMs
  repair.startedAtMs += offlineMs
  repair.nextAtMs += offlineMs
  if (wasCutOff && !state.isCutOff && people.length > 0) {
    breakOffDeaf(core, repair)
    repair.nextAtMs = Math.min(repair.nextAtMs, now)
  }
  if (!isNew || repair.isRunning) return
  repair.attempts = 0
  repair.nextAtMs = now
}

/** A connection that was begun while nobody could be heard may have found no way; begun now it takes a moment. */
function breakOffDeaf(core: CallCore, repair: Repair): void {
  const { replacement, isRunning } = repair
  // A mesh says `connected` with nobody connected, because it may be alone.
  const isUp = replacement?.state === 'connected' && replacement.provider.capabilities.server
  if (!isRunning || replacement === null || isUp) return
  core.attempts.settle('cancelled')
  void core.pool.close(replacement)
  repair.replacement = null
  repair.isRunning = false
}

function flee(state: State, incident: Incident, from: string, to: string): void {
  if (!state.core.options.automatic) return
  const outage: Incident = { ...incident, kind: 'provider-outage', blame: 'provider' }
  const plan = planRecovery(outage, { next: to, canRestartIce: false, attempts: 0, isAutomatic: true })
  state.switching.flee(from, to, plan.explanation.cause)
}

function advance(state: State, repair: Repair, reading: Reading): void {
  const { core } = state
  if (!repair.isRunning) {
    if (reading.now >= repair.nextAtMs) act(core, repair, reading)
    return
  }
  const { replacement } = repair
  const isUp = replacement?.state === 'connected'
  if (isUp && core.currentEntryId !== replacement.id) core.remote.prefer(replacement.id)
  const isReplaced =
    isUp && (reading.expected.size === 0 || core.remote.isFlowing(replacement.id, reading.expected))
  const isHealed = reading.isFlowing && incidentNow(core, reading) === null
  if (isReplaced || isHealed) succeed(state, repair, isReplaced)
  else if (isHopeless(core, repair, reading)) retry(state, repair, reading)
}

function isHopeless(core: CallCore, repair: Repair, reading: Reading): boolean {
  const { replacement, isRefused, startedAtMs } = repair
  const isUnheard = replacement === null && isServerUnheard(core, repair.brokenId)
  const hasFailed = replacement?.state === 'failed' || isRefused || isUnheard
  return hasFailed || isOverdue(reading.now - startedAtMs, core, replacement, reading)
}

function act(core: CallCore, repair: Repair, reading: Reading): void {
  const broken = core.pool.entries().find((entry) => entry.id === repair.brokenId) ?? null
  const provider = core.options.providers.find((one) => one.id === repair.incident.provider)
  if (provider === undefined) return
  const plan = planNow(core, repair, reading, broken)
  repair.attempts += 1
  repair.isRunning = true
  repair.isRefused = false
  repair.startedAtMs = reading.now
  const refuse = (): void => {
    repair.isRefused = repair.replacement === null
    core.requestRefresh()
  }
  if (plan.strategy === 'ice-restart' && broken?.connection)
    restartIce(broken.connection, core.requestRefresh, refuse)
  else repair.replacement = core.pool.open(provider, true)
  core.attempts.begin({
    incident: repair.incident.kind,
    strategy: plan.strategy,
    initiator: 'automatic',
    reason: plan.explanation.cause,
    from: repair.incident.provider,
    to: repair.incident.provider,
    lineage: reading.lineage,
    epoch: reading.epoch,
  })
  const why = { why: plan.explanation.cause, provider: repair.incident.provider }
  if (repair.attempts === 1) core.timeline.add('incident', plan.explanation.summary, why)
}

function planNow(core: CallCore, repair: Repair, reading: Reading, broken: PoolEntry | null): Plan {
  const { incident, attempts } = repair
  return planRecovery(incident, {
    next: reading.next,
    canRestartIce: canRestartIce(core, broken),
    attempts,
    isAutomatic: true,
    select: (strategies) =>
      core.experience?.choose({ incident, provider: incident.provider, attempts, strategies }) ?? null,
  })
}

function succeed(state: State, repair: Repair, isReplaced: boolean): void {
  const { core } = state
  const { replacement, brokenId, incident } = repair
  if (replacement !== null && isReplaced) {
    state.old.set(brokenId, core.clock.now())
    core.currentEntryId = replacement.id
  } else if (replacement !== null) {
    void core.pool.close(replacement)
  }
  state.repair = null
  core.sight.note(incident.provider, 'ok')
  core.attempts.settle('succeeded')
  core.timeline.add('recovered', `Back on ${incident.provider}.`, { provider: incident.provider })
}

function retry(state: State, repair: Repair, reading: Reading): void {
  const { core } = state
  core.attempts.settle('failed')
  const hasFailed = repair.replacement?.state === 'failed'
  if (repair.replacement) void core.pool.close(repair.replacement)
  repair.replacement = null
  repair.isRunning = false
  const heldMs = core.guard?.repairHoldMs(repair.incident.provider) ?? 0
  repair.nextAtMs = reading.now + Math.max(heldMs, planNow(core, repair, reading, null).delayMs)
  if (hasFailed && repair.attempts >= FAILURES_BEFORE_BLAME) blameProvider(state, repair, reading)
}

/**
 * Nobody can reach it and nobody is fine on it: then it is not our path. Who had company and hears nobody any
 * more is cut off, and a tab that is cut off must not drag the call elsewhere; only after a long silence does
 * it go on alone.
 */
function blameProvider(state: State, repair: Repair, reading: Reading): void {
  const { current, agreed, othersSights } = reading
  if (agreed === null || current?.provider.capabilities.server === false) return
  const isCutOff = repair.hadCompany && (state.isCutOff || othersSights.length === 0)
  if (isCutOff && reading.now - repair.begunAtMs < CUT_OFF_PATIENCE_MS) return
  if (!othersSights.some((sight) => sight === 'ok')) state.core.sight.note(agreed, 'dead')
}

function closeOld(state: State, reading: Reading): void {
  for (const [id, sinceMs] of state.old) {
    if (!reading.isShown && reading.now - sinceMs < OLD_KEPT_MS) continue
    state.old.delete(id)
    const entry = state.core.pool.entries().find((one) => one.id === id)
    if (entry) void state.core.pool.close(entry)
  }
}

function drop(state: State): void {
  if (state.repair?.replacement) void state.core.pool.close(state.repair.replacement)
  state.repair = null
}
