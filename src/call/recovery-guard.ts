/**
 * What stands beside the repairs and keeps them within reason: breakers, patience with servers that ask for it,
 * workflows for what is around the call, prevention. Loaded after joining, with all that it imports; without it the
 * call repairs all the same. It never holds up the agreed provider for long, and never the last one that is left.
 */
import { type BreakerOptions, type Breakers, createBreakers } from '../repair/policies/breakers.js'
import { createPolicy, type Policy, type PolicySpec } from '../repair/policies/policy.js'
import { watchForAlarms } from './alarm-watch.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { createPreventionDesk, type PreventionDesk, type Remedy } from './prevention-desk.js'
import type { Reading } from './reading.js'
import { createWorkflowMonitor, type WorkflowMonitor } from './workflow-monitor.js'
import { createWorkflowWorld, type Holds } from './workflow-world.js'

/** The guard of a call. */
export interface Guard {
  readonly breakers: Breakers
  readonly workflows: WorkflowMonitor
  readonly prevention: PreventionDesk
  /** A fresh policy of the call's kind; each incident has its own. */
  policy(): Policy
  /** For how long this provider should not be dialled without need; 0: not at all. */
  holdMs(provider: string): number
  /** For how long even the repair of our own path waits before it dials this provider again. */
  repairHoldMs(provider: string): number
  /** Something that can be done to our own connection before it breaks. */
  remedy: Remedy | null
  /** Once in each refresh of the call, before anything is closed. */
  refresh(reading: Reading): void
  stop(): void
}

/** What an app may set. */
export interface GuardOptions {
  readonly policy?: PolicySpec
  readonly breakers?: Pick<BreakerOptions, 'failuresMax' | 'openMs' | 'successesMin'>
  readonly onBreaker?: NonNullable<BreakerOptions['onChange']>
}

/**
 * Between tries at one incident. The first retry comes at once, because a path that has just healed is not kept
 * waiting; the ceiling keeps a heal quick; a tenth is drawn at random, so that a whole call does not knock at once.
 */
const DEFAULT_POLICY: PolicySpec = { kind: 'exponential', firstMs: 400, maxMs: 8_000, jitter: 0.1 }

/** Who is cut off waits no longer between two tries than after many failures anyway, so that a heal stays quick. */
const BROKEN_MAX_MS = 2_500
/** And no longer for a server that asks for patience; by then the call has moved, or nobody has another one. */
const ASKED_MAX_MS = 10_000

/** Makes the guard of a call. */
export function createGuard(core: CallCore, options: GuardOptions = {}): Guard {
  const { clock } = core
  const breakers = createBreakers({
    ...options.breakers,
    now: clock.now,
    providers: core.options.providers.map(({ id }) => id),
    onChange(status) {
      core.requestRefresh()
      options.onBreaker?.(status)
    },
  })
  const { world, holds, facts } = createWorkflowWorld(core)
  const workflows = createWorkflowMonitor({
    world,
    clock,
    facts,
    random: Math.random,
    onOver({ id, subject, state }) {
      core.options.logger.info('workflow over', { id, subject, state })
      core.requestRefresh()
    },
  })
  const states = new Map<string, PoolEntry['state']>()
  const stopAlarms = watchForAlarms(core)
  let { changedAtMs } = core.network
  const guard: Guard = {
    breakers,
    workflows,
    prevention: createPreventionDesk(core, () => guard.remedy),
    policy: () =>
      createPolicy(options.policy ?? DEFAULT_POLICY, { now: clock.now, random: Math.random, breakers }),
    holdMs: (provider) => Math.max(breakers.waitMs(`provider/${provider}`), holds.holdMs(provider)),
    repairHoldMs: (provider) =>
      Math.max(
        Math.min(BROKEN_MAX_MS, breakers.waitMs(`provider/${provider}`)),
        Math.min(ASKED_MAX_MS, holds.askedMs(provider)),
      ),
    remedy: null,
    refresh(reading) {
      if (core.network.changedAtMs > changedAtMs) {
        // What could not be reached over the old network may be tried at once over the new one.
        changedAtMs = core.network.changedAtMs
        breakers.reset()
      }
      const failed = noteConnects(core, states, breakers, holds)
      breakers.hear(
        [...reading.participants.values()].map(({ id, presence }) => ({
          participant: id,
          sight: presence.sight,
        })),
      )
      takeRefusals(failed, reading, holds, workflows)
    },
    stop() {
      stopAlarms()
      workflows.stop()
      guard.prevention.stop()
    },
  }
  return guard
}

/** Connects that have ended since the last look; what fails while we are offline is nobody's failure. */
function noteConnects(
  { pool, network }: CallCore,
  states: Map<string, PoolEntry['state']>,
  breakers: Breakers,
  holds: Holds,
): readonly PoolEntry[] {
  const entries = pool.entries()
  const failed: PoolEntry[] = []
  for (const entry of entries) {
    if (!states.has(entry.id)) holds.dialled(entry.provider.id)
    const before = states.get(entry.id) ?? 'connecting'
    states.set(entry.id, entry.state)
    if (before !== 'connecting' || entry.state === 'connecting' || entry.state === 'closed') continue
    const isOk = entry.state !== 'failed'
    if (!isOk && !network.isOnline) continue
    breakers.note(`provider/${entry.provider.id}`, isOk)
    if (!isOk) failed.push(entry)
  }
  const ids = new Set(entries.map(({ id }) => id))
  for (const id of states.keys()) if (!ids.has(id)) states.delete(id)
  return failed
}

/** The agreed provider and those that the call may go to are for the repair loop and the agreement. */
function takeRefusals(
  failed: readonly PoolEntry[],
  { agreed, candidates }: Reading,
  holds: Holds,
  workflows: WorkflowMonitor,
): void {
  const refused = failed.flatMap(({ provider, error }) => {
    const asked = error?.details.retryAfterMs
    const retryAfterMs = typeof asked === 'number' ? asked : null
    if (retryAfterMs !== null) holds.asked(provider.id, retryAfterMs)
    if (provider.id === agreed || candidates.includes(provider.id)) return []
    return [{ provider: provider.id, code: error?.code ?? 'provider-network', retryAfterMs }]
  })
  if (refused.length > 0) workflows.look({ refused, isStoreLost: false, corruptRows: 0 })
}
