/** A Janus session: handles on the videoroom plugin, and a keepalive that doubles as probe. */
import type { Clock } from '../../clock.js'
import { HoldfastError } from '../../errors.js'
import type { ProviderSignal } from '../../health/verdict.js'
import { openExchange } from './exchange.js'
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
  const { clock, onSignal } = options
  const handlers = new Map<number, (message: JanusMessage) => void>()
  // Chosen here, so that `create` and `attach` travel together: one round trip less.
  const session = { session_id: randomSessionId() }
  let isClosing = false
  let cancelKeepalive: (() => void) | null = null
  const opening = openExchange(
    {
      clock,
      socket: options.openSocket(),
      onEvent: (message) => handlers.get(message.sender ?? 0)?.(message),
      onLost() {
        cancelKeepalive?.()
        if (isClosing) return
        onSignal({ type: 'socket-closed' })
        options.onLost()
      },
    },
    scope,
  )
  const [exchange, token] = await Promise.all([opening, options.token()])
  const secret = token === undefined ? {} : { token }

  const probe = async (limitMs: number): Promise<boolean> => {
    const startedAt = clock.now()
    try {
      await exchange.request({ janus: 'keepalive', ...session, ...secret }, 'ack', limitMs)
    } catch {
      // Not in time, or the socket is gone: both mean that nothing answered.
      if (!isClosing) onSignal({ type: 'probe-timeout', limitMs })
      return false
    }
    onSignal({ type: 'probe-answered', rttMs: clock.now() - startedAt })
    return true
  }
  const keepAlive = (): void => {
    cancelKeepalive = clock.after(KEEPALIVE_INTERVAL_MS, () => {
      if (!exchange.isOpen) return
      void probe(KEEPALIVE_LIMIT_MS)
      keepAlive()
    })
  }

  const created = exchange.request(
    { janus: 'create', id: session.session_id, ...secret },
    'event',
    REQUEST_LIMIT_MS,
  )
  created.catch(reportedByAttach)
  keepAlive()

  return {
    async attach(onEvent) {
      const attaching = exchange.request(
        { janus: 'attach', plugin: PLUGIN, ...session, ...secret },
        'event',
        REQUEST_LIMIT_MS,
      )
      attaching.catch(reportedByAttach)
      await created
      const id = (await attaching).data?.id
      if (id === undefined) throw new HoldfastError('provider-server')
      handlers.set(id, onEvent)
      const address = { ...session, handle_id: id, ...secret }
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
    },
    probe,
    async close() {
      if (isClosing) return
      isClosing = true
      cancelKeepalive?.()
      try {
        await exchange.request({ janus: 'destroy', ...session, ...secret }, 'ack', GOODBYE_LIMIT_MS)
      } catch {
        // Dead or hung: it forgets us when the socket is gone.
      }
      exchange.close()
    },
  }
}

function randomSessionId(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high & SESSION_ID_HIGH_MASK) * TWO_TO_32 + low + 1
}

function reportedByAttach(): void {
  // `attach()` awaits this promise and rejects with the same error.
}
