/** Tokens for the tests of admission: unsigned but for a word, so that a test says at a glance what is wrong. */
import type { AdmissionRequest, Auth } from '../../../src/document/admission.js'
import { HoldfastError } from '../../../src/errors.js'

/** Claims as an app would sign them, good until far in the future. */
export function claimsFor(request: AdmissionRequest, change: Readonly<Record<string, unknown>> = {}) {
  const { room, participant, thumbprint } = request
  return { sub: participant, room, cnf: { jkt: thumbprint }, exp: 9_999_999_999, ...change }
}

/** A token of the shape of a JWT; only those with the word `genuine` pass {@link verifyToken}. */
export function tokenOf(claims: unknown, signature = 'genuine'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.${signature}`
}

/** Stands in for a check of signatures. */
export function verifyToken(token: string): unknown {
  const [, payload = '', signature] = token.split('.')
  if (signature === 'offline') throw new HoldfastError('admission-unavailable')
  if (signature !== 'genuine') throw new Error(`bad signature of ${token}`)
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown
}

/** An app that admits everybody who asks, with these claims on top. */
export function authOf(change: Readonly<Record<string, unknown>> = {}, signature?: string): Auth {
  return { token: (request) => tokenOf(claimsFor(request, change), signature), verify: verifyToken }
}
