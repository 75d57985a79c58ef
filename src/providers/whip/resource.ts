/**
 * The HTTP half of WHIP (RFC 9725) and WHEP: an offer is posted, 201 brings the answer and the address of the
 * resource, DELETE ends it. Redirects are followed by fetch itself (307 and 308 keep method and body). Every
 * status is mapped to a Holdfast error; neither tokens nor SDP nor addresses enter it.
 */
import type { Clock } from '../../clock.js'
import { type ErrorCode, HoldfastError } from '../../errors.js'

/** How requests are made. */
export interface HttpSeat {
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** The token for the server; `isRenewal` after one was refused. */
  readonly bearer: (isRenewal: boolean) => Promise<string | undefined>
}

/** A session that the server keeps for us. */
export interface SdpResource {
  readonly answer: string
  /** Changes the session: trickled candidates or an ICE restart (`application/trickle-ice-sdpfrag`). */
  patch(fragment: string): Promise<string>
  /** Ends the session; idempotent; never rejects: a server that cannot be told finds out by itself. */
  remove(): Promise<void>
}

/** Longer waits than this are the caller's to decide on: another provider is there sooner. */
const RETRY_AFTER_MAX_MS = 2_000
/** What is asked again by itself waits no longer, whatever a server says: a typing error there must not end a call. */
const PATIENCE_MAX_MS = 60_000
/** A server that asks for patience twice is not ready. */
const POSTS_MAX = 2
/** An answer for four m-lines has about 8,000 characters. */
const ANSWER_MAX_CHARS = 256_000

/**
 * Posts an offer. Rejects with `provider-auth`, `-token-expired`, `-full`, `-rejected`, `-server`, `-network`
 * (details: `status`, `retryAfterMs`), or with the signal's reason. If the signal aborts while the server
 * works on the offer, the resource is removed as soon as its address is known. `onPosted` is called when the request
 * is on its way.
 */
export async function postOffer(
  seat: HttpSeat,
  url: URL,
  offer: string,
  signal: AbortSignal,
  onPosted?: () => void,
): Promise<SdpResource> {
  for (let post = 1, isRenewal = false; ; post += 1) {
    const token: string | undefined = await abortable(seat.bearer(isRenewal), signal)
    signal.throwIfAborted()
    const outcome = sendOffer(seat, url, offer, token)
    onPosted?.()
    try {
      return await abortable(outcome, signal)
    } catch (error) {
      if (signal.aborted) {
        void outcome.then((late) => late.remove()).catch(ignoreLateRefusal)
        throw signal.reason
      }
      const waitMs = patienceOf(error)
      isRenewal = error instanceof HoldfastError && error.details.status === 401 && token !== undefined
      if (post >= POSTS_MAX || (waitMs === null && !isRenewal)) throw error
      if (waitMs !== null) await pause(seat.clock, waitMs, signal)
    }
  }
}

/** Whether a refusal means "no such publisher yet": worth asking again soon. */
export function isNotYetThere(error: unknown): boolean {
  const status = error instanceof HoldfastError ? error.details.status : undefined
  return status === 404 || status === 409 || status === 425
}

/** Waits; rejects with the signal's reason when that aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return abortable(
    new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, () => {
        signal.removeEventListener('abort', cancel)
        resolve()
      })
      signal.addEventListener('abort', cancel, { once: true })
    }),
    signal,
  )
}

/** The error for a status that is not a success; `wallNow` is for a Retry-After that is a date. */
function statusError(status: number, headers: Headers, wallNow: number): HoldfastError {
  const retryAfterMs = retryAfterOf(headers, wallNow)
  return new HoldfastError(codeOf(status, headers), {
    details: { status, ...(retryAfterMs === null ? {} : { retryAfterMs }) },
    ...(retryAfterMs === null ? {} : { retryable: true }),
  })
}

