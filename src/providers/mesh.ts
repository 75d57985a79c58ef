/**
 * Media straight between participants, without a server: one simple-peer link to everybody listed in the
 * directory, signaled over the room's channel. There is nothing here that could die for all, so the status
 * stays `connected`; a participant who cannot be reached is absent, and is tried again while listed.
 *
 * `connect()` resolves when everybody listed at that moment is linked, or after a bounded wait: nobody is
 * held up by one dead entry.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { createAnnouncements } from './announcements.js'
import { attemptConnect } from './connect-attempt.js'
import { openMesh } from './mesh/connection.js'
import type { SimplePeerClass } from './mesh/peer-link.js'
import type { Capabilities, Provider } from './provider.js'

/** Options of {@link mesh}. */
export interface MeshOptions {
  /** Same on every participant. Default `mesh`. */
  readonly id?: string
  /** One attempt at one link; then the next begins. Default 8 s. */
  readonly connectTimeoutMs?: number
  /** How long `connect()` waits for those already there. Default 3 s. */
  readonly readyTimeoutMs?: number
  /** Default: the platform's clock. */
  readonly clock?: Clock
}

/** ICE over TURN needs a few seconds; Chromium itself gives up after about 15. */
const CONNECT_TIMEOUT_MS = 8_000

/** A healthy link is up in well under a second; whoever needs longer comes as an event. */
const READY_TIMEOUT_MS = 3_000

/** Loading simple-peer, then the wait above; beyond it something is broken. */
const LOAD_LIMIT_MS = 7_000

/** Safe in one data channel message between all browsers. */
const DATA_MAX_BYTES = 16_384

const CAPABILITIES: Capabilities = {
  media: 'sendrecv',
  identity: 'native',
  concurrent: true,
  stats: 'rtc',
  data: { maxBytes: DATA_MAX_BYTES, isBinary: true, isDirect: true },
  iceRestart: true,
  keyFrame: 'sender',
  sendCap: 'bps',
  resubscribe: true,
  relayOnly: true,
  server: false,
}

/**
 * Makes the adapter. simple-peer is loaded on `prepare()` or `connect()`.
 *
 * @example
 * ```ts
 * createCall({ providers: [whip({ ... }), mesh()], ... })
 * ```
 */
export function mesh(options: MeshOptions = {}): Provider {
  const clock = options.clock ?? systemClock()
  const readyTimeoutMs = options.readyTimeoutMs ?? READY_TIMEOUT_MS
  const announcements = createAnnouncements()
  return {
    id: options.id ?? 'mesh',
    kind: 'mesh',
    capabilities: CAPABILITIES,
    prepare: async () => void (await loadSimplePeer()),
    connect: (join) =>
      attemptConnect({
        signal: join.signal,
        limitMs: LOAD_LIMIT_MS + readyTimeoutMs,
        clock,
        run: async (scope) => {
          const Peer = await loadSimplePeer()
          scope.throwIfAborted()
          return openMesh({
            Peer,
            join,
            scope,
            clock,
            announcements,
            readyTimeoutMs,
            connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
            dataMaxBytes: DATA_MAX_BYTES,
          })
        },
        discard: (late) => void late.leave(),
      }),
  }
}

async function loadSimplePeer(): Promise<SimplePeerClass> {
  if (typeof RTCPeerConnection === 'undefined')
    throw new HoldfastError('provider-unsupported', { details: { missing: 'RTCPeerConnection' } })
  const module = await import('simple-peer/simplepeer.min.js')
  return module.default as SimplePeerClass
}
