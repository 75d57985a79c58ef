/**
 * A small SFU that speaks WHIP (RFC 9725) and WHEP: every participant publishes once and subscribes to each
 * of the others; packets are passed on as they are. Made for demos and tests on one machine: no transcoding,
 * no simulcast, no trickle, no TURN.
 */
import { loadWebSockets, loadWerift } from '../dependencies.js'
import { listen } from '../http.js'
import { SFU_LIMITS } from '../limits.js'
import { type AccessPolicy, isAllowed, LOOPBACK_HOST } from '../loopback.js'
import { createRooms, type Rooms } from './rooms.js'
import { createRoutes } from './routes.js'
import { warmUp } from './warm-up.js'

/** Options of {@link startSfu}. */
export interface SfuOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** Origins beside loopback pages. */
  readonly allowOrigins?: readonly string[]
  /** How long a browser may be silent before its sessions are dropped. Default 10 s: four missed ICE checks. */
  readonly silenceLimitMs?: number
}

/** A running SFU. */
export interface Sfu {
  /** `http://127.0.0.1:port`; `whip/{room}/{peer}`, `whep/...` and `events/{room}` are below it. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

const SILENCE_LIMIT_MS = 10_000
const HEARTBEAT_INTERVAL_MS = 1_000

/** Starts an SFU in this process; rejects with `dependency-missing`, or with the listen error. */
export async function startSfu(options: SfuOptions = {}): Promise<Sfu> {
  const [werift, { WebSocketServer }] = await Promise.all([loadWerift(), loadWebSockets()])
  const policy: AccessPolicy = { host: LOOPBACK_HOST, allowOrigins: options.allowOrigins ?? [] }
  const rooms = createRooms(werift)
  await warmUp(werift)
  const routes = createRoutes(rooms)
  const http = await listen(options.port ?? 0, policy, routes.handle)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: SFU_LIMITS.nameMaxLength })
  http.server.on('upgrade', (request, socket, head) => {
    const room = isAllowed(request, policy) ? routes.eventRoom(request) : undefined
    if (room === undefined) socket.destroy()
    else
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        room().events.addWebSocket(webSocket, room().publishers),
      )
  })
  const stopBeat = beat(rooms, options.silenceLimitMs ?? SILENCE_LIMIT_MS)
  return {
    url: `http://${LOOPBACK_HOST}:${http.port}`,
    port: http.port,
    async close() {
      stopBeat()
      for (const room of rooms.all.values()) room.close()
      await http.close()
    },
  }
}

/**
 * Sends the heartbeat and drops who is silent. Silence is counted in beats, not by the clock: a process that
 * was stopped and continued has heard nobody, and must not drop everybody for it.
 */
function beat(rooms: Rooms, silenceLimitMs: number): () => void {
  const beatsMax = Math.ceil(silenceLimitMs / HEARTBEAT_INTERVAL_MS)
  const silentBeats = new WeakMap<object, number>()
  const timer = setInterval(() => {
    for (const room of [...rooms.all.values()]) {
      room.events.tell('heartbeat', {})
      for (const connection of room.connections) {
        const beats = connection.wasHeard() ? 0 : (silentBeats.get(connection) ?? 0) + 1
        silentBeats.set(connection, beats)
        if (beats >= beatsMax) connection.close()
      }
    }
  }, HEARTBEAT_INTERVAL_MS)
  return () => clearInterval(timer)
}
