/**
 * WHIP and WHEP (RFC 9725 and its receiving draft): media over plain HTTP and WebRTC, with any server that
 * speaks them. The protocols know no participants: who publishes where is told through the call's directory.
 * Every connection negotiates silent m-lines first, so publishing later is `replaceTrack` alone and a warm
 * standby is one hop from live.
 *
 * @example
 * ```ts
 * whip({ id: 'east', url: 'https://east.example.org' })
 * ```
 */
import { type Clock, systemClock } from '../clock.js'
import { type Announcements, createAnnouncements } from './announcements.js'
import { attemptConnect } from './connect-attempt.js'
import { openPeerConnection, type PeerConnectionFactory } from './peer-connection.js'
import type { Capabilities, JoinRequest, Provider } from './provider.js'
import { startConnection } from './whip/connection.js'
import { placeAt, type WhipOptions, whipSettings } from './whip/settings.js'

export type { WhipOptions } from './whip/settings.js'

/** What tests replace. @internal */
export interface WhipSeams {
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  readonly openPeerConnection?: PeerConnectionFactory
  readonly freshName?: () => string
}

/**
 * Makes a WHIP provider; inert until connected. Throws `invalid-options` naming the field. Connecting rejects
 * with `provider-auth`, `-token-expired`, `-full`, `-rejected`, `-server`, `-network`, `-timeout` or `-media`.
 */
export function whip(options: WhipOptions): Provider
/** With what tests replace. @internal */
export function whip(options: WhipOptions, seams: WhipSeams): Provider
export function whip(options: WhipOptions, seams: WhipSeams = {}): Provider {
  const settings = whipSettings(options)
  const clock = seams.clock ?? systemClock()
  const announcements = new Map<string, Announcements>()
  const announcementsOf = (join: JoinRequest): Announcements => {
    // One adapter object may serve several calls of a page.
    const key = `${join.room}\n${join.peer}`
    const own = announcements.get(key) ?? createAnnouncements()
    announcements.set(key, own)
    return own
  }
  const capabilities: Capabilities = {
    media: 'sendrecv',
    identity: 'control-plane',
    concurrent: true,
    stats: 'rtc',
    data: null,
    iceRestart: settings.canRestartIce,
    keyFrame: 'sender',
    sendCap: 'bps',
    resubscribe: 'beside',
    relayOnly: true,
    server: true,
  }
  // Looked up at each call: nothing of the platform is touched before.
  const request: typeof fetch = (input, init) => (seams.fetch ?? globalThis.fetch)(input, init)

  return {
    id: options.id,
    kind: 'whip',
    capabilities,
    async prepare(signal) {
      const { healthUrl } = settings
      if (healthUrl === null) return
      const url = placeAt(healthUrl, { room: '', peer: '', stream: '' })
      try {
        const response = await request(url.href, { mode: 'no-cors', credentials: 'omit', signal })
        void response.body?.cancel()
      } catch {
        // Only warms DNS and TLS; connecting says what is wrong. An abort is the caller's own doing.
        signal.throwIfAborted()
      }
    },
    connect(join) {
      return attemptConnect({
        signal: join.signal,
        limitMs: settings.connectTimeoutMs,
        clock,
        run: (scope) =>
          startConnection(
            {
              settings,
              clock,
              fetch: request,
              announcements: announcementsOf(join),
              openPeerConnection: seams.openPeerConnection ?? openPeerConnection,
              freshName: seams.freshName ?? randomName,
            },
            join,
            scope,
          ),
        discard: (late) => void late.leave(),
      })
    },
  }
}

const NAME_BYTES = 6

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NAME_BYTES))
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}
