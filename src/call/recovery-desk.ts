/**
 * The recovery desk: takes what the detectors say, lets the pure engine decide, has its decisions carried out
 * (`recovery-acts.ts`), and shows how recovery stands. Loaded after joining; the repair loop and switching keep what
 * is theirs, and everything here stands back while they work.
 */
import type { Alert } from '../health/alert.js'
import type { EngineInput } from '../recovery/engine/contract.js'
import { createEngine, step } from '../recovery/engine/step.js'
import { type BookEntry, createIncidentBook } from '../recovery/incident-book.js'
import { incidentFromAlert } from '../recovery/incident-from-alert.js'
import { isRepair } from '../recovery/statistics.js'
import { createHands } from '../repair/hands.js'
import type { CallCore } from './core.js'
import { createHandsWorld } from './hands-world.js'
import { createLinkWatch } from './link-watch.js'
import { type DeskState, perform, runEnded, type Untimed } from './recovery-acts.js'
import { createRecoveryBook } from './recovery-book.js'
import type { ActiveRecovery, RecoveryDesk, RecoveryStatus } from './recovery-contract.js'
import { createControls } from './recovery-controls.js'
import { keepLog } from './recovery-log.js'
import { createRecoveryRuns } from './recovery-runs.js'
import { createRemedy } from './remedy.js'
import type { Switching } from './switching.js'
import { createTwinWatch } from './twin-watch.js'

/** What {@link createRecoveryDesk} needs besides the core. */
export interface DeskOptions {
  readonly switching: Pick<Switching, 'request'>
  /** The repair loop has the own path in hand. */
  isPathRepairing(): boolean
  /** Where the call stands. */
  callState(): string
}

const MINUTE_MS = 60_000

/** Makes the desk of a call. */
export function createRecoveryDesk(core: CallCore, options: DeskOptions): RecoveryDesk {
  const state = openDesk(core, options)
  const controls = createControls(state)
  const links = createLinkWatch(core)
  const lookForTwin = createTwinWatch(core)
  const see = (alert: Alert): void => {
    const sighting = incidentFromAlert(alert, core.reading?.agreed ?? '')
    if (sighting !== null) take(state, state.incidents.see(sighting))
  }
  const undo = [
    core.events.on('alert-raised', see),
    core.events.on('alert-changed', see),
    core.events.on('alert-cleared', ({ id }) => take(state, state.incidents.lose(id))),
    () => state.log.stop(),
  ]
  for (const alert of core.desk?.latest()?.alerts ?? []) see(alert)
  let changedAtMs = core.network.changedAtMs
  return {
    api: controls.api,
    status: () => statusOf(state, controls.scheduled()),
    get current() {
      // Who waits or asks a person has nothing in progress; `active` lists it all the same.
      return state.runs.current.filter(isRepair).at(-1) ?? null
    },
    get last() {
      return state.runs.last
    },
    refresh(reading) {
      const { network, attempts } = core
      take(state, links.look(reading, state.incidents))
      lookForTwin()
      if (network.isOnline && network.changedAtMs > changedAtMs) {
        changedAtMs = network.changedAtMs
        state.give({ type: 'network-changed' })
      }
      const { current, last } = attempts
      state.log.look(current ? [current, ...state.runs.current] : state.runs.current, [last, state.runs.last])
      const isBusy = options.isPathRepairing() || attempts.current !== null
      state.give({ type: 'tick', isOnline: network.isOnline, isBusy })
      state.hands.refresh()
      // The guard comes with the experience, a moment later.
      if (core.guard !== null) core.guard.remedy ??= state.remedy
    },
    stop() {
      for (const one of undo) one()
      controls.stop()
      state.runs.stopAll()
      state.hands.close()
      state.closeWorld()
    },
  }
}

function openDesk(core: CallCore, options: DeskOptions): DeskState {
  const { recovery, automatic } = core.options
  const { maxConcurrent, maxPerMinute, budgetMs } = recovery
  const incidents = createIncidentBook()
  const world = createHandsWorld(core, {
    switching: options.switching,
    isPathRepairing: options.isPathRepairing,
    isOver: (id) => state.remedy.isOver(id) ?? incidents.get(id) === null,
    reacquire: recovery.reacquire ?? null,
    onPlugged: () => state.give({ type: 'device-plugged' }),
  })
  const hands = createHands(world, recovery.strategies ?? [])
  const remedy = createRemedy(core, () => hands)
  const state: DeskState = {
    core,
    hands,
    remedy,
    incidents,
    book: createRecoveryBook(core),
    log: keepLog(core, options.callState()),
    runs: createRecoveryRuns(core, hands, (effect, result) => runEnded(state, effect, result)),
    isPathRepairing: options.isPathRepairing,
    closeWorld: world.close,
    engine: createEngine(
      {
        rateWindowMs: MINUTE_MS,
        ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
        ...(maxPerMinute === undefined ? {} : { maxRuns: maxPerMinute }),
        ...(budgetMs === undefined ? {} : { budgetMs }),
      },
      automatic,
    ),
    answers: new Map(),
    policies: new Map(),
    counts: { incidents: 0, succeeded: 0, failed: 0, cancelled: 0 },
    lastFailure: null,
    give: (input: Untimed) => {
      const next = step(state.engine, { ...input, now: core.clock.now() } as EngineInput)
      state.engine = next.state
      for (const effect of next.effects) perform(state, effect)
    },
  }
  return state
}

function take(state: DeskState, entry: BookEntry | null): void {
  if (entry === null) return
  const { type, incident } = entry
  if (type === 'raised') {
    state.counts.incidents += 1
    state.book.count(incident)
    state.log.write('incident-raised', { id: incident.id, incident: incident.kind, culprit: incident.culprit })
  }
  if (type === 'cleared') state.log.write('incident-cleared', { id: incident.id })
  if (type === 'cleared') state.give({ type, incidentId: incident.id })
  else state.give({ type, incident })
}

function statusOf(state: DeskState, scheduled: RecoveryStatus['scheduled']): RecoveryStatus {
  const { engine, runs, counts, lastFailure } = state
  return {
    state: runs.current.length > 0 ? 'in-progress' : 'idle',
    isAutomatic: engine.isAutomatic,
    isEmergency: engine.isEmergency,
    active: activeOf(state),
    counts: { ...counts },
    lastFailure,
    scheduled,
  }
}

function activeOf({ engine, book }: DeskState): readonly ActiveRecovery[] {
  return [...engine.recoveries.values()].map(({ incident, kind, state, run, tries, failed }) => {
    const { id, provider, about, severity, culprit, confidence } = incident
    return {
      ...{ id, provider, about, severity, culprit, confidence, kind, state, tries, failed },
      incident: incident.kind,
      occurrence: book.occurrence(id),
      strategy: run?.option.strategy ?? null,
      explanation: book.latest(id),
    }
  })
}
