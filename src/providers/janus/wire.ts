/** A Janus session: handles on the videoroom plugin, and a keepalive that doubles as probe. */
import type { Clock } from '../../clock.js'
import { HoldfastError } from '../../errors.js'
import type { ProviderSignal } from '../../health/verdict.js'
import { type Exchange, openExchange } from './exchange.js'
import type { JanusMessage } from './messages.js'

/** What {@link openWire} needs. */
export interface WireOptions {
  readonly clock: Clock
  readonly openSocket: () => WebSocket
  readonly token: () => Promise<string | undefined>
  readonly onSignal: (signal: ProviderSignal) => void
  /** The socket closed without `close()`; Janus forgets the session with it. */
  readonly onLost: () => void
}

/** Something attached to the videoroom plugin. */
export interface Handle {
  /** Sends a request of the plugin; resolves to the event that answers it. Rejects with `provider-*`. */
  message(body: object, jsep?: RTCSessionDescriptionInit): Promise<JanusMessage>
  /** Sends a candidate, or with null that there are no more. */
  trickle(candidate: RTCIceCandidate | null): void
}

/** An open session. */
export interface Wire {
  /** Attaches a handle; what Janus says of it unasked goes to `onEvent`. */
  attach(onEvent: (message: JanusMessage) => void): Promise<Handle>
  probe(limitMs: number): Promise<boolean>
  /** Ends the session, which Janus tells the others at once, and closes the socket. */
  close(): Promise<void>
}

const PLUGIN = 'janus.plugin.videoroom'
/** Janus sends nothing unasked to an idle session: with the limit below a hang is known in 1.0 to 1.5 s. */
const KEEPALIVE_INTERVAL_MS = 500
const KEEPALIVE_LIMIT_MS = 1_000
/** Every answer comes from the server's memory; a bad mobile network needs 2 s. */
const REQUEST_LIMIT_MS = 5_000
/** A goodbye is worth this long; the end of the socket says the same. */
const GOODBYE_LIMIT_MS = 500
/** What a JSON number holds exactly is 2^53. */
const SESSION_ID_HIGH_MASK = 0xf_ffff
const TWO_TO_32 = 2 ** 32

/** Opens one. Rejects with `provider-network`, the server's refusal or the scope's reason. */
export async function openWire(options: WireOptions, scope: AbortSignal): Promise<Wire> {
  const handlers = new Map<number, (message: JanusMessage) => void>()
  let isClosing = false
  const opening = openExchange(
    {
      clock: options.clock,
      socket: options.openSocket(),
      onEvent: (message) => handlers.get(message.sender ?? 0)?.(message),
      onLost() {
        if (isClosing) return
        options.onSignal({ type: 'socket-closed' })
        options.onLost()
      },
    },
    scope,
  )
  const [exchange, token] = await bothOrNeither(opening, options.token())
  // Chosen here, so that `create` and `attach` travel together: one round trip less.
  const session: Address = { session_id: randomSessionId(), ...(token === undefined ? {} : { token }) }
  const { session_id: id, ...secret } = session
  const created = exchange.request({ janus: 'create', id, ...secret }, 'event', REQUEST_LIMIT_MS)
  created.catch(reportedByAttach)
  const probe = (limitMs: number): Promise<boolean> =>
    probeSession(exchange, session, options, limitMs, () => isClosing)
  keepAlive(options.clock, exchange, () => void probe(KEEPALIVE_LIMIT_MS))

  return {
    async attach(onEvent) {
      const request = { janus: 'attach', plugin: PLUGIN, ...session }
      const attaching = exchange.request(request, 'event', REQUEST_LIMIT_MS)
      attaching.catch(reportedByAttach)
      await created
      const handleId = (await attaching).data?.id
      if (handleId === undefined) throw new HoldfastError('provider-server')
      handlers.set(handleId, onEvent)
      return handleOf(exchange, { ...session, handle_id: handleId })
    },
    probe,
    async close() {
      if (isClosing) return
      isClosing = true
      try {
        await exchange.request({ janus: 'destroy', ...session }, 'ack', GOODBYE_LIMIT_MS)
      } catch {
        // Dead or hung: it forgets us when the socket is gone.
      }
      exchange.close()
    },
  }
}

/** What every request carries. */
interface Address {
  readonly session_id: number
  readonly handle_id?: number
  readonly token?: string
}

function handleOf(exchange: Exchange, address: Address): Handle {
  return {
    message: (body, jsep) =>
      exchange.request(
        { janus: 'message', ...address, body, ...(jsep ? { jsep } : {}) },
        'event',
        REQUEST_LIMIT_MS,
      ),
    trickle: (candidate) =>
      exchange.send({
        janus: 'trickle',
        ...address,
        transaction: 'trickle',
        candidate: candidate?.toJSON() ?? { completed: true },
      }),
  }
}

async function probeSession(
  exchange: Exchange,
  session: Address,
  { clock, onSignal }: WireOptions,
  limitMs: number,
  isClosing: () => boolean,
): Promise<boolean> {
  const startedAt = clock.now()
  try {
    await exchange.request({ janus: 'keepalive', ...session }, 'ack', limitMs)
  } catch {
    // Not in time, or the socket is gone: both mean that nothing answered.
    if (!isClosing()) onSignal({ type: 'probe-timeout', limitMs })
    return false
  }
  onSignal({ type: 'probe-answered', rttMs: clock.now() - startedAt })
  return true
}

/** Probes for as long as the socket is open. */
function keepAlive(clock: Clock, exchange: Exchange, probe: () => void): void {
  clock.after(KEEPALIVE_INTERVAL_MS, () => {
    if (!exchange.isOpen) return
    probe()
    keepAlive(clock, exchange, probe)
  })
}

/** A token that cannot be had closes the socket again. */
async function bothOrNeither(
  opening: Promise<Exchange>,
  token: Promise<string | undefined>,
): Promise<[Exchange, string | undefined]> {
  try {
    return await Promise.all([opening, token])
  } catch (error) {
    void opening.then((exchange) => exchange.close()).catch(reportedByAttach)
    throw error
  }
}

function randomSessionId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high & SESSION_ID_HIGH_MASK) * TWO_TO_32 + low + 1
}

function reportedByAttach(): void {
  // Whoever awaits the other end of this promise rejects with the same error.
}
