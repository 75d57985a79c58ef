/**
 * Who may use which room: a signed token (JWT, RFC 7519) that the app's own server mints, with the rooms in the
 * claim `room`. It is looked at when a socket opens; an open socket outlives its token, because a call must not
 * end at a time that nobody chose.
 */
import { HoldfastError } from '../../errors.js'
import { type JoseModule, loadJose } from '../dependencies.js'
import { isLoopback } from '../loopback.js'

/** How tokens are checked: with a shared secret or with the public keys of whoever mints them. */
export interface TokenOptions {
  /** For HS256, HS384 and HS512; at least 32 bytes (RFC 7518 section 3.2). */
  readonly secret?: string
  /** `https:` address of a JSON Web Key Set; keys may rotate. Plain `http:` on loopback only. */
  readonly jwksUrl?: string
  /** What `iss` must be. Default: anything. */
  readonly issuer?: string
  /** What `aud` must be or hold. Default: anything. */
  readonly audience?: string
}

/** What a token is good for. */
export type Access =
  | { readonly isGranted: true; readonly mayUse: (topic: string) => boolean }
  /** `full`: the keys cannot be had just now. */
  | { readonly isGranted: false; readonly reason: 'tokenRefused' | 'full' }

/** Checks one token; never rejects. */
export type CheckToken = (token: string | null) => Promise<Access>

/** Lets everybody into every room. */
export const openHouse: CheckToken = async () => ({ isGranted: true, mayUse: () => true })

/** A shared secret that is shorter is guessed faster than the hash is broken. */
const SECRET_MIN_BYTES = 32
/** Clocks of two servers that both keep time. */
const CLOCK_TOLERANCE_S = 10
/** One page in several calls; longer lists make long URLs. */
const ROOMS_PER_TOKEN_MAX = 32
/** A token with a full list of rooms fits; more is not read. */
const TOKEN_MAX_CHARACTERS = 8_192
/** Beside y-webrtc's topic of a room: the one that Holdfast's own messages take, and one for each page behind it. */
const OWN_TOPIC_SUFFIX = /#holdfast(?:\/[\w-]{1,64})?$/

const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512']
/** Never the ones of shared secrets: a public key would be one. */
const KEY_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
]

/**
 * Prepares checking.
 *
 * @throws HoldfastError `invalid-options`, `dependency-missing`.
 */
export async function createTokenCheck(options: TokenOptions): Promise<CheckToken> {
  checkOptions(options)
  const jose = await loadJose()
  const verify = createVerifier(jose, options)
  return async (token) => {
    if (token === null || token.length > TOKEN_MAX_CHARACTERS) return REFUSED
    try {
      const rooms = roomsOf(await verify(token))
      if (rooms === null) return REFUSED
      return { isGranted: true, mayUse: (topic) => rooms.has(topic) || rooms.has(withoutSuffix(topic)) }
    } catch (error) {
      return isTokensFault(error) ? REFUSED : { isGranted: false, reason: 'full' }
    }
  }
}

const REFUSED: Access = { isGranted: false, reason: 'tokenRefused' }

function createVerifier(
  jose: JoseModule,
  { secret, jwksUrl, issuer, audience }: TokenOptions,
): (token: string) => Promise<unknown> {
  const demands = {
    clockTolerance: CLOCK_TOLERANCE_S,
    // A token without an end is a password that everybody who saw it keeps.
    requiredClaims: ['exp', 'room'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
  if (jwksUrl === undefined) {
    const key = new TextEncoder().encode(secret)
    return async (token) =>
      (await jose.jwtVerify(token, key, { ...demands, algorithms: SECRET_ALGORITHMS })).payload.room
  }
  const keys = jose.createRemoteJWKSet(new URL(jwksUrl))
  return async (token) =>
    (await jose.jwtVerify(token, keys, { ...demands, algorithms: KEY_ALGORITHMS })).payload.room
}

/** The claim is one room or a list of rooms, each meant exactly: no patterns. */
function roomsOf(claim: unknown): ReadonlySet<string> | null {
  const rooms: unknown[] = Array.isArray(claim) ? claim : [claim]
  const isSound = rooms.every((room) => typeof room === 'string' && room.length > 0)
  return isSound && rooms.length > 0 && rooms.length <= ROOMS_PER_TOKEN_MAX ? new Set(rooms as string[]) : null
}

function withoutSuffix(topic: string): string {
  return topic.replace(OWN_TOPIC_SUFFIX, '')
}

/** Errors of the token carry these codes; those of fetching keys do not. */
function isTokensFault(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code
  return (
    typeof code === 'string' &&
    /^ERR_(?:JWT|JWS|JOSE|JWKS_(?:NO|MULTIPLE)_MATCHING)/.test(code) &&
    code !== 'ERR_JOSE_GENERIC'
  )
}

function checkOptions({ secret, jwksUrl }: TokenOptions): void {
  const fail = (field: string, why: string): never => {
    throw new HoldfastError('invalid-options', { message: `Tokens: ${why}.`, details: { field } })
  }
  if ((secret === undefined) === (jwksUrl === undefined)) fail('tokens', 'give either a secret or a key set')
  if (secret !== undefined && new TextEncoder().encode(secret).length < SECRET_MIN_BYTES)
    fail('secret', `the secret must have at least ${SECRET_MIN_BYTES} bytes`)
  if (jwksUrl === undefined) return
  if (!URL.canParse(jwksUrl)) fail('jwksUrl', 'the key set must be a URL')
  const { protocol, hostname } = new URL(jwksUrl)
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    fail('jwksUrl', 'the key set must come over https')
}
