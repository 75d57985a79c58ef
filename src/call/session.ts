/**
 * A joined call: opens the document, the pool, health and history, and runs the one refresh that everything
 * goes through. After each change, at the end of the turn: read the call, repair, plan connections, report
 * warm-ups, prefer the agreed media, settle switches, then show one new snapshot.
 */
import type { SharedDocument } from '../document/contract.js'
import { HoldfastError } from '../errors.js'
import type { Attempt } from '../history/attempt.js'
import { type AgreementLoop, startAgreementLoop } from './agreement-loop.js'
import { buildSnapshot } from './build-snapshot.js'
import { openCallDocument } from './call-document.js'
import { isMovingOver } from './connections.js'
import type { CallCore } from './core.js'
import { dialFirstChoice, type EarlyConnect } from './early.js'
import { loadExperience } from './experience-loader.js'
import type { HealthLink } from './health-link.js'
import { createJoinWait, type JoinWait } from './join-wait.js'
import { listenToPage } from './page-lifecycle.js'
import { liveUntilMs, liveVoters } from './participants.js'
import { createParts, type PartsOptions, wake } from './parts.js'
import { createPeerChanges, type PeerChanges } from './peer-changes.js'
import type { PoolKeeper } from './pool-keeper.js'
import { type Reading, readCall, readNews } from './reading.js'
import { loadRecovery } from './recovery-loader.js'
import { createRefreshPace, type RefreshPace } from './refresh-pace.js'
import { createRepairLoop, type RepairLoop } from './repair-loop.js'
import type { CallSnapshot } from './snapshot.js'
import { type CallStateHolder, nextState } from './state.js'
import { createSwitching, type Switching } from './switching.js'

/** The goodbye has this long to go out; leaving never hangs on a dead network. */
const GOODBYE_MS = 600

/** Starting the worker takes a tenth of a second of the machine, which joining needs. */
const HEALTH_AFTER_MS = 500

/** What a session is opened with. */
export interface SessionOptions extends PartsOptions {
  readonly state: CallStateHolder
  /** A new snapshot is ready; called at most once per turn. */
  readonly onSnapshot: (snapshot: CallSnapshot) => void
  readonly signal: AbortSignal
}

/** A joined (or joining) call. */
export interface Session {
  /** Resolves when the agreed provider carries us; rejects with `join-failed` or the signal's reason. */
  readonly joined: Promise<void>
  switchTo(provider: string, reason: string): Promise<void>
  /** The local tracks or mutes changed. */
  localChanged(): void
  attempts(limit?: number): Promise<readonly Attempt[]>
  readonly experience: ReturnType<typeof loadExperience>
  readonly core: Pick<CallCore, 'recovery'>
  readonly recovery: ReturnType<typeof loadRecovery>
  setSignaling(urls: readonly string[]): void
  /** Null where nothing was recorded. */
  exportTrace(): Promise<string | null>
  desk(): CallCore['desk']
  close(): Promise<void>
}

/** Opens a session; resolves as soon as its parts are there, before anything is agreed. */
export async function openSession(input: SessionOptions): Promise<Session> {
  const opening = openCallDocument(input.options, input.clock)
  const early = dialFirstChoice(input.options)
  try {
    const document = await opening
    if (input.signal.aborted) {
      await document.close()
      throw input.signal.reason
    }
    return runSession(input, document, early)
  } catch (error) {
    early?.drop()
    throw error
  }
}

interface Running {
  readonly input: SessionOptions
  readonly core: CallCore
  readonly keeper: PoolKeeper
  readonly health: HealthLink
  readonly switching: Switching
  readonly repairs: RepairLoop
  readonly peers: PeerChanges
  readonly joinWait: JoinWait
  readonly pace: RefreshPace
  readonly early: EarlyConnect | null
  isClosed: boolean
  /** Sight and flow as last announced, to announce changes only. */
  announced: string
  /** Sights of the others as last passed on to health. */
  heard: string
}

function runSession(input: SessionOptions, document: SharedDocument, early: EarlyConnect | null): Session {
  const { core, keeper, health } = createParts(input, document, early)
  const switching = createSwitching(core)
  const running: Running = {
    input,
    core,
    keeper,
    health,
    switching,
    repairs: createRepairLoop(core, switching),
    peers: createPeerChanges(core),
    joinWait: createJoinWait(core, input.signal),
    pace: createRefreshPace({
      clock: input.clock,
      isAwaitingVotes: () => core.loop?.isAwaitingVotes ?? false,
      isMoving: () => isMovingOver(core.pool),
      refresh: () => refresh(running),
    }),
    early,
    isClosed: false,
    announced: '',
    heard: '',
  }
  core.requestRefresh = running.pace.request
  core.loop = startLoop(running)
  const undo = listen(running)
  void core.history.settleAbandoned(input.options.room)
  announceLocal(core)
  // A heartbeat was just told, and nothing can be judged before media has come.
  input.clock.after(HEALTH_AFTER_MS, () => {
    if (!running.isClosed) health.start()
  })
  core.requestRefresh()
  return {
    joined: running.joinWait.promise,
    setSignaling: (urls) => core.document.setSignaling(urls),
    switchTo: (provider, reason) => switching.request(provider, reason),
    localChanged() {
      announceLocal(core)
      core.pool.republish()
      core.requestRefresh()
    },
    exportTrace: health.exportTrace,
    attempts: (limit) =>
      core.history.list({ room: input.options.room, ...(limit === undefined ? {} : { limit }) }),
    desk: () => core.desk,
    experience: loadExperience(core, running.joinWait.promise, () => running.isClosed),
    core,
    recovery: loadRecovery(core, running.joinWait.promise, {
      switching,
      isPathRepairing: () => running.repairs.isRepairing,
      callState: () => input.state.current,
      isClosed: () => running.isClosed,
    }),
    close: () => close(running, undo),
  }
}

