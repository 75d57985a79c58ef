/**
 * The part of a connection that is the same for every adapter: its status, peers, tracks and moments, and the
 * rules that are easy to break by accident. No status is told twice, nothing follows `failed` but `closed`,
 * nothing at all follows `closed`, leaving is idempotent and bounded, a peer's tracks end before the peer goes.
 *
 * An adapter makes one core per connection, feeds it what its wire says, and returns
 * `connectionOf(core, { publish, ... })`. The core knows nothing of sockets or WebRTC.
 */
import { type Clock, systemClock } from '../clock.js'
import { createEmitter, type Emitter, type EventSource } from '../events.js'
import type { ProviderSignal } from '../health/verdict.js'
import type {
  Connection,
  ConnectionEvents,
  ConnectionReason,
  ConnectionState,
  ConnectionStatus,
  RemoteTrack,
} from './provider.js'

/** What {@link createConnectionCore} needs. */
export interface ConnectionCoreOptions {
  /**
   * Frees everything the adapter holds: goodbye to the server, sockets, peer connections. Called exactly once,
   * by `leave()` or `end()`; may be slow or reject, which `leave()` bounds and swallows.
   */
  readonly release: () => Promise<void> | void
  /** Default: the platform's clock. */
  readonly clock?: Clock
}

/** Facts beside a state; `isRecoverable` defaults to true for `connecting`, `connected` and `reconnecting`. */
export interface StatusFacts {
  readonly reason?: ConnectionReason
  readonly isRecoverable?: boolean
  readonly cause?: unknown
}

/** The members of {@link Connection} that a core provides. */
type ConnectionFace = Pick<Connection, 'status' | 'peers' | 'tracks' | 'on' | 'leave'>

/** The state of one connection with the methods by which its adapter changes it. */
export interface ConnectionCore extends EventSource<ConnectionEvents> {
  readonly status: ConnectionStatus
  readonly peers: ReadonlySet<string>
  readonly tracks: ReadonlyMap<string, RemoteTrack>
  /** Aborted when leaving begins: hand it to every listener, request and loop that must not outlive the connection. */
  readonly scope: AbortSignal
  /** Tells a new state; a repeated one, or one after `failed` or `closed`, is dropped. */
  toState(state: Exclude<ConnectionState, 'closed'>, facts?: StatusFacts): void
  /** Shows or removes a participant; removing ends its tracks first. Repeats are dropped. */
  setPeer(peer: string, isPresent: boolean, reason?: ConnectionReason): void
  /** Shows a track and its participant; another track under the same id ends the earlier one first. */
  addTrack(track: RemoteTrack): void
  /** Ends a track; unknown ids are dropped. */
  endTrack(id: string): void
  /** Passes evidence about the provider on. */
  signal(signal: ProviderSignal): void
  /** Passes received bytes on. */
  deliver(from: string, bytes: Uint8Array): void
  /** {@link Connection.leave}: releases, then `closed` with reason `left`. */
  leave(): Promise<void>
  /** The far side ended it for good (kicked, room ended): `closed` at once, release in the background. */
  end(reason: ConnectionReason, cause?: unknown): void
}

/** `leave()` must settle within 3 s even offline; the rest is left for the adapter's own clean-up turn. */
const LEAVE_LIMIT_MS = 2_500

