/**
 * One entry of an admission, `1.<public key>.<token>`, read and judged: is it signed, by whom the app trusts,
 * for this room, for this key, and now? Never lets a token or what a check said about it into an error.
 */
import * as v from 'valibot'
import type { VoterId } from '../consensus/record.js'
import { type ErrorCode, HoldfastError, isHoldfastError } from '../errors.js'
import type { Json } from '../json.js'
import type { Admission, Auth } from './admission.js'
import { fromBase64Url, toBase64Url } from './base64.js'
import { voterOf } from './identity.js'

/** Why somebody is not admitted. */
export type AdmissionProblem = Extract<ErrorCode, `admission-${string}`>

/** What a token is judged against. */
export interface AdmissionBounds {
  readonly room: string
  readonly verify: Auth['verify']
  /** Wall-clock milliseconds since 1970. */
  readonly wallNow: number
}

/** The entry for a token; null when it is no compact JWT or longer than others would read. */
export function writeAdmission(publicKey: string, token: unknown): string | null {
  const entry = `1.${publicKey}.${String(token)}`
  return typeof token === 'string' && ENTRY.test(entry) ? entry : null
}

/** Judges what stands under a voter's key. Never throws. */
export async function readAdmission(
  voter: VoterId,
  value: unknown,
  bounds: AdmissionBounds,
): Promise<Admission | AdmissionProblem> {
  const [, publicKey, token] = (typeof value === 'string' && ENTRY.exec(value)) || []
  const raw = publicKey === undefined ? null : fromBase64Url(publicKey)
  if (raw === null || token === undefined) return 'admission-forged'
  if ((await voterOf(raw)) !== voter) return 'admission-wrong-key'
  const claims = await verifiedClaims(token, bounds.verify)
  if (typeof claims === 'string') return claims
  const { sub, room, exp, nbf, role, cnf } = claims
  if (typeof room === 'string' ? room !== bounds.room : !room.includes(bounds.room))
    return 'admission-wrong-room'
  if (cnf.jkt !== (await thumbprintOf(publicKey ?? ''))) return 'admission-wrong-key'
  const now = bounds.wallNow
  if (exp * 1000 + LEEWAY_MS <= now) return 'admission-expired'
  if (nbf !== undefined && nbf * 1000 - LEEWAY_MS > now) return 'admission-expired'
  return {
    participant: sub,
    role: role ?? null,
    expiresAtMs: exp * 1000,
    claims: claims as unknown as Record<string, Json>,
  }
}

/** RFC 7638 over the members of a P-256 key in their order; `publicKey` is raw, base64url. */
export async function thumbprintOf(publicKey: string): Promise<string> {
  const raw = fromBase64Url(publicKey)
  if (raw === null || raw.length !== 1 + 2 * COORDINATE_SIZE) return ''
  const x = toBase64Url(raw.subarray(1, 1 + COORDINATE_SIZE))
  const y = toBase64Url(raw.subarray(1 + COORDINATE_SIZE))
  const text = new TextEncoder().encode(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`)
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', text)))
}

async function verifiedClaims(
  token: string,
  verify: Auth['verify'],
): Promise<v.InferOutput<typeof CLAIMS> | AdmissionProblem> {
  let claims: unknown
  try {
    claims = await verify(token)
  } catch (error) {
    if (isHoldfastError(error) && error.code.startsWith('admission-')) return error.code as AdmissionProblem
    // Nothing is said of the token where jose is missing; else only a failure that says so may pass by itself.
    const isUnchecked = isHoldfastError(error) && (error.retryable || error.code === 'dependency-missing')
    return isUnchecked ? 'admission-unavailable' : 'admission-forged'
  }
  const parsed = v.safeParse(CLAIMS, claims)
  return parsed.success ? parsed.output : 'admission-forged'
}

/** The error of a refused own token, without the token. */
export function admissionError(problem: AdmissionProblem, voter: VoterId): HoldfastError {
  return new HoldfastError(problem, { details: { sender: voter } })
}

/** Wall clocks of people who are in one call differ by seconds, rarely by more. */
export const LEEWAY_MS = 60_000
/** Of a P-256 point, RFC 7518 section 6.2.1. */
const COORDINATE_SIZE = 32
/** A token with a page of claims; it stands in the document once for each voter. */
const ENTRY = /^1\.([\w-]{87})\.([\w-]{1,512}\.[\w-]{1,2048}\.[\w-]{1,512})$/

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const seconds = v.pipe(v.number(), v.finite())
const CLAIMS = v.looseObject({
  sub: text,
  room: v.union([text, v.pipe(v.array(text), v.maxLength(32))]),
  exp: seconds,
  nbf: v.optional(seconds),
  role: v.optional(text),
  cnf: v.looseObject({ jkt: text }),
})
