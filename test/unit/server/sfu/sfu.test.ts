import { createSocket } from 'node:dgram'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { SFU_LIMITS } from '../../../../src/server/limits.js'
import { type Sfu, startSfu } from '../../../../src/server/sfu/sfu.js'
import { makeOffer, openWerift, postOffer, type WeriftSession } from '../../../support/werift-client.js'

/** The suite shares two cores with everything else that is tested; a connection there can take seconds. */
const PATIENCE_MS = 30_000
const POLL = { timeout: 20_000, interval: 10 }
vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS })

let sfu: Sfu
const sessions: WeriftSession[] = []
beforeAll(async () => {
  sfu = await startSfu()
})
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
})
afterAll(() => sfu.close())

/** Opens a session and waits until the server, too, takes it for connected: before that it passes nothing on. */
const open = async (path: string, direction: 'sendonly' | 'recvonly'): Promise<WeriftSession> => {
  const session = await openWerift(`${sfu.url}/${path}`, direction)
  sessions.push(session)
  const isKnown = async () =>
    (await connectionsIn(path.split('/')[1] ?? '')).some(
      ({ id, isConnected }) => isConnected && session.location.endsWith(id),
    )
  await expect.poll(isKnown, POLL).toBe(true)
  return session
}

const reason = async (response: Response): Promise<string> => `${response.status} ${await response.text()}`

const connectionsIn = async (room: string): Promise<readonly { id: string; isConnected: boolean }[]> => {
  const status = (await (await fetch(`${sfu.url}/status`)).json()) as {
    rooms: { name: string; connections: { id: string; isConnected: boolean }[] }[]
  }
  return status.rooms.find(({ name }) => name === room)?.connections ?? []
}

describe('WHIP and WHEP sessions', () => {
  it('answers with 201, the address of the session, and the event stream', async () => {
    const session = await open('whip/r1/alice', 'sendonly')
    expect(session.location).toMatch(/\/whip\/r1\/alice\/[0-9a-f-]{36}$/)
    expect(session.headers.get('content-type')).toBe('application/sdp')
    expect(session.headers.get('etag')).toMatch(/^".+"$/)
    expect(session.headers.get('link')).toMatch(
      /^<\/events\/r1>; rel="urn:ietf:params:whip:ext:core:server-sent-events"/,
    )
    expect(session.answer).toMatch(/a=candidate:.* 127\.0\.0\.1 /)
    expect(session.answer).not.toMatch(/transport-wide-cc/)
  })

  it('passes on packets from the key frame on, without the header extensions of the publisher', async () => {
    const alice = await open('whip/r2/alice', 'sendonly')
    const bob = await open('whep/r2/alice', 'recvonly')
    alice.sendVideo(false)
    alice.sendVideo(true)
    alice.sendVideo(false)
    await expect.poll(() => bob.packets.length, POLL).toBe(2)
    expect(bob.packets.map(({ payload }) => payload[1])).toEqual([0x00, 0x01])
  })

  it('gives a new subscriber the picture that is there', async () => {
    const alice = await open('whip/r3/alice', 'sendonly')
    alice.sendVideo(true)
    alice.sendVideo(false)
    const bob = await open('whep/r3/alice', 'recvonly')
    await expect.poll(() => bob.packets.length, POLL).toBe(2)
  })

  it('keeps the subscribers when the publisher publishes anew, in one gapless stream', async () => {
    const old = await open('whip/r4/alice', 'sendonly')
    const bob = await open('whep/r4/alice', 'recvonly')
    old.sendVideo(true)
    await expect.poll(() => bob.packets.length, POLL).toBe(1)
    const renewed = await open('whip/r4/alice', 'sendonly')
    old.sendVideo(false)
    renewed.sendVideo(false)
    renewed.sendVideo(true)
    await expect.poll(() => bob.packets.length, POLL).toBe(2)
    const [first, second] = bob.packets.map(({ header }) => header)
    expect((second?.sequenceNumber ?? 0) - (first?.sequenceNumber ?? 0)).toBe(1)
    expect(await old.end()).toBe(404)
    expect(await connectionsIn('r4')).toHaveLength(2)
  })

  it('ends sessions by DELETE, once', async () => {
    const alice = await open('whip/r5/alice', 'sendonly')
    const bob = await open('whep/r5/alice', 'recvonly')
    expect(await alice.end()).toBe(200)
    expect(await alice.end()).toBe(404)
    expect(await bob.end()).toBe(200)
    expect(await connectionsIn('r5')).toEqual([])
    const { pc, offer } = await makeOffer('recvonly')
    expect(await reason(await postOffer(`${sfu.url}/whep/r5/alice`, offer))).toMatch(/^404 Nobody publishes/)
    await pc.close()
  })

  it('lets a subscriber wait for somebody who is about to publish', async () => {
    const waiting = open('whep/r6/alice?wait=5000', 'recvonly')
    const alice = await open('whip/r6/alice', 'sendonly')
    const bob = await waiting
    alice.sendVideo(true)
    await expect.poll(() => bob.packets.length, POLL).toBe(1)
    const { pc, offer } = await makeOffer('recvonly')
    expect((await postOffer(`${sfu.url}/whep/r6/nobody?wait=20`, offer)).status).toBe(404)
    await pc.close()
  })

  it('drops a publisher who is silent, and says so', async () => {
    const strict = await startSfu({ silenceLimitMs: 1_000 })
    const { pc, offer } = await makeOffer('sendonly')
    expect((await postOffer(`${strict.url}/whip/r/alice`, offer)).status).toBe(201)
    await expect
      .poll(async () => ((await (await fetch(`${strict.url}/status`)).json()) as { rooms: [] }).rooms, {
        timeout: 5_000,
      })
      .toEqual([])
    await pc.close()
    await strict.close()
  })
})

