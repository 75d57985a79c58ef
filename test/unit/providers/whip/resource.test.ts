import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/clock.js'
import { askedForMs, type HttpSeat, isNotYetThere, postOffer } from '../../../../src/providers/whip/resource.js'

const URL_OF_ADA = new URL('https://sfu.example/whip/room/ada.1')
const ANSWER = 'v=0\r\n'

interface Call {
  readonly method: string
  readonly url: string
  readonly headers: Headers
}

type Reply = () => Response | Promise<Response>

function serve(...replies: Reply[]): { seat: HttpSeat; calls: Call[]; renewals: () => number } {
  const calls: Call[] = []
  let renewals = 0
  const request: typeof fetch = (input, init) => {
    calls.push({ method: init?.method ?? 'GET', url: String(input), headers: new Headers(init?.headers) })
    const reply = replies.shift() ?? (() => new Response(null, { status: 200 }))
    return Promise.resolve(reply())
  }
  const bearer = async (isRenewal: boolean): Promise<string> => {
    if (isRenewal) renewals += 1
    return isRenewal ? 'second' : 'first'
  }
  return { seat: { fetch: request, clock: systemClock(), bearer }, calls, renewals: () => renewals }
}

const created =
  (location: string): Reply =>
  () =>
    new Response(ANSWER, { status: 201, headers: { location, 'content-type': 'application/sdp' } })
const refused =
  (status: number, headers: Record<string, string> = {}): Reply =>
  () =>
    new Response('a reason', { status, headers })
const signal = (): AbortSignal => new AbortController().signal
const post = (seat: HttpSeat, scope = signal()) => postOffer(seat, URL_OF_ADA, 'v=0 offer', scope)

describe('an offer posted over WHIP', () => {
  it('is answered, and its relative location is where the session is ended, with the token, once', async () => {
    const { seat, calls } = serve(created('/whip/room/ada.1/s1'))
    const resource = await post(seat)
    expect(resource.answer).toBe(ANSWER)
    await Promise.all([resource.remove(), resource.remove()])
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST https://sfu.example/whip/room/ada.1',
      'DELETE https://sfu.example/whip/room/ada.1/s1',
    ])
    expect(calls[1]?.headers.get('authorization')).toBe('Bearer first')
  })

  it('never sends the token to a location on another origin', async () => {
    const { seat, calls } = serve(created('https://elsewhere.example/s1'))
    await (await post(seat)).remove()
    expect(calls[1]?.url).toBe('https://elsewhere.example/s1')
    expect(calls[1]?.headers.get('authorization')).toBeNull()
  })

  it('ends without a rejection when the server cannot be told', async () => {
    const { seat } = serve(created('/s1'), () => Promise.reject(new TypeError('gone')))
    await expect((await post(seat)).remove()).resolves.toBeUndefined()
  })

  it.each([
    [400, 'provider-rejected', false],
    [401, 'provider-auth', false],
    [403, 'provider-auth', false],
    [404, 'provider-rejected', false],
    [408, 'provider-timeout', true],
    [422, 'provider-rejected', false],
    [429, 'provider-full', false],
    [500, 'provider-server', true],
    [503, 'provider-server', true],
  ])('is refused with %i as %s, retryable: %s', async (status, code, retryable) => {
    const { seat } = serve(refused(status), refused(status))
    await expect(post(seat)).rejects.toMatchObject({ code, retryable, details: { status } })
  })

  it('tells an expired token from a wrong one', async () => {
    const expired = refused(401, {
      'www-authenticate': 'Bearer error="invalid_token", error_description="expired"',
    })
    const { seat } = serve(expired, expired)
    await expect(post(seat)).rejects.toMatchObject({ code: 'provider-token-expired' })
  })

  it('is posted once more with a fresh token after 401', async () => {
    const { seat, calls, renewals } = serve(refused(401), created('/s1'))
    await post(seat)
    expect(renewals()).toBe(1)
    expect(calls.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer first', 'Bearer second'])
  })

  it('waits as long as Retry-After says, if that is short', async () => {
    const { seat, calls } = serve(refused(503, { 'retry-after': '0' }), created('/s1'))
    await post(seat)
    expect(calls).toHaveLength(2)
  })

  it('P33 tells for how long a server wants to be left alone, within bounds', async () => {
    const askedAfter = async (retryAfter: string): Promise<number> =>
      askedForMs(await post(serve(refused(429, { 'retry-after': retryAfter })).seat).catch((error) => error))
    expect(await askedAfter('7')).toBe(7000)
    expect(await askedAfter('86400')).toBe(60_000)
    expect(await askedAfter('soon')).toBe(0)
    expect(askedForMs(new Error('no answer at all'))).toBe(0)
  })

  it('P33 reads a Retry-After that is a date by the clock of the server', async () => {
    const askedAfter = async (headers: Record<string, string>): Promise<number> =>
      askedForMs(await post(serve(refused(429, headers)).seat).catch((error) => error))
    const date = 'Wed, 21 Oct 2015 07:28:00 GMT'
    expect(await askedAfter({ date, 'retry-after': 'Wed, 21 Oct 2015 07:28:09 GMT' })).toBe(9_000)
    expect(await askedAfter({ date, 'retry-after': 'Wed, 21 Oct 2015 07:27:00 GMT' })).toBe(0)
    expect(await askedAfter({ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() })).toBe(60_000)
  })

  it('leaves a long Retry-After to the caller', async () => {
    const { seat, calls } = serve(refused(503, { 'retry-after': '60' }))
    await expect(post(seat)).rejects.toMatchObject({ retryable: true, details: { retryAfterMs: 60_000 } })
    expect(calls).toHaveLength(1)
  })

  it('fails as a network error when nobody answers', async () => {
    const { seat } = serve(() => Promise.reject(new TypeError('fetch failed')))
    await expect(post(seat)).rejects.toMatchObject({ code: 'provider-network', retryable: true })
  })

  it('is not taken as answered by a page of HTML', async () => {
    const { seat, calls } = serve(() => new Response('<!doctype html>', { status: 201 }))
    await expect(post(seat)).rejects.toMatchObject({ code: 'provider-server' })
    expect(calls).toHaveLength(1)
  })

  it('carries no token and no SDP in its errors', async () => {
    const { seat } = serve(refused(400))
    const error: unknown = await post(seat).catch((reason: unknown) => reason)
    expect(JSON.stringify([String(error), error])).not.toMatch(/first|offer/)
  })

  it('removes a session that was created after nobody wanted it any more', async () => {
    let answer: (response: Response) => void = () => undefined
    const { seat, calls } = serve(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const abort = new AbortController()
    const posted = post(seat, abort.signal)
    await expect.poll(() => calls.length).toBe(1)
    abort.abort('left')
    await expect(posted).rejects.toBe('left')
    answer(await created('/s9')())
    await expect
      .poll(() => calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`))
      .toContain('DELETE /s9')
  })

  it('is worth asking again soon when the publisher is not there yet', async () => {
    const { seat } = serve(refused(404))
    expect(isNotYetThere(await post(seat).catch((reason: unknown) => reason))).toBe(true)
    expect(isNotYetThere(new Error('something else'))).toBe(false)
  })
})