async function sendOffer(
  seat: HttpSeat,
  url: URL,
  offer: string,
  token: string | undefined,
): Promise<SdpResource> {
  const response = await request(seat, url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', accept: 'application/sdp', ...authorization(token) },
    body: offer,
  })
  const location = response.headers.get('location')
  // RFC 9725 section 4.2: the address may be relative, and counts from where the redirects ended.
  const address = location === null ? null : resourceAddress(location, response.url || url.href)
  const secret = address !== null && address.origin === url.origin ? token : undefined
  const etag = response.headers.get('etag')
  const remove = removal(seat, address, secret)
  try {
    const answer = await answerOf(response)
    return { answer, remove, patch: (fragment) => patch(seat, address, secret, etag, fragment) }
  } catch (error) {
    void remove()
    throw error
  }
}

async function request(seat: HttpSeat, url: URL, init: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await seat.fetch(url.href, { ...init, credentials: 'omit', referrerPolicy: 'no-referrer' })
  } catch (cause) {
    throw new HoldfastError('provider-network', { cause })
  }
  if (response.ok) return response
  void response.body?.cancel()
  throw statusError(response.status, response.headers, seat.clock.wallNow())
}

async function answerOf(response: Response): Promise<string> {
  let text: string
  try {
    text = await response.text()
  } catch (cause) {
    throw new HoldfastError('provider-network', { cause })
  }
  if (response.status !== 201 || text.length > ANSWER_MAX_CHARS || !text.startsWith('v=0'))
    throw new HoldfastError('provider-server', {
      message: 'The provider did not answer the offer with SDP.',
      details: { status: response.status },
    })
  return text
}

function removal(seat: HttpSeat, address: URL | null, token: string | undefined): () => Promise<void> {
  let removed: Promise<void> | null = null
  const remove = async (): Promise<void> => {
    if (address === null) return
    try {
      // keepalive: the request must outlive a page that is being closed.
      await request(seat, address, { method: 'DELETE', keepalive: true, headers: authorization(token) })
    } catch {
      // The server is gone or has forgotten us: either way there is nothing left to end.
    }
  }
  return () => {
    removed ??= remove()
    return removed
  }
}

async function patch(
  seat: HttpSeat,
  address: URL | null,
  token: string | undefined,
  etag: string | null,
  fragment: string,
): Promise<string> {
  if (address === null) throw new HoldfastError('provider-unsupported')
  const response = await request(seat, address, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/trickle-ice-sdpfrag',
      // RFC 9725 section 4.3.2: an ICE restart matches any session tag.
      'if-match': etag === null || fragment.includes('a=ice-ufrag') ? '*' : etag,
      ...authorization(token),
    },
    body: fragment,
  })
  return response.text()
}

function resourceAddress(location: string, base: string): URL | null {
  try {
    const address = new URL(location, base)
    return address.protocol === 'http:' || address.protocol === 'https:' ? address : null
  } catch {
    // An address that cannot be read cannot be deleted; the server's own time limit ends the session.
    return null
  }
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

function codeOf(status: number, headers: Headers): ErrorCode {
  if (status === 401 || status === 403)
    return /expired/i.test(headers.get('www-authenticate') ?? '') ? 'provider-token-expired' : 'provider-auth'
  if (status === 408) return 'provider-timeout'
  if (status === 429) return 'provider-full'
  return status >= 500 ? 'provider-server' : 'provider-rejected'
}

/** RFC 9110 section 10.2.3: seconds or a date, which is by the server's clock where the page may read it. */
function retryAfterOf(headers: Headers, wallNow: number): number | null {
  const text = headers.get('retry-after') ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const waitMs = Date.parse(text) - (Date.parse(headers.get('date') ?? '') || wallNow)
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null
}

/** How long the server asked to be left alone, and gets; 0 where it did not ask. */
export function askedForMs(error: unknown): number {
  const waitMs = error instanceof HoldfastError ? error.details.retryAfterMs : 0
  return Math.min(PATIENCE_MAX_MS, Number(waitMs ?? 0))
}

function patienceOf(error: unknown): number | null {
  const waitMs = error instanceof HoldfastError ? error.details.retryAfterMs : undefined
  return typeof waitMs === 'number' && waitMs <= RETRY_AFTER_MAX_MS ? waitMs : null
}

function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** For promises that end with a scope: there is nobody left to tell. */
export function ignoreAbort(): void {
  // The end of the scope is what was asked for.
}

function ignoreLateRefusal(): void {
  // The offer was refused after nobody waited for it any more: nothing to remove.
}
