/**
 * A joined call: opens the document, the pool, health and history, and runs the one refresh that everything
 * goes through. After each change, at the end of the turn: read the call, repair, plan connections, report
 * warm-ups, prefer the agreed media, settle switches, then show one new snapshot.
 */
import type { Clock } from '../clock.js'
import type { CommittedRecord } from '../consensus/index.js'
import type { SharedDocument } from '../document/contract.js'
import { openDocument } from '../document/open-document.js'
import { HoldfastError } from '../errors.js'
import type { Emitter } from '../events.js'
import type { Attempt } from '../history/attempt.js'
import { openHistory } from '../history/history.js'
import type { LocalMedia } from '../media/local-media.js'
import { createRemoteMedia } from '../media/remote-media.js'
import { type AgreementLoop, startAgreementLoop } from './agreement-loop.js'
import { createAttempts } from './attempts.js'
import { buildSnapshot } from './build-snapshot.js'
import { createConnectionPool } from './connections.js'
import type { CallEvents } from './contract.js'
import type { CallCore } from './core.js'
import { createDirectories } from './directories.js'
import { createHealthLink, type HealthLink } from './health-link.js'
import { createJoinWait } from './join-wait.js'
import type { ResolvedOptions } from './options.js'
import { listenToPage } from './page-lifecycle.js'
import { liveVoters, readParticipants } from './participants.js'
import { createPeerChanges } from './peer-changes.js'
import { createPoolKeeper, type PoolKeeper } from './pool-keeper.js'
import { readCall } from './reading.js'
import { createRepairLoop } from './repair-loop.js'
import { createSightBook } from './sight.js'
import type { CallSnapshot } from './snapshot.js'
import { type CallStateHolder, nextState } from './state.js'
import { createSwitching } from './switching.js'
import type { Timeline } from './timeline.js'

/** The goodbye has this long to go out; leaving never hangs on a dead network. */
const GOODBYE_MS = 600

/** What a session is opened with. */
export interface SessionOptions {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly events: Emitter<CallEvents>
  readonly local: LocalMedia
  readonly timeline: Timeline
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
  close(): Promise<void>
}

/** Opens a session; resolves as soon as its parts are there, before anything is agreed. */
export async function openSession(input: SessionOptions): Promise<Session> {
  const { options, clock } = input
  const document = await openDocument({
    room: options.room,
    participant: options.me.id,
    name: options.me.name,
    signaling: options.signaling,
    iceServers: options.iceServers,
    clock,
    ...(options.password === undefined ? {} : { password: options.password }),
  })
  if (input.signal.aborted) {
    await document.close()
    throw input.signal.reason
  }
  return runSession(input, document)
}