describe('refusals carry a reason', () => {
  const post = (path: string, body: string, type = 'application/sdp') =>
    fetch(`${sfu.url}/${path}`, { method: 'POST', headers: { 'content-type': type }, body })

  it('for bodies that are no offer', async () => {
    expect(await reason(await post('whip/x/alice', 'hello'))).toMatch(/^400 The body is not SDP/)
    expect(await reason(await post('whip/x/alice', '{}', 'application/json'))).toMatch(/^415 /)
    expect(await reason(await post('whip/x/alice', 'v=0\n'.repeat(20_000)))).toMatch(/^413 /)
    const { pc, offer } = await makeOffer('sendonly')
    const broken = offer.replace(/^a=fingerprint:.*$/gm, 'a=fingerprint:nonsense')
    expect(await reason(await post('whip/x/alice', broken))).toMatch(/^4\d\d /)
    expect(await reason(await post('whip/x/alice', offer.slice(0, offer.length / 2)))).toMatch(/^4\d\d /)
    await pc.close()
    expect(await connectionsIn('x')).toEqual([])
  })

  it('for addresses that do not exist and methods that do not apply', async () => {
    for (const path of ['', 'nothing', 'whip', 'whip/room', 'whip/a/b/c/d', 'health/x', 'events'])
      expect((await fetch(`${sfu.url}/${path}`)).status, path).toBe(404)
    expect((await fetch(`${sfu.url}/whip/%E0%A4%A/alice`)).status).toBe(400)
    const name = 'x'.repeat(SFU_LIMITS.nameMaxLength + 1)
    expect(await reason(await fetch(`${sfu.url}/whip/${name}/alice`))).toMatch(/^400 .*room name/)
    const get = await fetch(`${sfu.url}/whip/room/alice`)
    expect(get.status).toBe(405)
    expect(get.headers.get('allow')).toBe('POST, OPTIONS')
    const patch = await fetch(`${sfu.url}/whip/room/alice/session`, { method: 'PATCH' })
    expect(await reason(patch)).toMatch(/^405 .*post a new offer/)
    expect((await fetch(`${sfu.url}/whip/room/alice/session`, { method: 'DELETE' })).status).toBe(404)
  })

  it('for pages from elsewhere', async () => {
    const headers = { origin: 'https://example.org' }
    expect((await fetch(`${sfu.url}/health`, { headers })).status).toBe(403)
  })

  it('for a room that is full', async () => {
    const offers = await Promise.all(
      Array.from({ length: SFU_LIMITS.publishersPerRoomMax + 1 }, () => makeOffer('sendonly')),
    )
    const answers: Response[] = []
    for (const [index, { offer }] of offers.entries())
      answers.push(await postOffer(`${sfu.url}/whip/full/p${index}`, offer))
    const last = answers.pop()
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(last?.status).toBe(503)
    expect(last?.headers.get('retry-after')).toBe('5')
    for (const answer of answers)
      await fetch(`${sfu.url}${answer.headers.get('location')}`, { method: 'DELETE' })
    await Promise.all(offers.map(({ pc }) => pc.close()))
  })
})

