/**
 * Whether anybody is at home at a signaling server's address, asked over plain HTTP. Chromium holds back the
 * WebSockets of a page of which a dozen have failed within a few minutes, by up to five seconds each; requests are
 * not held back.
 */
import type { Clock } from '../clock.js'

/** Resolves to whether anything answered, whatever it said; never rejects. */
export async function answersKnock(url: string, clock: Clock): Promise<boolean> {
  const { protocol, host } = new URL(url)
  const limit = new AbortController()
  const cancel = clock.after(KNOCK_MAX_MS, () => limit.abort())
  try {
    // No path and no query: a token must not end up in another log.
    await fetch(`${protocol === 'wss:' ? 'https:' : 'http:'}//${host}/`, {
      ...{ method: 'HEAD', mode: 'no-cors', cache: 'no-store', credentials: 'omit' },
      signal: limit.signal,
    })
    return true
  } catch {
    // Refused, unreachable, too slow, or forbidden by the page's policy: the pace of sockets stays as it is.
    return false
  } finally {
    cancel()
  }
}

/** Time for a lost SYN to be repeated once. */
const KNOCK_MAX_MS = 2500
