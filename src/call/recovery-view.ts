/** `call.recovery` before and without its desk, and recovery in the snapshot. */
import { HoldfastError } from '../errors.js'
import type { Attempt } from '../history/attempt.js'
import type { CallCore } from './core.js'
import type { CallRecovery, RecoveryDesk, RecoveryFallback } from './recovery-contract.js'
import type { CallSnapshot, RecoverySnapshot } from './snapshot.js'

/** What stands behind the view: null before joining. */
export type DeskSource = () => {
  readonly core: Pick<CallCore, 'recovery'>
  desk(): Promise<RecoveryDesk | null>
} | null

/** The view of a desk that may not be there yet. */
export function recoveryOf(source: DeskSource): CallRecovery {
  const api = async (): Promise<RecoveryDesk['api']> => {
    const behind = source()
    if (behind === null) throw new HoldfastError('not-joined')
    const desk = await behind.desk()
    if (desk === null) throw new HoldfastError('dependency-missing')
    return desk.api
  }
  return {
    status: () => source()?.core.recovery?.status() ?? null,
    trigger: async (request) => (await api()).trigger(request),
    cancel: async (id) => (await api()).cancel(id),
    schedule: async (request) => (await api()).schedule(request),
    setAutomatic: async (isOn) => (await api()).setAutomatic(isOn),
    setEmergency: async (isOn) => (await api()).setEmergency(isOn),
    history: async (query) => (await api()).history(query),
    stats: async () => (await api()).stats(),
    patterns: async () => (await api()).patterns(),
    explain: async (id) => (await api()).explain(id),
    replay: async (atMs) => (await api()).replay(atMs),
    run: async (task, options) => (await api()).run(task, options),
    breakers: {
      status: async () => (await api()).breakers.status(),
      reset: async (key) => (await api()).breakers.reset(key),
    },
    workflows: {
      status: async () => (await api()).workflows.status(),
      start: async (id, provider) => (await api()).workflows.start(id, provider),
      cancel: async (id) => (await api()).workflows.cancel(id),
    },
    cache: { clear: async () => (await api()).cache.clear() },
    store: { reconnect: async () => (await api()).store.reconnect() },
  }
}

/** Recovery in the snapshot of a running call. */
export function recoverySnapshot(core: CallCore, worker: CallSnapshot['worker']): RecoverySnapshot {
  const { attempts, recovery, options } = core
  const status = recovery?.status() ?? null
  const current = attempts.current ?? recovery?.current ?? null
  const own = recovery?.last ?? null
  const isOwnLast = own !== null && (attempts.last === null || endOf(own) >= endOf(attempts.last))
  return {
    state: current === null ? 'idle' : 'in-progress',
    current,
    last: isOwnLast ? own : attempts.last,
    selection: core.experience !== null && options.learning ? 'learned' : 'fixed',
    isAutomatic: status?.isAutomatic ?? options.automatic,
    isEmergency: status?.isEmergency ?? false,
    active: status?.active ?? [],
    fallbacks: fallbacksOf(core, worker),
  }
}

/** Recovery before joining and after leaving. */
export function idleRecovery(last: RecoverySnapshot['last']): RecoverySnapshot {
  return {
    ...{ state: 'idle', current: null, last, selection: 'fixed', active: [] },
    ...{ isAutomatic: true, isEmergency: false, fallbacks: ['no-desk'] },
  } as const
}

function endOf({ startedAtMs, durationMs }: Attempt): number {
  return startedAtMs + (durationMs ?? 0)
}

function fallbacksOf(core: CallCore, worker: CallSnapshot['worker']): readonly RecoveryFallback[] {
  const { recovery, options, history, experience } = core
  const found: RecoveryFallback[] = []
  if (recovery === null) found.push('no-desk')
  if (worker === 'main' || worker === 'none') found.push('no-worker')
  if (options.history === 'indexeddb' && history.mode === 'memory') found.push('no-database')
  if (experience === null || !options.learning) found.push('no-learning')
  return found
}
