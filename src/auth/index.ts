/**
 * Checks admission tokens with jose: the `verify` of a call's `auth`. An entry of its own, so that only apps that
 * demand tokens load it. It checks the signature and the times; what the token was made for (person, room, key)
 * is checked by the call itself. jose is an optional package, so it is loaded when the first token is checked.
 */
import type { JSONWebKeySet, JWK, JWTPayload, JWTVerifyGetKey } from 'jose'
import { type ErrorCode, HoldfastError } from '../errors.js'

/** Who signs the tokens; exactly one of the three keys. */
export interface TokenTrust {
  /** Address of a JSON Web Key Set, or the set itself. Keys of an address may rotate. */
  readonly jwks?: string | JSONWebKeySet
  /** One public key: PEM (`BEGIN PUBLIC KEY`), JWK or CryptoKey. */
  readonly publicKey?: string | JWK | CryptoKey
  /**
   * A shared secret for HS256. Everybody who can check such a token can also make one, so a page that holds it
   * admits whom it likes: for tests and closed networks only.
   */
  readonly secret?: string
  /** What `iss` must be. Default: anything. */
  readonly issuer?: string
  /** What `aud` must be or hold. Default: anything. */
  readonly audience?: string
  /** Algorithm of a PEM key, and the only one accepted then. Default `ES256`. */
  readonly algorithm?: string
}

/** Claims of a genuine token. */
export type TokenClaims = Readonly<JWTPayload>

/**
 * Makes the `verify` of `auth`.
 *
 * It rejects with `admission-forged`, `admission-expired`, `admission-unavailable` when the keys cannot be had, or
 * `dependency-missing` with the install command where there is no jose.
 *
 * @throws HoldfastError `invalid-options` unless exactly one key is given.
 * @example
 * ```ts
 * const auth = {
 *   verify: verifyTokens({ jwks: 'https://app.example/keys.json' }),
 *   token: async (request) => (await fetch('/admit', { method: 'POST', body: JSON.stringify(request) })).text(),
 * }
 * ```
 */
export function verifyTokens(trust: TokenTrust): (token: string) => Promise<TokenClaims> {
  const given = [trust.jwks, trust.publicKey, trust.secret].filter((key) => key !== undefined)
  if (given.length !== 1)
    throw new HoldfastError('invalid-options', {
      message: 'verifyTokens: give one of jwks, publicKey and secret.',
      details: { field: 'auth' },
    })
  const algorithms = algorithmsOf(trust)
  const demands = {
    algorithms,
    requiredClaims: ['exp', 'sub', 'room', 'cnf'],
    clockTolerance: CLOCK_TOLERANCE_S,
    ...(trust.issuer === undefined ? {} : { issuer: trust.issuer }),
    ...(trust.audience === undefined ? {} : { audience: trust.audience }),
  }
  let key: Promise<CryptoKey | Uint8Array | JWTVerifyGetKey> | null = null
  return async (token) => {
    const { jwtVerify } = await loaded(import('jose/jwt/verify'))
    key ??= keyOf(trust)
    const source = await key.catch((error: unknown) => {
      // What could not be loaded now is tried again with the next token.
      key = null
      throw error
    })
    try {
      const { payload } =
        typeof source === 'function'
          ? await jwtVerify(token, source, demands)
          : await jwtVerify(token, source, demands)
      return payload
    } catch (error) {
      // What jose says of a token may quote its claims, so only the code goes on.
      throw new HoldfastError(problemOf(error, typeof trust.jwks === 'string'))
    }
  }
}

/** Parts of jose and not the whole: what is loaded only when it is needed, bundlers keep entire. */
async function loaded<Part>(part: Promise<Part>): Promise<Part> {
  try {
    return await part
  } catch (cause) {
    throw new HoldfastError('dependency-missing', {
      message: 'holdfast/auth needs the package "jose". Install it with: npm install jose',
      cause,
      details: { package: 'jose' },
    })
  }
}

async function keyOf(trust: TokenTrust): Promise<CryptoKey | Uint8Array | JWTVerifyGetKey> {
  const { jwks, publicKey, secret } = trust
  if (typeof jwks === 'string')
    return (await loaded(import('jose/jwks/remote'))).createRemoteJWKSet(new URL(jwks))
  if (jwks !== undefined) return (await loaded(import('jose/jwks/local'))).createLocalJWKSet(jwks)
  if (secret !== undefined) return new TextEncoder().encode(secret)
  if (publicKey === undefined || publicKey instanceof CryptoKey) return publicKey as CryptoKey
  const { importJWK, importSPKI } = await loaded(import('jose/key/import'))
  const algorithm = trust.algorithm ?? DEFAULT_ALGORITHM
  if (typeof publicKey === 'string') return importSPKI(publicKey, algorithm)
  return importJWK(publicKey, publicKey.alg ?? algorithm)
}

function algorithmsOf({ secret, publicKey, algorithm }: TokenTrust): string[] {
  if (secret !== undefined) return ['HS256']
  if (typeof publicKey === 'string') return [algorithm ?? DEFAULT_ALGORITHM]
  return KEY_ALGORITHMS
}

function problemOf(error: unknown, isRemote: boolean): ErrorCode {
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown }
  if (code === 'ERR_JWT_EXPIRED' || claim === 'nbf') return 'admission-expired'
  // Errors of the token carry these codes; those of fetching keys do not.
  const isTokens = /^ERR_(?:JWT|JWS|JOSE_(?!GENERIC)|JWKS_(?:NO|MULTIPLE)_MATCHING)/.test(String(code))
  return isTokens || !isRemote ? 'admission-forged' : 'admission-unavailable'
}

/** What WebCrypto has everywhere, with the shortest signatures. */
const DEFAULT_ALGORITHM = 'ES256'
/** Never those of shared secrets: a public key would be one. */
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
/** As long as the call's own leeway, which is the one that counts. */
const CLOCK_TOLERANCE_S = 60
