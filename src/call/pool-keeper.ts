/**
 * Keeps the pool as the plan says and tells the rest of the call what happens in it: tracks go to the remote
 * media, readiness to consensus, working and failing connects to the sight book.
 */
import type { FlipReport } from '../media/remote-media.js'
import { type PlanInput, planConnections } from './connection-plan.js'
import type { PoolCallbacks, PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { createInBand } from './in-band.js'
import type { Reading } from './reading.js'
import { isDoubtful, standbyOf } from './standby.js'

/** A plan that is still changing after so many rounds has a bug; the next refresh goes on. */
const PLAN_ROUNDS_MAX = 4

/** The keeper. */
export interface PoolKeeper {
  readonly callbacks: PoolCallbacks
  onFlip(report: FlipReport): void
  /** Carries out the plan for a reading; `kept` entries belong to a repair. */
  apply(reading: Reading, kept: ReadonlySet<string>): void
}

/** Makes the keeper; `core` is read late because the pool is part of it. */
export function createPoolKeeper(core: () => CallCore, onSignal: PoolCallbacks['onSignal']): PoolKeeper {
  const reported = new Map<string, string>()
  const inBand = createInBand(core)

  const noteState = (entry: PoolEntry): void => {
    const { sight, requestRefresh, pool, remote } = core()
    if (entry.state === 'closed') {
      remote.dropConnection(entry.id)
      core().verdicts.delete(entry.id)
    }
    const isDead = core().verdicts.get(entry.id)?.state === 'dead'
    if (entry.state === 'connected' && !isDead) sight.note(entry.provider.id, 'ok')
    // A second connection that failed says nothing while a first one works.
    const hasWorkingOne = pool.entries().some((one) => isWorkingBeside(one, entry))
    if (entry.state === 'failed' && !hasWorkingOne) sight.connectFailed(entry.provider.id)
    requestRefresh()
  }

  const reportWarmUps = (reading: Reading): void => {
    const { pool, loop, sight } = core()
    // A hot standby is told before anybody wants it: then the wish and the votes need one write each.
    const others = pool.entries().filter((entry) => entry.provider.id !== reading.agreed)
    const isReadyOn = (id: string): boolean =>
      others.some((entry) => entry.provider.id === id && entry.state === 'connected' && entry.isPublishing)
    const told = new Set([
      ...reading.candidates,
      ...others.map((entry) => entry.provider.id).filter(isReadyOn),
      ...reported.keys(),
    ])
    for (const id of told) {
      const entry = others.find((one) => one.provider.id === id)
      const isFailed = entry === undefined ? sight.blocked().has(id) : entry.state === 'failed'
      const isWanted = reading.candidates.includes(id)
      const outcome = isReadyOn(id) ? 'ready' : isWanted && isFailed ? 'failed' : 'unknown'
      if (reported.get(id) === outcome) continue
      if (outcome === 'unknown' && !isWanted) reported.delete(id)
      else reported.set(id, outcome)
      loop?.warm(id, outcome)
    }
  }

  return {
    callbacks: {
      onChange: noteState,
      onTrack: (entry, track) => core().remote.addTrack(entry.id, track),
      onTrackEnded: (entry, trackId) => core().remote.removeTrack(entry.id, trackId),
      onSignal,
      onWarning: (error) => core().events.emit('warning', error),
    },
    onFlip(report) {
      const { shownOn, attempts, events, requestRefresh } = core()
      const to = providerOf(report.to) ?? report.to
      shownOn.set(report.peer, report.to)
      if (report.gapMs !== null) attempts.noteGap(report.gapMs)
      events.emit('stream-flipped', {
        peer: report.peer,
        from: providerOf(report.from),
        to,
        gapMs: report.gapMs,
      })
      requestRefresh()
    },
    apply(reading, kept) {
      carryOutPlan(core(), reading, kept)
      inBand.follow()
      preferCurrent(core(), reading)
      reportWarmUps(reading)
    },
  }
}

function isWorkingBeside(one: PoolEntry, { provider }: PoolEntry): boolean {
  return one.provider.id === provider.id && one.state === 'connected'
}

function carryOutPlan(core: CallCore, reading: Reading, kept: ReadonlySet<string>): void {
  const { pool, options } = core
  for (let round = 0; round < PLAN_ROUNDS_MAX; round += 1) {
    const actions = planConnections(planInput(core, reading, kept))
    if (actions.length === 0) return
    for (const action of actions) {
      if (action.type === 'open') {
        const provider = options.providers.find((one) => one.id === action.provider)
        if (provider) pool.open(provider, action.isPublishing)
        continue
      }
      const entry = pool.entries().find((one) => one.id === action.entry)
      if (entry === undefined) continue
      if (action.type === 'set-publishing') pool.setPublishing(entry, action.isPublishing)
      else void pool.close(entry)
    }
  }
}

/**
 * While the agreed provider is failing, people see whatever arrives on the next one: showing binds nobody, and
 * the decision may follow.
 */
function showStopgap(core: CallCore, reading: Reading): boolean {
  const stopgap = stopgapOf(core, reading)
  if (stopgap === undefined) {
    if (core.stopgapEntryId === null) return false
    core.stopgapEntryId = null
    // The agreed one is preferred anew, without haste.
    core.currentEntryId = null
    return false
  }
  if (core.stopgapEntryId !== stopgap.id) {
    core.stopgapEntryId = stopgap.id
    core.remote.prefer(stopgap.id, true)
  }
  return true
}

/** Also one that is still connecting: media of others may come before ours has gone out. */
function stopgapOf(core: CallCore, { agreed, next, current }: Reading): PoolEntry | undefined {
  if (agreed === null) return undefined
  if (isDoubtful(core.sight.of(agreed))) {
    const entries = core.pool.entries().filter(({ provider }) => provider.id === next)
    return (
      entries.findLast(({ state }) => state === 'connected') ??
      entries.findLast(({ state }) => state === 'connecting')
    )
  }
  const isMovingIn = current?.state === 'connecting' && isFleeing(core, current.id)
  return isMovingIn ? current : undefined
}

function preferCurrent(core: CallCore, reading: Reading): void {
  if (showStopgap(core, reading)) return
  if (reading.current === null || core.currentEntryId === reading.current.id) return
  if (reading.current.state !== 'connected') return
  // A repair that ended since the reading has put another connection in its place: the broken one may say `connected` for long.
  const carrying = core.pool.entries().find(({ id }) => id === core.currentEntryId)
  if (carrying !== undefined && carrying.provider.id === reading.agreed) return
  core.currentEntryId = reading.current.id
  core.remote.prefer(reading.current.id, isFleeing(core, reading.current.id))
}

/** What people still see comes from a provider that fails: there is no frame of it to wait for. */
function isFleeing({ shownOn, sight }: CallCore, to: string): boolean {
  return [...shownOn.values()].some((id) => id !== to && isDoubtful(sight.of(providerOf(id) ?? '')))
}

function planInput(core: CallCore, reading: Reading, kept: ReadonlySet<string>): PlanInput {
  const { options, sight, pool, agreedAtMs } = core
  return {
    now: reading.now,
    agreed: reading.agreed,
    agreedAtMs,
    candidates: reading.candidates.filter((one) => options.providers.some(({ id }) => id === one)),
    firstChoice: options.providers.find(({ id }) => !sight.blocked().has(id))?.id ?? null,
    standby: standbyOf(core, reading),
    blocked: sight.blocked(),
    entries: pool.entries().map((entry) => ({
      id: entry.id,
      provider: entry.provider.id,
      state: entry.state,
      isPublishing: entry.isPublishing,
      isRepairing: kept.has(entry.id) || core.held.has(entry.id),
    })),
    isShownToAll: reading.isShownToAll,
  }
}

/** The provider of a pool entry, also of one that is gone. */
export function providerOf(entryId: string | null): string | null {
  return entryId === null ? null : entryId.slice(0, entryId.lastIndexOf('-'))
}
