/**
 * Whether anybody is at home at a signaling server's address, asked over plain HTTP. Chromium holds back the
 * WebSockets of a page of which a dozen have failed within a few minutes, by up to five seconds each; requests are
 * not held back.
 */
import type { Clock } from '../clock.js'

/** Resolves to whether anything answered, whatever it said; null where the page's policy forbids to ask. Never rejects. */
export async function answersKnock(url: string, clock: Clock): Promise<boolean | null> {
  const { protocol, host } = new URL(url)
  const policy = watchPolicy(host)
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
    // Refused, unreachable, too slow, or forbidden: why is only told by an event, which may come after the rejection.
    await new Promise<void>((resolve) => clock.after(REPORT_MAX_MS, resolve))
    return policy.hasForbidden() ? null : false
  } finally {
    cancel()
    policy.stop()
  }
}

/** Notices when the page's content security policy forbids requests to a host. */
function watchPolicy(host: string): { hasForbidden(): boolean; stop(): void } {
  let isForbidden = false
  const listen = (event: Event): void => {
    if ((event as SecurityPolicyViolationEvent).blockedURI?.includes(host)) isForbidden = true
  }
  const type = 'securitypolicyviolation'
  globalThis.addEventListener?.(type, listen)
  return { hasForbidden: () => isForbidden, stop: () => globalThis.removeEventListener?.(type, listen) }
}

/** Reports of violations are sent within the next tasks. */
const REPORT_MAX_MS = 50

/** Time for a lost SYN to be repeated once. */
const KNOCK_MAX_MS = 2500