function startLoop(running: Running): AgreementLoop {
  const { core, input, switching } = running
  const { options, clock, events } = input
  const seen = () => ({
    presence: core.document.presence(),
    me: options.me.id,
    now: clock.now(),
    wokeAtMs: core.wokeAtMs,
    voter: core.document.voter,
  })
  return startAgreementLoop({
    document: core.document,
    clock,
    participant: options.me.id,
    caps: options.providers.map((provider) => provider.id),
    live: () => liveVoters(seen()),
    liveUntilMs: () => liveUntilMs(seen()),
    isProviderDead: (provider) => provider !== null && core.sight.of(provider) === 'dead',
    onCommitted(record) {
      const hasTime = isCalmMove(core, record.provider)
      switching.onCommitted(record)
      queueMicrotask(() => tellNews(running))
      if (hasTime) running.pace.easeOff()
      else running.pace.hurry()
    },
    onChange: () => core.requestRefresh(),
    onError: (cause) => events.emit('error', new HoldfastError('switch-failed', { cause })),
  })
}

/** A move away from a provider that works has time. */
function isCalmMove({ reading, sight }: CallCore, to: string | null): boolean {
  const from = reading?.agreed ?? null
  return from !== null && to !== from && sight.of(from) === 'ok'
}

function listen({ core, input }: Running): readonly (() => void)[] {
  const refreshSoon = (): void => core.requestRefresh()
  return [
    core.document.on('presence', refreshSoon),
    core.document.on('registers', refreshSoon),
    core.document.on('link', refreshSoon),
    core.document.on('rejected', (error) => input.events.emit('warning', error)),
    listenToPage({
      onWake: () => wake(core),
      onFarewell() {
        if (core.document.farewell()) core.loop?.pause()
        else void core.loop?.leave()
      },
      onPhase: (page) => core.document.announce({ page }),
    }),
  ]
}

function refresh(running: Running): void {
  const { core, repairs, joinWait } = running
  const reading = readCall(core)
  core.reading = reading
  running.peers.refresh(reading)
  core.guard?.refresh(reading)
  repairs.refresh(reading)
  running.keeper.apply(reading, repairs.keptEntries)
  running.switching.refresh(reading)
  joinWait.refresh(reading)
  core.recovery?.refresh(reading)
  announceSight(running, reading)
  hearSight(running, reading)
  show(running, readNews(core))
  // What the first look did not ask for belongs to another provider.
  running.early?.drop()
}

function show({ core, input, repairs, joinWait, health }: Running, reading: Reading): void {
  const { agreed, next, current } = reading
  const entered = nextState(input.state.current, {
    hasJoined: joinWait.isDone,
    isConnected: current?.state === 'connected',
    isRepairing: repairs.isRepairing,
    isProviderDead: agreed !== null && core.sight.of(agreed) === 'dead',
    isSwitching: core.attempts.current?.strategy === 'switch-provider',
    next,
  })
  input.state.enter(entered)
  input.onSnapshot(buildSnapshot(core, reading, input.state.current, health.worker))
}

/**
 * What was just agreed is shown before it is acted upon: moving media between connections blocks the page for
 * up to 20 ms while nobody could read what the move is for.
 */
function tellNews(running: Running): void {
  if (running.isClosed) return
  const reading = readNews(running.core)
  running.core.reading = reading
  show(running, reading)
}

function announceSight(running: Running, { isShown, agreed }: Reading): void {
  const facts = { sight: running.core.sight.all(), flowingOn: isShown ? agreed : null }
  const text = JSON.stringify(facts)
  if (text === running.announced) return
  running.announced = text
  running.core.document.announce(facts)
  // Others date what we see by our heartbeat, so a change of sight comes with one.
  running.core.document.beat()
}

function hearSight(running: Running, reading: Reading): void {
  const text = JSON.stringify(
    [...reading.participants.values()].map(({ id, presence }) => [id, presence.sight]),
  )
  if (text === running.heard) return
  running.heard = text
  running.health.sightChanged()
}

async function close(running: Running, undo: readonly (() => void)[]): Promise<void> {
  if (running.isClosed) return
  running.isClosed = true
  const { core, input } = running
  for (const one of undo) one()
  running.pace.stop()
  running.early?.drop()
  running.joinWait.stop()
  core.recovery?.stop()
  running.repairs.stop()
  running.switching.stop()
  running.health.stop()
  running.core.network.stop()
  const patience = new Promise<void>((resolve) => input.clock.after(GOODBYE_MS, resolve))
  await Promise.race([core.loop?.leave(), patience])
  core.loop?.stop()
  await Promise.all([core.pool.closeAll(), core.document.close()])
  core.remote.close()
  core.guard?.stop()
  core.experience?.close()
  await core.history.close()
}

function announceLocal({ document, local }: CallCore): void {
  document.announce({ muted: local.muted(), publishing: local.publishing() })
}
