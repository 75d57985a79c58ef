/**
 * When the tokens for providers run out, as far as they say so themselves: most are JWTs, whose `exp` anybody can
 * read. For the detector of tokens that run out; nothing is decided by it, so nothing is verified, and no token is kept.
 */

/** Asks the app for the token of a provider. */
export type AskToken = (providerId: string) => Promise<string | undefined>

/** The same function, noting when each token that it gives runs out. */
export function watchTokens(ask: AskToken): AskToken {
  const expiries = new Map<string, number>()
  const watched: AskToken = async (providerId) => {
    const token = await ask(providerId)
    const expiresAtMs = expiryOf(token)
    if (expiresAtMs === null) expiries.delete(providerId)
    else expiries.set(providerId, expiresAtMs)
    return token
  }
  EXPIRIES.set(watched, expiries)
  return watched
}

/** Wall-clock milliseconds at which the last token for this provider runs out; null for none, or for one that says nothing. */
export function tokenExpiresAtMs(watched: AskToken, providerId: string): number | null {
  return EXPIRIES.get(watched)?.get(providerId) ?? null
}

/** Claim `exp` of a compact JWT in milliseconds; null for anything else. Never throws. */
function expiryOf(token: unknown): number | null {
  const [, payload] = typeof token === 'string' && token.length <= TOKEN_MAX_CHARACTERS ? token.split('.') : []
  if (payload === undefined) return null
  try {
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      exp?: unknown
    } | null
    return typeof claims?.exp === 'number' ? claims.exp * 1_000 : null
  } catch {
    // Not a JWT: an opaque token says nothing of its end.
    return null
  }
}

/** Beside the function itself, so that everything that takes the app's `token` takes a watched one. */
const EXPIRIES = new WeakMap<AskToken, ReadonlyMap<string, number>>()
/** Longer ones are refused by the servers anyway. */
const TOKEN_MAX_CHARACTERS = 16_384
