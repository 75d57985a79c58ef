/**
 * Janus's videoroom plugin over WebSocket, in its multistream form (Janus 1.x): one peer connection for all that
 * we send and one for all that we receive. Needs no client package. Joining negotiates silent m-lines first, so
 * a warm standby publishes by `replaceTrack` alone.
 *
 * @example
 * ```ts
 * janus({ id: 'oslo', url: 'wss://janus.example.org', create: true })
 * ```
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { attemptConnect } from './connect-attempt.js'
import { startConnection } from './janus/connection.js'
import { DATA_MAX_BYTES } from './janus/data.js'
import { type JanusOptions, janusSettings } from './janus/settings.js'
import { openPeerConnection, type PeerConnectionFactory } from './peer-connection.js'
import type { Capabilities, Provider } from './provider.js'

export { type JanusOptions, type JanusRoomId, numberedRoom } from './janus/settings.js'

/** What tests replace. @internal */
export interface JanusSeams {
  readonly clock?: Clock
  readonly openPeerConnection?: PeerConnectionFactory
  readonly openSocket?: (url: string, protocol: string) => WebSocket
}

const CAPABILITIES: Capabilities = {
  media: 'sendrecv',
  identity: 'native',
  concurrent: true,
  stats: 'rtc',
  data: { maxBytes: DATA_MAX_BYTES, isBinary: true, isDirect: false },
  iceRestart: true,
  keyFrame: 'sender',
  sendCap: 'bps',
  resubscribe: true,
  relayOnly: true,
  server: true,
}

/**
 * Makes a Janus provider; inert until connected. Throws `invalid-options` naming the field. Connecting rejects
 * with `provider-auth`, `-full`, `-rejected`, `-server`, `-network`, `-timeout` or `-media`.
 */
export function janus(options: JanusOptions): Provider
/** With what tests replace. @internal */
export function janus(options: JanusOptions, seams: JanusSeams): Provider
export function janus(options: JanusOptions, seams: JanusSeams = {}): Provider {
  const settings = janusSettings(options)
  const clock = seams.clock ?? systemClock()
  return {
    id: options.id,
    kind: 'janus',
    capabilities: CAPABILITIES,
    connect: (join) =>
      attemptConnect({
        signal: join.signal,
        limitMs: settings.connectTimeoutMs,
        clock,
        run: (scope) =>
          startConnection(
            {
              settings,
              clock,
              openPeerConnection: seams.openPeerConnection ?? openPeerConnection,
              openSocket: seams.openSocket ?? openSocket,
            },
            join,
            scope,
          ),
        discard: (late) => void late.leave(),
      }),
  }
}

function openSocket(url: string, protocol: string): WebSocket {
  if (typeof WebSocket === 'undefined')
    throw new HoldfastError('provider-unsupported', { message: 'This environment has no WebSocket.' })
  return new WebSocket(url, protocol)
}
