/**
 * What every adapter with peer connections of its own needs: one way to open them, to wait until media can
 * flow and to tell their state as evidence. `connectionState` is watched, never `iceConnectionState`: the
 * latter stays `disconnected` while the connection has failed.
 */
import type { Clock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import type { ProviderSignal } from '../health/verdict.js'
import type { ConnectionCore } from './connection-core.js'
import type { JoinRequest } from './provider.js'

/** Makes a peer connection; a seam for tests. */
export type PeerConnectionFactory = (configuration: RTCConfiguration) => RTCPeerConnection

/** Whom a peer connection serves; {@link ProviderSignal} of type `ice` carries it. */
export type PeerConnectionRole = 'send' | 'recv' | 'both'

/** Makes the browser's own; `provider-unsupported` where there is none. */
export const openPeerConnection: PeerConnectionFactory = (configuration) => {
  if (typeof RTCPeerConnection === 'undefined')
    throw new HoldfastError('provider-unsupported', { message: 'This environment has no RTCPeerConnection.' })
  return new RTCPeerConnection(configuration)
}

/** What a join request says of paths. */
export type IceOptions = Pick<JoinRequest, 'iceServers' | 'iceTransportPolicy'>

/** One transport for all m-lines: one ICE and one DTLS handshake instead of one per m-line. */
export function bundledConfiguration({ iceServers, iceTransportPolicy = 'all' }: IceOptions): RTCConfiguration {
  return { iceServers: [...iceServers], iceTransportPolicy, bundlePolicy: 'max-bundle' }
}

/** Tells every later `connectionState` until the scope aborts. */
export function watchState(
  pc: RTCPeerConnection,
  scope: AbortSignal,
  onState: (state: RTCPeerConnectionState) => void,
): void {
  pc.addEventListener('connectionstatechange', () => onState(pc.connectionState), { signal: scope })
}

/** The state of a peer connection as evidence about the provider. */
export function iceSignal(role: PeerConnectionRole, state: RTCPeerConnectionState): ProviderSignal {
  return { type: 'ice', role, state }
}

/**
 * Tells the state of a connection by the peer connection that sends for it, once it was up. One that is closed
 * under us has failed like any other: what is received may come back by itself, what we send does not.
 */
export function followSending(
  core: Pick<ConnectionCore, 'status' | 'toState'>,
  state: RTCPeerConnectionState,
): void {
  if (core.status.state === 'connecting') return
  if (state === 'connected') core.toState('connected')
  else if (state === 'disconnected') core.toState('reconnecting', { reason: 'ice' })
  else if (state === 'failed' || state === 'closed') core.toState('failed', { reason: 'ice' })
}

/**
 * Resolves when media can flow. Rejects with `provider-media` when the connection fails or is closed or is not
 * up after `limitMs`, and with the scope's reason when that aborts.
 */
export function whenConnected(
  pc: RTCPeerConnection,
  scope: AbortSignal,
  clock: Clock,
  limitMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController()
    const finish = (settle: () => void): void => {
      listening.abort()
      cancelTimer()
      settle()
    }
    const look = (): void => {
      if (pc.connectionState === 'connected') finish(resolve)
      else if (pc.connectionState === 'failed' || pc.connectionState === 'closed')
        finish(() => reject(new HoldfastError('provider-media', { details: { state: pc.connectionState } })))
    }
    const cancelTimer = clock.after(limitMs, () =>
      finish(() => reject(new HoldfastError('provider-media', { details: { limitMs } }))),
    )
    const { signal } = listening
    scope.addEventListener('abort', () => finish(() => reject(scope.reason)), { signal })
    pc.addEventListener('connectionstatechange', look, { signal })
    if (scope.aborted) finish(() => reject(scope.reason))
    else look()
  })
}

/** Resolves with an error when a connected peer connection fails or is closed, or with the scope's reason. */
export function whenFailed(
  pc: RTCPeerConnection,
  scope: AbortSignal,
  onState: (state: RTCPeerConnectionState) => void,
): Promise<unknown> {
  return new Promise((resolve) => {
    const listening = new AbortController()
    const finish = (reason: unknown): void => {
      listening.abort()
      resolve(reason)
    }
    const look = (): void => {
      onState(pc.connectionState)
      if (pc.connectionState === 'failed' || pc.connectionState === 'closed')
        finish(new HoldfastError('provider-media', { details: { state: pc.connectionState } }))
    }
    const { signal } = listening
    scope.addEventListener('abort', () => finish(scope.reason), { signal })
    pc.addEventListener('connectionstatechange', look, { signal })
    if (scope.aborted) finish(scope.reason)
  })
}
