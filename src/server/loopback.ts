/**
 * Who may talk to a server, by origin. A server on loopback is still reachable from every website the
 * developer has open: a page may post to 127.0.0.1, and DNS rebinding makes that same-origin. Both are told
 * from an honest page by the `Origin` and the `Host` header. Programs other than browsers send no `Origin`.
 */
import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'

/** Which pages may use a server. */
export interface AccessPolicy {
  /** Address the server listens on. */
  readonly host: string
  /** Further origins to accept, e.g. `https://app.example`; `*` accepts all, `null` accepts pages from files. */
  readonly allowOrigins: readonly string[]
}

/** The address that every server binds to unless told otherwise. */
export const LOOPBACK_HOST = '127.0.0.1'

/** True for names and addresses that never leave the machine. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/^::ffff:/, '')
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'))
}

/** True when this request may be served. */
export function isAllowed(request: IncomingMessage, policy: AccessPolicy): boolean {
  const { host, origin } = request.headers
  if (isLoopback(policy.host) && (host === undefined || !isLoopback(hostnameOf(`http://${host}`)))) return false
  return origin === undefined || isAllowedOrigin(origin, policy)
}

/** True when the request came from this machine, whatever it claims. */
export function isFromLoopback(request: IncomingMessage): boolean {
  return isLoopback(request.socket.remoteAddress ?? '')
}

function isAllowedOrigin(origin: string, policy: AccessPolicy): boolean {
  if (policy.allowOrigins.includes('*') || policy.allowOrigins.includes(origin)) return true
  // Somebody who binds to a public address and names no origins runs a public server on purpose.
  if (!isLoopback(policy.host) && policy.allowOrigins.length === 0) return true
  return isLoopback(policy.host) && isLoopback(hostnameOf(origin))
}

function hostnameOf(address: string): string {
  try {
    return new URL(address).hostname
  } catch {
    // Not an address at all (the origin `null`, a malformed Host): belongs to nobody we know.
    return ''
  }
}
