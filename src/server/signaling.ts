/**
 * The signaling server for y-webrtc: clients subscribe to topics and what one publishes goes to all subscribers
 * of the topic, the sender included (stock clients rely on the echo being harmless). It keeps nothing.
 *
 * Made for the open internet: tokens say who may use which room, what cannot be understood or is too much closes
 * that client's socket with a code, several processes share rooms over a bus. docs/operations.md says how to run it.
 */
import type { WebSocket } from 'ws'
import { loadPrometheus, loadWebSockets } from './dependencies.js'
import { type Listening, listen, Refusal, replyJson } from './http.js'
import { createAdmission } from './signaling/admission.js'
import { memoryBus, type SignalingBus } from './signaling/bus.js'
import { type Client, openClient } from './signaling/client.js'
import { sayGoodbye } from './signaling/drain.js'
import { createMetrics, type Metrics } from './signaling/metrics.js'
import { type ResolvedSignaling, resolveSignaling, type SignalingOptions } from './signaling/options.js'
import { createTokenCheck, openHouse } from './signaling/room-tokens.js'
import { createTally, type Tally } from './signaling/tally.js'
import { createTopics } from './signaling/topics.js'
import { queuedBytes, startUpkeep } from './signaling/upkeep.js'

/** A running signaling server. */
export interface SignalingServer {
  /** `ws://host:port`. */
  readonly url: string
  readonly port: number
  /** Ends everything at once, as a crash would. */
  close(): Promise<void>
  /** Takes no more clients, tells those it has to connect elsewhere, then closes. */
  drain(): Promise<void>
}

/** Answer of `GET /healthz`; with status 503 while draining, so that a load balancer looks elsewhere. */
export interface SignalingHealth {
  readonly status: 'ok' | 'draining'
  /** A lost bus is told and no reason to be taken out: the process still serves its own rooms. */
  readonly bus: 'none' | 'up' | 'down'
  readonly clients: number
  readonly topics: number
}

/** Requests and sockets that are being closed need a descriptor too. */
const CONNECTIONS_BESIDE_CLIENTS = 200
/** A connection that has not said what it wants by then is held open by somebody who wants nothing. */
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Starts a signaling server.
 *
 * @throws HoldfastError `invalid-options`, or `dependency-missing` for a package that an option needs; otherwise
 * the error of listening.
 */
export async function startSignaling(options: SignalingOptions = {}): Promise<SignalingServer> {
  const settings = resolveSignaling(options)
  const [webSockets, checkToken, prometheus] = await Promise.all([
    loadWebSockets(),
    settings.tokens === null ? openHouse : createTokenCheck(settings.tokens),
    settings.hasMetrics ? loadPrometheus() : null,
  ])
  const exchange = await openExchange(settings)
  try {
    const metrics = prometheus === null ? null : createMetrics(prometheus, exchange)
    const http = await serveHttp(exchange, settings, metrics)
    const { limits, journal } = settings
    http.server.on(
      'upgrade',
      createAdmission(webSockets, { ...exchange, ...limits, policy: settings, journal, checkToken }),
    )
    return running(http, exchange, settings)
  } catch (error) {
    await exchange.close()
    throw error
  }
}

/** The clients of this process and what they share. */
interface Exchange {
  readonly tally: Tally
  readonly clients: () => number
  readonly topics: () => number
  readonly sockets: () => number
  readonly queuedBytes: () => number
  readonly isDraining: () => boolean
  readonly admit: (socket: WebSocket, mayUse: (topic: string) => boolean) => void
  readonly drain: () => Promise<void>
  readonly close: () => Promise<void>
}

async function openExchange(settings: ResolvedSignaling): Promise<Exchange> {
  const { limits, journal, pingIntervalMs, drainMs } = settings
  const now = (): number => performance.now()
  const tally = createTally()
  const clients = new Set<Client>()
  const bus = await openBus(settings, tally)
  const topics = createTopics({ bus, limits, tally, now })
  const stopUpkeep = startUpkeep({ clients, queuesMaxBytes: limits.queuesMaxBytes, pingIntervalMs, now })
  let sockets = 0
  let isDraining = false
  return {
    tally,
    clients: () => clients.size,
    topics: () => topics.size,
    sockets: () => sockets,
    queuedBytes: () => queuedBytes(clients),
    isDraining: () => isDraining,
    admit(socket, mayUse) {
      sockets += 1
      tally.opened += 1
      const onEnd = (client: Client): void => void clients.delete(client)
      const onGone = (): void => {
        sockets -= 1
      }
      clients.add(
        openClient(socket, { topics, limits, pingIntervalMs, tally, journal, now, mayUse, onEnd, onGone }),
      )
    },
    async drain() {
      isDraining = true
      journal('info', 'draining', { clients: clients.size })
      await sayGoodbye(clients, () => sockets, drainMs)
    },
    async close() {
      stopUpkeep()
      for (const client of clients) client.terminate()
      await bus.close()
    },
  }
}

function openBus(settings: ResolvedSignaling, tally: Tally): Promise<SignalingBus> {
  const isAlone = settings.bus === null
  if (!isAlone) tally.isBusUp = false
  return (settings.bus ?? memoryBus())({
    onState(isUp, reason) {
      if (isAlone) return
      tally.isBusUp = isUp
      settings.journal(isUp ? 'info' : 'error', isUp ? 'bus-up' : 'bus-down', { reason })
    },
    onRoundTrip(ms) {
      tally.busRoundTripMs = ms
    },
    onDropped() {
      tally.dropped.bus += 1
    },
  })
}

async function serveHttp(
  exchange: Exchange,
  settings: ResolvedSignaling,
  metrics: Metrics | null,
): Promise<Listening> {
  const http = await listen(settings.port, settings, async (_request, response, url) => {
    if (url.pathname === '/healthz') {
      const health = healthOf(exchange)
      response.statusCode = health.status === 'ok' ? 200 : 503
      replyJson(response, health)
    } else if (url.pathname === '/metrics') {
      if (metrics === null) throw new Refusal(404, 'This server was started without metrics.')
      response.setHeader('content-type', metrics.contentType)
      response.end(await metrics.render())
    } else {
      // A person who opens the address in a browser gets a sign of life.
      response.setHeader('content-type', 'text/plain; charset=utf-8')
      response.end('holdfast signaling\n')
    }
  })
  http.server.headersTimeout = REQUEST_TIMEOUT_MS
  http.server.requestTimeout = REQUEST_TIMEOUT_MS
  http.server.maxConnections = settings.limits.clientsMax + CONNECTIONS_BESIDE_CLIENTS
  return http
}

function healthOf(exchange: Exchange): SignalingHealth {
  const { isBusUp } = exchange.tally
  return {
    status: exchange.isDraining() ? 'draining' : 'ok',
    bus: isBusUp === null ? 'none' : isBusUp ? 'up' : 'down',
    clients: exchange.clients(),
    topics: exchange.topics(),
  }
}

function running(http: Listening, exchange: Exchange, settings: ResolvedSignaling): SignalingServer {
  const url = `ws://${settings.host}:${http.port}`
  const { journal, tokens, allowOrigins, bus } = settings
  journal('info', 'listening', {
    url,
    tokens: tokens !== null,
    origins: allowOrigins.length > 0,
    bus: bus !== null,
  })
  const close = async (): Promise<void> => {
    await exchange.close()
    await http.close()
    journal('info', 'closed')
  }
  return {
    url,
    port: http.port,
    close,
    async drain() {
      await exchange.drain()
      await close()
    },
  }
}
