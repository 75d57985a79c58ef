/**
 * From an HTTP upgrade to a socket. Pages from elsewhere and requests while draining get an HTTP answer; what a
 * client of ours has to understand (token, room, full) is told by a close code, because browsers show scripts
 * no HTTP status of a failed WebSocket.
 *
 * The token comes as query parameter `token`, which stock y-webrtc can send, or as a subprotocol
 * `holdfast.token.…` beside `holdfast`, which access logs of proxies do not have. It is read here and kept nowhere.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { WebSocketModule } from '../dependencies.js'
import { type AccessPolicy, isAllowed } from '../loopback.js'
import { terminateLater } from './client.js'
import { CLOSE_TEXT, type CloseReason, SIGNALING_CLOSE } from './close-codes.js'
import type { Journal } from './journal.js'
import type { CheckToken } from './room-tokens.js'
import type { RefusalReason, Tally } from './tally.js'

/** What {@link createAdmission} needs. */
export interface AdmissionOptions {
  readonly policy: AccessPolicy
  readonly checkToken: CheckToken
  readonly messageMaxBytes: number
  readonly clientsMax: number
  readonly tally: Tally
  readonly journal: Journal
  readonly isDraining: () => boolean
  /** Sockets that are open or closing. */
  readonly sockets: () => number
  readonly admit: (socket: WebSocket, mayUse: (topic: string) => boolean) => void
}

/** Handles the `upgrade` event of an HTTP server. */
export type Admission = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** The subprotocol that is agreed on when a client offers any. */
export const SUBPROTOCOL = 'holdfast'
const TOKEN_PREFIX = `${SUBPROTOCOL}.token.`
/** A server that restarts is back by then; the clients' own backoff is longer. */
const RETRY_AFTER_S = 1
const ANSWERS: Readonly<Record<RefusalReason, string>> = {
  malformed: '400 Bad Request',
  origin: '403 Forbidden',
  draining: `503 Service Unavailable\r\nRetry-After: ${RETRY_AFTER_S}`,
}

/** Prepares admission. */
export function createAdmission({ WebSocketServer }: WebSocketModule, options: AdmissionOptions): Admission {
  const { policy, tally, clientsMax } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.messageMaxBytes,
    perMessageDeflate: false,
    autoPong: false,
    // The first offered one, ws's default, could be the token.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  let pending = 0
  return (request, socket, head) => {
    // Resets while the token is checked; ws listens for itself afterwards.
    const onError = (): void => void socket.destroy()
    socket.on('error', onError)
    const token = readToken(request)
    const refusal = options.isDraining()
      ? 'draining'
      : !isAllowed(request, policy)
        ? 'origin'
        : token === undefined
          ? 'malformed'
          : null
    if (refusal !== null) {
      tally.refused[refusal] += 1
      // HTTP sockets may stay half open, and nobody would close this one.
      socket.once('finish', () => socket.destroy())
      socket.end(`HTTP/1.1 ${ANSWERS[refusal]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    if (options.sockets() + pending >= clientsMax) {
      upgrade(server, request, socket, head, (opened) => turnAway(opened, 'full', options))
      return
    }
    pending += 1
    void options.checkToken(token ?? null).then((access) => {
      pending -= 1
      socket.off('error', onError)
      upgrade(server, request, socket, head, (opened) => {
        if (!access.isGranted) turnAway(opened, access.reason, options)
        else if (options.isDraining()) turnAway(opened, 'restart', options)
        else options.admit(opened, access.mayUse)
      })
    })
  }
}

function upgrade(
  server: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onOpen: (socket: WebSocket) => void,
): void {
  server.handleUpgrade(request, socket, head, onOpen)
}

function turnAway(socket: WebSocket, reason: CloseReason, { tally, journal }: AdmissionOptions): void {
  tally.closed[reason] += 1
  journal('warn', 'client-dismissed', { reason, code: SIGNALING_CLOSE[reason] })
  socket.on('error', () => socket.terminate())
  socket.close(SIGNALING_CLOSE[reason], CLOSE_TEXT[reason])
  terminateLater(socket)
}

/** Null without a token; undefined when the address is malformed. */
function readToken(request: IncomingMessage): string | null | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? []
  const own = offered.find((one) => one.startsWith(TOKEN_PREFIX))
  if (own !== undefined) return own.slice(TOKEN_PREFIX.length)
  try {
    return new URL(request.url ?? '/', 'http://localhost').searchParams.get('token')
  } catch {
    // Such as `//`: no client of ours writes that.
    return undefined
  }
}
