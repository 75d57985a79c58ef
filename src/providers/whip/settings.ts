/**
 * The options of the WHIP adapter: their defaults with the reason for each, their validation and the addresses
 * they stand for.
 */
import { HoldfastError } from '../../errors.js'

/** Options of {@link whip}. Either `url` or both templates are needed. */
export interface WhipOptions {
  /** Same on every participant: `[a-z0-9-]{1,24}`. */
  readonly id: string
  /**
   * Base address of a server that lays its routes out as `holdfast dev` does: `/whip/{room}/{stream}`,
   * `/whep/{room}/{stream}`, `/events/{room}`, `/health`. Any of them can be replaced below.
   */
  readonly url?: string
  /**
   * Where to publish. `{room}`, `{peer}` and `{stream}` are filled in; `{stream}` is fresh for each connection,
   * so that a repaired connection may live beside the old one.
   */
  readonly publishUrl?: string
  /** Where the others subscribe, with the same placeholders; told to them through the directory. */
  readonly subscribeUrl?: string
  /**
   * A stream that beats at least once a second: a WebSocket (`ws:`, the default below `url`, because browsers
   * allow only six HTTP/1.1 connections to one origin for all tabs together) or server-sent events (`http:`,
   * which can carry the token). `null`: the server has none and is asked every second instead.
   */
  readonly eventsUrl?: string | null
  /** Anything that answers a GET; `null`: the publishing address is asked with HEAD instead. */
  readonly healthUrl?: string | null
  /** Origins beside our own that the addresses of others may point to. Default: none. */
  readonly allowedOrigins?: readonly string[]
  /**
   * False for servers that need every candidate in the offer. Default true: the offer goes out at once; false in
   * Firefox with a server on loopback, which it never reaches of itself.
   */
  readonly trickle?: boolean
  /** The server restarts ICE by PATCH (RFC 9725 section 4.3.2). Default false: it is optional for servers. */
  readonly iceRestart?: boolean
  /** The whole of `connect()`. Default 10 s: a mobile network needs 2 to 4 s for ICE and DTLS with TURN. */
  readonly connectTimeoutMs?: number
}

/** The options with their defaults. */
export interface WhipSettings {
  readonly publishUrl: string
  readonly subscribeUrl: string
  readonly eventsUrl: string | null
  readonly healthUrl: string | null
  readonly allowedOrigins: readonly string[]
  readonly isTrickling: boolean
  readonly canRestartIce: boolean
  readonly connectTimeoutMs: number
}

/** What the placeholders of an address stand for. */
export interface Place {
  readonly room: string
  readonly peer: string
  readonly stream: string
}

const CONNECT_TIMEOUT_MS = 10_000
const PROVIDER_ID = /^[a-z0-9-]{1,24}$/
const WEB_PROTOCOLS: readonly string[] = ['http:', 'https:']
const STREAM_PROTOCOLS: readonly string[] = [...WEB_PROTOCOLS, 'ws:', 'wss:']

/** Checks the options; `invalid-options` names the field. */
export function whipSettings(options: WhipOptions): WhipSettings {
  if (!PROVIDER_ID.test(options.id)) throw invalid('id', 'must match [a-z0-9-]{1,24}')
  const base = options.url === undefined ? null : absolute('url', options.url).replace(/\/+$/, '')
  const template = (field: 'publishUrl' | 'subscribeUrl', route: string): string => {
    const given = options[field]
    if (given !== undefined) return absolute(field, given)
    if (base === null) throw invalid(field, 'is needed where there is no url')
    return `${base}${route}`
  }
  const optional = (field: 'eventsUrl' | 'healthUrl', fallback: string | null): string | null => {
    const given = options[field]
    if (given === undefined) return base === null ? null : fallback
    if (given === null) return null
    return absolute(field, given, field === 'eventsUrl' ? STREAM_PROTOCOLS : WEB_PROTOCOLS)
  }
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
  if (!(connectTimeoutMs > 0)) throw invalid('connectTimeoutMs', 'must be above 0')
  return {
    publishUrl: template('publishUrl', '/whip/{room}/{stream}'),
    subscribeUrl: template('subscribeUrl', '/whep/{room}/{stream}'),
    eventsUrl: optional('eventsUrl', `${base?.replace(/^http/, 'ws')}/events/{room}`),
    healthUrl: optional('healthUrl', `${base}/health`),
    allowedOrigins: (options.allowedOrigins ?? []).map(
      (origin) => new URL(absolute('allowedOrigins', origin)).origin,
    ),
    isTrickling: options.trickle ?? !isShyOf(options.publishUrl ?? options.url ?? ''),
    canRestartIce: options.iceRestart ?? false,
    connectTimeoutMs,
  }
}

/** Fills an address in. */
export function placeAt(template: string, place: Place): URL {
  const filled = template.replace(/\{(room|peer|stream)\}/g, (_, name: keyof Place) =>
    encodeURIComponent(place[name]),
  )
  return new URL(filled)
}

/** Firefox pairs none of its own addresses with a loopback one, unless that one asks first. */
function isShyOf(url: string): boolean {
  return /\/\/(localhost|127\.)/.test(url) && /Firefox/.test(String(globalThis.navigator?.userAgent))
}

function absolute(field: keyof WhipOptions, value: string, protocols = WEB_PROTOCOLS): string {
  const isAddress = URL.canParse(value) && protocols.includes(new URL(value).protocol)
  if (isAddress) return value
  throw invalid(field, `must be an absolute address (${protocols.join(' ')})`)
}

function invalid(field: string, message: string): HoldfastError {
  return new HoldfastError('invalid-options', {
    message: `whip: ${field} ${message}.`,
    details: { field },
  })
}