function runSession(input: SessionOptions, document: SharedDocument): Session {
  const { options, clock, events, state } = input
  const { core, keeper, health } = createParts(input, document)
  const switching = createSwitching(core)
  const repairs = createRepairLoop(core, switching)
  const peers = createPeerChanges(core)
  const joinWait = createJoinWait(core, input.signal)
  let isClosed = false
  let isRefreshing = false

  const refresh = (): void => {
    if (isClosed) return
    const reading = readCall(core)
    core.reading = reading
    peers.refresh(reading)
    repairs.refresh(reading)
    keeper.apply(reading, repairs.keptEntries)
    switching.refresh(reading)
    joinWait.refresh(reading)
    announceSight()
    const enters = nextState(state.current, {
      hasJoined: joinWait.isDone,
      agreed: reading.agreed,
      hasCandidates: reading.candidates.length > 0,
      isConnected: reading.current?.state === 'connected',
      isFlowing: reading.isFlowing,
      isRepairing: repairs.isRepairing,
      isProviderDead: reading.agreed !== null && core.sight.of(reading.agreed) === 'dead',
      next: reading.next,
      isSwitching: core.attempts.current?.strategy === 'switch-provider',
    })
    state.enter(enters)
    input.onSnapshot(buildSnapshot(core, readCall(core), state.current, health.worker))
  }
  core.requestRefresh = (): void => {
    if (isRefreshing || isClosed) return
    isRefreshing = true
    queueMicrotask(() => {
      isRefreshing = false
      refresh()
    })
  }

  const loop: AgreementLoop = startAgreementLoop({
    document: core.document,
    clock,
    participant: options.me.id,
    caps: options.providers.map((provider) => provider.id),
    live: () =>
      liveVoters({
        presence: core.document.presence(),
        me: options.me.id,
        now: clock.now(),
        wokeAtMs: core.wokeAtMs,
        voter: core.document.voter,
      }),
    isProviderDead: (provider) => provider !== null && core.sight.of(provider) === 'dead',
    onCommitted: (record: CommittedRecord) => switching.onCommitted(record),
    onChange: () => core.requestRefresh(),
    onError: (cause) => events.emit('error', new HoldfastError('switch-failed', { cause })),
  })
  core.loop = loop
  void core.history.settleAbandoned(options.room)
  let announced = ''
  const announceSight = (): void => {
    const sight = core.sight.all()
    const flowingOn = core.reading?.isFlowing ? core.reading.agreed : null
    const facts = JSON.stringify([sight, flowingOn])
    if (facts === announced) return
    announced = facts
    core.document.announce({ sight, flowingOn })
  }
  const undo = [
    core.document.on('presence', () => core.requestRefresh()),
    core.document.on('registers', () => core.requestRefresh()),
    core.document.on('link', () => core.requestRefresh()),
    core.document.on('rejected', (error) => events.emit('warning', error)),
    listenToPage({
      clock,
      onWake: () => wake(core),
      onFarewell: () => {
        core.document.farewell()
        void loop.leave()
      },
      onChange: () => core.requestRefresh(),
    }),
  ]
  announceLocal(core)
  health.start()
  core.requestRefresh()

  return {
    joined: joinWait.promise,
    switchTo: (provider, reason) => switching.request(provider, reason),
    localChanged() {
      announceLocal(core)
      core.pool.republish()
      core.requestRefresh()
    },
    async attempts(limit) {
      return core.history.list({ room: options.room, ...(limit === undefined ? {} : { limit }) })
    },
    async close() {
      if (isClosed) return
      isClosed = true
      for (const one of undo) one()
      joinWait.stop()
      repairs.stop()
      switching.stop()
      health.stop()
      await Promise.race([loop.leave(), new Promise<void>((resolve) => clock.after(GOODBYE_MS, resolve))])
      loop.stop()
      await Promise.all([core.pool.closeAll(), core.document.close()])
      core.remote.close()
      await core.history.close()
    },
  }
}

/** Rule 11: after a sleep nobody is judged by what we missed, and nothing is decided before a full sync. */
function wake(core: CallCore): void {
  core.wokeAtMs = core.clock.now()
  core.document.comeBack()
  core.document.resync()
  core.loop?.wake()
}

interface Parts {
  readonly core: CallCore
  readonly keeper: PoolKeeper
  readonly health: HealthLink
}

function createParts(session: SessionOptions, document: SharedDocument): Parts {
  const { options, clock, events, local, timeline } = session
  let core: CallCore
  const health = createHealthLink({
    core: () => core,
    reading: () => core.reading,
    onSleep: () => wake(core),
  })
  const keeper = createPoolKeeper(
    () => core,
    (entry, signal) => health.signal(entry.id, signal),
  )
  const directories = createDirectories(document, () =>
    readParticipants({
      presence: document.presence(),
      me: options.me.id,
      now: clock.now(),
      wokeAtMs: core.wokeAtMs,
    }),
  )
  core = {
    options,
    clock,
    events,
    timeline,
    local,
    document,
    sight: createSightBook(clock),
    attempts: createAttempts({
      room: options.room,
      session: document.session,
      clock,
      history: () => core.history,
      onSettled: (attempt) => {
        if (attempt.outcome === 'cancelled') return
        events.emit(attempt.outcome === 'succeeded' ? 'recovered' : 'recovery-failed', attempt)
      },
    }),
    remote: createRemoteMedia({ clock, onFlip: keeper.onFlip, onChange: () => core.requestRefresh() }),
    pool: createConnectionPool({
      clock,
      tracks: () => local.tracks(),
      callbacks: keeper.callbacks,
      join: (provider, entryId) => ({
        room: options.room,
        peer: options.me.id,
        session: `${document.session}.${entryId}`,
        name: options.me.name,
        token: () => options.token(provider.id),
        directory: directories.of(provider.id, entryId),
        channel: document.channel(provider.id),
        iceServers: options.iceServers,
      }),
    }),
    history: openHistory({
      mode: options.history,
      onWarning: (error) => events.emit('warning', error),
      clock,
    }),
    loop: null,
    currentEntryId: null,
    agreedAtMs: clock.now(),
    wokeAtMs: Number.NEGATIVE_INFINITY,
    verdicts: new Map(),
    peerHealth: new Map(),
    shownOn: new Map(),
    decided: [],
    reading: null,
    requestRefresh() {},
  }
  return { core, keeper, health }
}

function announceLocal(core: CallCore): void {
  core.document.announce({ muted: core.local.muted(), publishing: core.local.publishing() })
}
