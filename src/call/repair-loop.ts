/**
 * Repairs this participant's own way to the agreed provider, one attempt after the other, and calls for a
 * switch when the provider itself is at fault. Nobody else moves for one participant's trouble.
 */
import { type Incident, incidentOf, planRecovery } from '../recovery/index.js'
import { restartIce } from '../repair/ice-restart.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'
import type { Switching } from './switching.js'

/** A restarted or rebuilt path that brings no media by then has failed. */
const REPAIR_TIMEOUT_MS = 4000
/** The old connection goes once the repaired one flows, or after this long. */
const OLD_KEPT_MS = 5000
/** Failed reconnects after which, with nobody seeing the provider well, the provider is to blame. */
const FAILURES_BEFORE_BLAME = 2

/** A repair under way. */
interface Repair {
  readonly incident: Incident
  /** The broken connection. */
  readonly brokenId: string
  attempts: number
  /** When the next attempt may begin. */
  nextAtMs: number
  /** The connection that is to replace the broken one. */
  replacement: PoolEntry | null
  startedAtMs: number
  isRunning: boolean
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
  let repair: Repair | null = null
  const old = new Map<string, number>()

  const incidentNow = (reading: Reading): Incident | null => {
    const { current, agreed } = reading
    if (current === null || agreed === null) return null
    const verdict = core.verdicts.get(current.id)
    const incident = verdict ? incidentOf(agreed, verdict) : null
    if (incident) return incident
    if (current.state !== 'failed') return null
    return { kind: 'path-broken', provider: agreed, severity: 'high', blame: 'path', evidence: ['ice-failed'] }
  }

  const begin = (strategy: string, incident: Incident, why: string, delayMs: number): void => {
    if (core.attempts.current !== null || delayMs > 0) return
    core.attempts.begin({
      incident: incident.kind,
      strategy,
      initiator: 'automatic',
      reason: why,
      from: incident.provider,
      to: incident.provider,
      lineage: null,
      epoch: null,
    })
  }

  const act = (active: Repair, reading: Reading): void => {
    const broken = core.pool.entries().find((entry) => entry.id === active.brokenId) ?? null
    const provider =
      broken?.provider ?? core.options.providers.find((one) => one.id === active.incident.provider)
    if (provider === undefined) return
    const plan = planRecovery(active.incident, {
      next: reading.next,
      canRestartIce: broken?.connection?.restartIce !== undefined && broken.state !== 'failed',
      attempts: active.attempts,
      isAutomatic: core.options.automatic,
    })
    active.attempts += 1
    if (plan.strategy !== 'ice-restart' && plan.strategy !== 'reconnect' && plan.strategy !== 'wait') return
    if (!core.options.automatic) return
    active.isRunning = true
    active.startedAtMs = reading.now
    begin(plan.strategy, active.incident, plan.explanation.cause, 0)
    if (plan.strategy === 'ice-restart' && broken?.connection)
      restartIce(broken.connection, core.requestRefresh)
    else active.replacement = core.pool.open(provider, true)
    core.timeline.add('incident', plan.explanation.summary, {
      why: plan.explanation.cause,
      provider: active.incident.provider,
    })
  }

  const succeed = (active: Repair): void => {
    if (active.replacement) {
      old.set(active.brokenId, core.clock.now())
      core.currentEntryId = active.replacement.id
    }
    repair = null
    core.attempts.settle('succeeded')
    core.timeline.add('recovered', `Back on ${active.incident.provider}.`, {
      provider: active.incident.provider,
    })
  }

  const retry = (active: Repair, reading: Reading): void => {
    core.attempts.settle('failed')
    const hasFailed = active.replacement?.state === 'failed'
    if (active.replacement) void core.pool.close(active.replacement)
    active.replacement = null
    active.isRunning = false
    const plan = planRecovery(active.incident, {
      next: reading.next,
      canRestartIce: false,
      attempts: active.attempts,
      isAutomatic: true,
    })
    active.nextAtMs = reading.now + plan.delayMs
    if (hasFailed && active.attempts >= FAILURES_BEFORE_BLAME && isNobodyFine(reading)) blame(reading)
  }

  const blame = (reading: Reading): void => {
    if (reading.agreed === null || reading.current?.provider.capabilities.server === false) return
    core.sight.note(reading.agreed, 'dead')
  }

  const advance = (active: Repair, reading: Reading): void => {
    if (!active.isRunning) {
      if (reading.now >= active.nextAtMs) act(active, reading)
      return
    }
    const { replacement } = active
    const isReplaced =
      replacement?.state === 'connected' &&
      (reading.expected.size === 0 || core.remote.isFlowing(replacement.id, reading.expected))
    const isHealed = replacement === null && incidentNow(reading) === null && reading.isFlowing
    if (replacement?.state === 'connected' && core.currentEntryId !== replacement.id)
      core.remote.prefer(replacement.id)
    if (isReplaced || isHealed) succeed(active)
    else if (replacement?.state === 'failed' || reading.now - active.startedAtMs > REPAIR_TIMEOUT_MS)
      retry(active, reading)
  }

  const closeOld = (reading: Reading): void => {
    for (const [id, sinceMs] of old) {
      if (!reading.isFlowing && reading.now - sinceMs < OLD_KEPT_MS) continue
      old.delete(id)
      const entry = core.pool.entries().find((one) => one.id === id)
      if (entry) void core.pool.close(entry)
    }
  }

  const drop = (): void => {
    if (repair?.replacement) void core.pool.close(repair.replacement)
    repair = null
  }

  return {
    get isRepairing() {
      return repair !== null
    },
    get keptEntries() {
      const kept = new Set(old.keys())
      if (repair) kept.add(repair.brokenId)
      if (repair?.replacement) kept.add(repair.replacement.id)
      return kept
    },
    refresh(reading) {
      closeOld(reading)
      const incident = incidentNow(reading)
      if (incident?.blame === 'provider') core.sight.note(incident.provider, 'dead')
      const isDead = reading.agreed !== null && core.sight.of(reading.agreed) === 'dead'
      if (isDead && reading.agreed !== null && reading.next !== null) {
        drop()
        if (!core.options.automatic) return
        const cause = incident ?? outageOf(reading.agreed)
        const plan = planRecovery(
          { ...cause, kind: 'provider-outage', blame: 'provider' },
          { next: reading.next, canRestartIce: false, attempts: 0, isAutomatic: true },
        )
        switching.flee(reading.agreed, reading.next, plan.explanation.cause)
        return
      }
      if (repair && reading.agreed !== repair.incident.provider) drop()
      if (repair === null && incident !== null && reading.current !== null)
        repair = {
          incident,
          brokenId: reading.current.id,
          attempts: 0,
          nextAtMs: reading.now,
          replacement: null,
          startedAtMs: reading.now,
          isRunning: false,
        }
      if (repair) advance(repair, reading)
    },
    stop: drop,
  }
}

function outageOf(provider: string): Incident {
  return { kind: 'provider-outage', provider, severity: 'critical', blame: 'provider', evidence: [] }
}

function isNobodyFine(reading: Reading): boolean {
  return !reading.othersSights.some((sight) => sight === 'ok')
}
