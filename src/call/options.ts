/**
 * The border between the app and the call: options are checked here once, with a message that names the
 * field, and carry their defaults from here on.
 */
import * as v from 'valibot'
import type { Auth } from '../document/admission.js'
import type { MakeYjsProvider } from '../document/yjs-link.js'
import { HoldfastError } from '../errors.js'
import type { Provider } from '../providers/provider.js'
import type { CallOptions, Logger } from './contract.js'
import type { RecoveryOptions } from './recovery-contract.js'
import { isRecovery, RECOVERY_RULE } from './recovery-options.js'
import { unknownThreshold } from './threshold-names.js'
import { type AskToken, watchTokens } from './token-expiry.js'

/** More providers than a person could name; the bitmap of a record has a bit for each. */
const PROVIDERS_MAX = 16
/** Names go into every register and presence; long ones would break the size budget. */
const ID_MAX_CHARS = 64
const ROOM_MAX_CHARS = 128
/** Two servers are redundancy; each link costs a copy of the document and of all traffic. */
const LINKS_MAX = 4

const ignore = (): void => undefined
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Options with every default filled in. */
export type ResolvedOptions = Required<
  Omit<CallOptions, 'auth' | 'health' | 'password' | 'workerUrl' | 'me' | 'token' | 'recovery'>
> & {
  readonly recovery: RecoveryOptions
  readonly auth: Auth | undefined
  readonly health: CallOptions['health']
  readonly me: { readonly id: string; readonly name: string }
  readonly token: AskToken
  readonly password: string | undefined
  readonly workerUrl: string | undefined
}

const isFunction = (value: unknown): value is (...values: never[]) => unknown => typeof value === 'function'

function isHealth(value: unknown): boolean {
  const isMap = (map: unknown): map is object => typeof map === 'object' && map !== null
  const thresholds = isMap(value) ? ((value as { thresholds?: unknown }).thresholds ?? {}) : null
  const isLimit = (bound: unknown): boolean => bound === null || Number.isFinite(bound)
  return (
    isMap(thresholds) &&
    Object.values(thresholds).every((one) => isMap(one) && Object.values(one).every(isLimit))
  )
}

const provider = v.custom<Provider>((value) => {
  const candidate = value as Partial<Provider> | null
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.id === 'string' &&
    /^[a-z0-9-]{1,24}$/.test(candidate.id) &&
    isFunction(candidate.connect) &&
    typeof candidate.capabilities === 'object'
  )
}, 'must be a provider such as mesh() whose id matches [a-z0-9-]{1,24}')

