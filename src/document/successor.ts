/**
 * Who may speak for a voter after its page was refreshed: presence is unsigned, so a page shows the hash of the
 * session that its successor will have, and only who knows that session may take its place while it looks live.
 */
import { base64url, sha256 } from '../consensus/sha256.js'
import type { Presence } from './presence.js'

/** What a page shows of its successor's session. */
export function hashSession(session: string): string {
  return base64url(sha256(session).subarray(0, HASH_BYTES))
}

/** Whether the page with `session` may take the place of the page that is known. */
export function isSuccessor(known: Pick<Presence, 'next'>, session: string): boolean {
  return known.next !== undefined && known.next === hashSession(session)
}

/** 96 bits of a session that is as long; nobody searches that within seconds. */
const HASH_BYTES = 12
