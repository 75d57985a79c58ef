/** Makes the parts of a session and ties them together; `session.ts` sets them going. */
import type { Clock } from '../clock.js'
import type { SharedDocument } from '../document/contract.js'
import type { Emitter } from '../events.js'
import { openHistory } from '../history/history.js'
import type { LocalMedia } from '../media/local-media.js'
import { createRemoteMedia } from '../media/remote-media.js'
import { type Attempts, createAttempts } from './attempts.js'
import { type ConnectionPool, createConnectionPool } from './connections.js'
import type { CallEvents } from './contract.js'
import type { CallCore } from './core.js'
import { createDirectories } from './directories.js'
import type { EarlyConnect } from './early.js'
import { tellExperience } from './experience-loader.js'
import { createHealthLink, type HealthLink } from './health-link.js'
import { namesIn } from './names.js'
import { watchNetwork } from './network-changes.js'
import type { ResolvedOptions } from './options.js'
import { type Participant, readParticipants } from './participants.js'
import { createPoolKeeper, type PoolKeeper, providerOf } from './pool-keeper.js'
import { createSightBook } from './sight.js'
import type { Timeline } from './timeline.js'

/** What the parts are made from. */
export interface PartsOptions {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly events: Emitter<CallEvents>
  readonly local: LocalMedia
  readonly timeline: Timeline
}

/** The parts. */
export interface Parts {
  readonly core: CallCore
  readonly keeper: PoolKeeper
  readonly health: HealthLink
}

/** Makes them for an open document; nothing runs yet. */
export function createParts(
  session: PartsOptions,
  document: SharedDocument,
  early: EarlyConnect | null,
): Parts {
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
  core = {
    options,
    clock,
    events,
    timeline,
    local,
    document,
    network: watchNetwork({
      clock,
      onChange: () => core.requestRefresh(),
      onCheck: () => checkPaths(core, health),
    }),
    sight: createSightBook(clock),
    attempts: attemptsOf(session, document, () => core),
    remote: createRemoteMedia({
      clock,
      onFlip: keeper.onFlip,
      onChange: () => core.requestRefresh(),
      isLostForGood: (id) => core.sight.of(`${providerOf(id)}`) === 'dead',
    }),
    pool: poolOf({ ...session, early }, document, keeper, () => core),
    history: openHistory({
      mode: options.history,
      onWarning: (error) => events.emit('warning', error),
      names: () => namesIn(core),
      clock,
    }),
    experience: null,
    archive: null,
    recovery: null,
    guard: null,
    loop: null,
    currentEntryId: null,
    held: new Set(),
    stopgapEntryId: null,
    agreedAtMs: clock.now(),
    wokeAtMs: Number.NEGATIVE_INFINITY,
    verdicts: new Map(),
    peerHealth: new Map(),
    suspicions: new Map(),
    shownOn: new Map(),
    desk: null,
    decided: [],
    reading: null,
    requestRefresh: () => undefined,
  }
  return { core, keeper, health }
}

/** Rule 11: after a sleep nobody is judged by what we missed, and nothing is decided before a full sync. */
export function wake(core: CallCore): void {
  core.wokeAtMs = core.clock.now()
  core.document.comeBack()
  core.document.resync()
  core.loop?.wake()
  core.network.note('wake')
}

/** The network may be another one: links and media show now that they live, and who was out of reach is tried again. */
function checkPaths(core: CallCore, health: HealthLink): void {
  core.document.checkLinks()
  health.look()
  core.sight.forgive()
  core.requestRefresh()
}

function attemptsOf(session: PartsOptions, document: SharedDocument, core: () => CallCore): Attempts {
  return createAttempts({
    room: session.options.room,
    session: document.session,
    clock: session.clock,
    onWrite(attempt) {
      void core().history.put(attempt)
      tellExperience(core(), (experience) => experience.saw(attempt))
    },
    onSettled(attempt) {
      if (attempt.outcome === 'cancelled') return
      session.events.emit(attempt.outcome === 'succeeded' ? 'recovered' : 'recovery-failed', attempt)
    },
  })
}

function poolOf(
  { options, clock, local, early }: PartsOptions & { readonly early: EarlyConnect | null },
  document: SharedDocument,
  keeper: PoolKeeper,
  core: () => Pick<CallCore, 'wokeAtMs' | 'suspicions'>,
): ConnectionPool {
  const participants = (): ReadonlyMap<string, Participant> =>
    readParticipants({
      presence: document.presence(),
      me: options.me.id,
      now: clock.now(),
      wokeAtMs: core().wokeAtMs,
      suspicions: core().suspicions,
    })
  const directories = createDirectories(document, participants)
  return createConnectionPool({
    clock,
    tracks: () => local.tracks(),
    callbacks: keeper.callbacks,
    ...(early ? { connect: early.connect } : {}),
    join: (provider, entryId) => ({
      room: options.room,
      peer: options.me.id,
      session: `${document.session}.${entryId}`,
      name: options.me.name,
      token: () => options.token(provider.id),
      directory: directories.of(provider.id, entryId),
      channel: document.channel(provider.id),
      iceServers: options.iceServers,
      expectedPeers: () => participants().size,
    }),
  })
}