const signalingUrl = v.pipe(
  v.string('must be a WebSocket URL'),
  v.regex(/^wss?:\/\//, 'must be a ws:// or wss:// URL'),
)

const schema = v.looseObject(
  {
    room: v.pipe(
      v.string('must be a string'),
      v.minLength(1, 'must not be empty'),
      v.maxLength(ROOM_MAX_CHARS),
    ),
    me: v.looseObject(
      {
        id: v.pipe(
          v.string('must be a string'),
          v.minLength(1, 'must not be empty'),
          v.maxLength(ID_MAX_CHARS),
        ),
        name: v.optional(v.pipe(v.string('must be a string'), v.maxLength(ID_MAX_CHARS))),
      },
      'must be an object with an id',
    ),
    providers: v.pipe(
      v.array(provider, 'must be a list of providers'),
      v.minLength(1, 'must name at least one provider'),
      v.maxLength(PROVIDERS_MAX, `must name at most ${PROVIDERS_MAX} providers`),
      v.check((list) => new Set(list.map((one) => one.id)).size === list.length, 'must not repeat an id'),
    ),
    signaling: v.array(signalingUrl, 'must be a list of WebSocket URLs'),
    links: v.optional(
      v.pipe(
        v.array(
          v.custom<MakeYjsProvider>(isFunction, 'must be a function that makes a Yjs provider'),
          'must be a list of functions',
        ),
        v.maxLength(LINKS_MAX, `must have at most ${LINKS_MAX} entries`),
      ),
    ),
    iceServers: v.optional(v.array(v.looseObject({}, 'must be an object'), 'must be a list of RTCIceServer')),
    token: v.optional(v.custom<CallOptions['token']>(isFunction, 'must be a function')),
    standby: v.optional(v.picklist(['cold', 'warm', 'hot'], 'must be cold, warm or hot')),
    automatic: v.optional(v.boolean('must be true or false')),
    keepSeat: v.optional(v.boolean('must be true or false')),
    learning: v.optional(v.boolean('must be true or false')),
    auth: v.optional(
      v.custom<Auth>(
        (value) => isFunction((value as Auth | null)?.token) && isFunction((value as Auth | null)?.verify),
        'must have the functions token and verify (docs/security.md)',
      ),
    ),
    password: v.optional(v.pipe(v.string('must be a string'), v.minLength(1, 'must not be empty'))),
    worker: v.optional(v.picklist(['auto', 'main'], 'must be auto or main')),
    workerUrl: v.optional(v.string('must be a string')),
    history: v.optional(v.picklist(['indexeddb', 'memory'], 'must be indexeddb or memory')),
    health: v.optional(
      v.custom<CallOptions['health']>(isHealth, 'must have thresholds: numbers or null by kind of alert'),
    ),
    recovery: v.optional(v.custom<RecoveryOptions>(isRecovery, RECOVERY_RULE)),
    development: v.optional(v.boolean('must be true or false')),
    logger: v.optional(
      v.custom<Logger>(
        (value) =>
          typeof value === 'object' &&
          value !== null &&
          ['debug', 'info', 'warn', 'error'].every((name) =>
            isFunction((value as Record<string, unknown>)[name]),
          ),
        'must have debug, info, warn and error',
      ),
    ),
  },
  'is missing',
)

/**
 * Checks a new list of signaling servers.
 *
 * @throws HoldfastError `invalid-options`.
 */
export function resolveSignaling(urls: readonly string[]): readonly string[] {
  const result = v.safeParse(schema.entries.signaling, urls)
  if (!result.success) throw refused('signaling', result.issues[0].message)
  return [...urls]
}

/**
 * Checks options and fills in defaults.
 *
 * @throws HoldfastError `invalid-options`; the message and `details.field` name the field.
 */
export function resolveOptions(options: CallOptions): ResolvedOptions {
  const result = v.safeParse(schema, options)
  if (!result.success) {
    const issue = result.issues[0]
    throw refused(v.getDotPath(issue) ?? 'options', issue.message)
  }
  if (options.signaling.length + (options.links?.length ?? 0) === 0)
    throw refused('signaling', 'must name at least one signaling server')
  const threshold = unknownThreshold(options.health?.thresholds)
  if (threshold !== null) throw refused(`health.thresholds.${threshold}`, 'is not a limit that exists')
  return {
    room: options.room,
    me: { id: options.me.id, name: options.me.name ?? options.me.id },
    providers: [...options.providers],
    signaling: [...options.signaling],
    links: [...(options.links ?? [])],
    // No default servers: a public STUN server would learn who calls whom without anybody's consent.
    iceServers: options.iceServers ?? [],
    token: watchTokens(options.token ?? (async () => undefined)),
    // A silent connection costs a few packets a second and saves the connect time of a cold switch.
    standby: options.standby ?? 'warm',
    automatic: options.automatic ?? true,
    // Costs nothing while the call runs: the seat is written down when the page goes and not before.
    keepSeat: options.keepSeat ?? true,
    // A few counts in memory; what it chooses is never worse than the fixed order by more than an experiment.
    learning: options.learning ?? true,
    auth: options.auth,
    health: options.health,
    recovery: options.recovery ?? {},
    password: options.password,
    worker: options.worker ?? 'auto',
    workerUrl: options.workerUrl,
    history: options.history ?? 'indexeddb',
    development: options.development ?? false,
    logger: options.logger ?? silent,
  }
}

function refused(field: string, message: string): HoldfastError {
  return new HoldfastError('invalid-options', { message: `Option "${field}" ${message}.`, details: { field } })
}