/** Makes the core of a connection in state `connecting`. Never throws. */
export function createConnectionCore(options: ConnectionCoreOptions): ConnectionCore {
  const clock = options.clock ?? systemClock()
  const emitter = createEmitter<ConnectionEvents>()
  const scope = new AbortController()
  let status: ConnectionStatus = { state: 'connecting', isRecoverable: true }
  let leaving: Promise<void> | null = null
  const isSilent = (): boolean => leaving !== null || status.state === 'closed'
  const shown = createShown(emitter, isSilent)

  const toStatus = (next: ConnectionStatus): void => {
    status = next
    emitter.emit('status', status)
  }
  const close = (reason: ConnectionReason, cause?: unknown): void => {
    if (status.state === 'closed') return
    shown.clear()
    toStatus(statusOf('closed', { reason, isRecoverable: false, cause }))
    emitter.clear()
  }
  const release = async (): Promise<void> => {
    scope.abort()
    try {
      await options.release()
    } catch {
      // A goodbye that cannot be said must not keep anybody in the call.
    }
  }

  return {
    ...shown,
    get status() {
      return status
    },
    scope: scope.signal,
    on: (name, listener) => emitter.on(name, listener),
    toState(state, facts = {}) {
      const next = statusOf(state, facts)
      if (!isSilent() && status.state !== 'failed' && !isSame(status, next)) toStatus(next)
    },
    signal(signal) {
      if (!isSilent()) emitter.emit('signal', signal)
    },
    deliver(from, bytes) {
      if (!isSilent()) emitter.emit('data', { from, bytes })
    },
    leave() {
      if (leaving === null) {
        const hasEnded = status.state === 'closed'
        leaving = hasEnded
          ? Promise.resolve()
          : within(clock, LEAVE_LIMIT_MS, release()).then(() => close('left'))
      }
      return leaving
    },
    end(reason, cause) {
      if (isSilent()) return
      close(reason, cause)
      void release()
    },
  }
}

/**
 * The connection that an adapter returns: the core's members and the adapter's own. Extras are defined, not
 * spread, so that getters among them and `status` stay live.
 */
export function connectionOf<Extras extends object>(
  core: ConnectionCore,
  extras: Extras,
): ConnectionFace & Extras {
  const face: ConnectionFace = {
    get status() {
      return core.status
    },
    peers: core.peers,
    tracks: core.tracks,
    on: (name, listener) => core.on(name, listener),
    leave: () => core.leave(),
  }
  return Object.defineProperties(face, Object.getOwnPropertyDescriptors(extras)) as ConnectionFace & Extras
}

function within(clock: Clock, limitMs: number, task: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, resolve)
    void task.then(() => {
      cancel()
      resolve()
    })
  })
}

type Shown = Pick<ConnectionCore, 'peers' | 'tracks' | 'setPeer' | 'addTrack' | 'endTrack'> & { clear(): void }

function createShown(emitter: Emitter<ConnectionEvents>, isSilent: () => boolean): Shown {
  const peers = new Set<string>()
  const tracks = new Map<string, RemoteTrack>()

  const endTrack = (id: string): void => {
    const track = tracks.get(id)
    if (!track || isSilent()) return
    tracks.delete(id)
    emitter.emit('track-ended', { id, peer: track.peer })
  }

  const setPeer = (peer: string, isPresent: boolean, reason?: ConnectionReason): void => {
    if (isSilent() || peers.has(peer) === isPresent) return
    if (isPresent) peers.add(peer)
    else {
      for (const track of [...tracks.values()]) if (track.peer === peer) endTrack(track.id)
      peers.delete(peer)
    }
    emitter.emit('peer', { peer, isPresent, ...(reason ? { reason } : {}) })
  }

  return {
    peers,
    tracks,
    setPeer,
    endTrack,
    addTrack(track) {
      if (isSilent() || tracks.get(track.id)?.track === track.track) return
      endTrack(track.id)
      if (track.peer !== null) setPeer(track.peer, true)
      tracks.set(track.id, track)
      emitter.emit('track', track)
    },
    clear() {
      peers.clear()
      tracks.clear()
    },
  }
}

function statusOf(state: ConnectionState, facts: StatusFacts): ConnectionStatus {
  return {
    state,
    isRecoverable: facts.isRecoverable ?? state !== 'failed',
    ...(facts.reason ? { reason: facts.reason } : {}),
    ...(facts.cause === undefined ? {} : { cause: facts.cause }),
  }
}

function isSame(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return a.state === b.state && a.reason === b.reason && a.isRecoverable === b.isRecoverable
}