describe('what surrounds the sessions', () => {
  it('answers preflights and probes, for loopback pages', async () => {
    const headers = { origin: 'http://127.0.0.1:5173' }
    const preflight = await fetch(`${sfu.url}/whip/room/alice`, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:5173')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE')
    expect(preflight.headers.get('access-control-expose-headers')).toContain('Location')
    const probe = await fetch(`${sfu.url}/health`, { headers })
    expect(probe.status).toBe(204)
  })

  it('tells event readers who publishes, over both carriers', async () => {
    const socket = new WebSocket(`${sfu.url.replace('http', 'ws')}/events/r7`)
    const messages: { event: string; data: Record<string, unknown> }[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    await expect.poll(() => messages[0], POLL).toEqual({ event: 'publishers', data: { publishers: [] } })
    const alice = await open('whip/r7/alice', 'sendonly')
    const session = alice.location.split('/').at(-1)
    await expect
      .poll(() => messages, POLL)
      .toContainEqual({ event: 'published', data: { peer: 'alice', session } })

    const abort = new AbortController()
    const stream = await fetch(`${sfu.url}/events/r7`, { signal: abort.signal })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe(
      `event: publishers\ndata: ${JSON.stringify({ publishers: [{ peer: 'alice', session }] })}\n\n`,
    )
    await alice.end()
    await expect.poll(() => messages.map(({ event }) => event), POLL).toContain('unpublished')
    await expect.poll(() => messages.map(({ event }) => event), POLL).toContain('heartbeat')
    abort.abort()
    socket.close()
  })

  it('refuses WebSockets that are not for events or come from elsewhere', async () => {
    const attempt = (path: string, options: object = {}) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${sfu.url.replace('http', 'ws')}${path}`, options)
        socket.on('open', () => resolve('open'))
        socket.on('error', () => resolve('refused'))
      })
    expect(await attempt('/health')).toBe('refused')
    expect(await attempt('/events/%E0%A4%A')).toBe('refused')
    expect(await attempt('/events/room', { origin: 'https://example.org' })).toBe('refused')
  })

  it('survives packets that are not what they seem', async () => {
    const alice = await open('whip/r8/alice', 'sendonly')
    const bob = await open('whep/r8/alice', 'recvonly')
    const port = Number(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/i.exec(alice.answer)?.[1])
    expect(port).toBeGreaterThan(0)
    const socket = createSocket('udp4')
    const send = (data: Uint8Array) =>
      new Promise((resolve) => {
        socket.send(data, port, '127.0.0.1', resolve)
      })
    // One of each kind that the port is shared by: STUN, DTLS, RTP, RTCP; cut at every length.
    for (const first of [0x00, 0x16, 0x80, 0x81])
      for (let length = 1; length <= 64; length += 3)
        await send(Uint8Array.from({ length }, (_, index) => (index === 0 ? first : (index * 37) % 256)))
    socket.close()
    alice.sendVideo(true)
    await expect.poll(() => bob.packets.length, POLL).toBe(1)
  })
})
