import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { SIGNALING_CLOSE } from '../../../../src/server/signaling/close-codes.js'
import { type SignalingServer, startSignaling } from '../../../../src/server/signaling.js'
import { connectClient } from '../../../support/signaling-client.js'

let server: SignalingServer
afterEach(() => server.close())

/** Sends text over a bare connection; resolves to what came back when it was closed. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
const upgradeOf = (path: string, headers: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '\r\n',
  ].join('\r\n')

describe('who gets a socket', () => {
  it('is on the list of origins where there is one; a list on a public address leaves loopback pages out', async () => {
    server = await startSignaling({ host: '0.0.0.0', allowOrigins: ['https://app.example'] })
    const url = `ws://127.0.0.1:${server.port}`
    await connectClient(url, { origin: 'https://app.example' })
    for (const origin of ['https://app.example.org', 'http://localhost:3000', 'null'])
      await expect(connectClient(url, { origin }), origin).rejects.toThrow('403')
    // Programs that are no browser send none; a token keeps those out.
    await connectClient(url)
  })

  it('is answered with an HTTP status when the request is malformed, and nobody is hurt', async () => {
    server = await startSignaling()
    const neighbour = await connectClient(server.url)
    expect(await raw(upgradeOf('//'))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw(upgradeOf('/').replace('13', '7'))).toMatch(/^HTTP\/1\.1 4/)
    expect(await raw(upgradeOf('/').replace('websocket', 'h2c'))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    await neighbour.settled()
  })

  it('may vanish at any moment of the handshake', async () => {
    server = await startSignaling()
    for (let count = 0; count < 50; count += 1) {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(upgradeOf('/').slice(0, count * 4))
        socket.resetAndDestroy()
      })
      socket.on('error', () => undefined)
    }
    const whole = connect(server.port, '127.0.0.1', () => {
      whole.write(upgradeOf('/'))
      whole.resetAndDestroy()
    })
    whole.on('error', () => undefined)
    const client = await connectClient(server.url)
    await expect(client.settled()).resolves.not.toThrow()
  })

  it('is told to come later when the server is full', async () => {
    server = await startSignaling({ limits: { clientsMax: 1 } })
    await connectClient(server.url)
    expect(await (await connectClient(server.url)).closed).toBe(SIGNALING_CLOSE.full)
  })
})

describe('draining', () => {
  it('tells every client to connect again, within its time, and then ends', async () => {
    server = await startSignaling({ drainMs: 500 })
    const clients = await Promise.all(Array.from({ length: 50 }, () => connectClient(server.url)))
    const drained = server.drain()
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(
      clients.map(() => SIGNALING_CLOSE.restart),
    )
    await drained
    await expect(fetch(server.url.replace('ws', 'http'))).rejects.toThrow()
  })

  it('spreads the goodbyes instead of sending everybody elsewhere at once', async () => {
    server = await startSignaling({ drainMs: 5000 })
    const clients = await Promise.all(Array.from({ length: 300 }, () => connectClient(server.url)))
    const times: number[] = []
    const all = Promise.all(clients.map(({ closed }) => closed.then(() => times.push(performance.now()))))
    await server.drain()
    await all
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(150)
  })

  it('takes nobody new and tells load balancers, while those who are left are still served', async () => {
    server = await startSignaling({ drainMs: 60_000 })
    const stubborn = await connectClient(server.url)
    // Its close frame is not answered, so draining waits for it.
    stubborn.socket.pause()
    const drained = server.drain()
    const http = server.url.replace('ws', 'http')
    await expect.poll(async () => (await fetch(`${http}/healthz`)).status).toBe(503)
    expect(await (await fetch(`${http}/healthz`)).json()).toMatchObject({ status: 'draining' })
    await expect(connectClient(server.url)).rejects.toThrow('503')
    await drained
    stubborn.socket.terminate()
  })
})

describe('GET /healthz', () => {
  it('says that all is well and how many there are', async () => {
    server = await startSignaling()
    const client = await connectClient(server.url)
    client.send({ type: 'subscribe', topics: ['room'] })
    await client.settled()
    const response = await fetch(`${server.url.replace('ws', 'http')}/healthz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok', bus: 'none', clients: 1, topics: 1 })
  })

  it('is no way in for pages from elsewhere', async () => {
    server = await startSignaling()
    const status = await new Promise((resolve) =>
      request(`${server.url.replace('ws', 'http')}/metrics`, { headers: { origin: 'https://x.example' } })
        .once('response', (response) => resolve(response.statusCode))
        .end(),
    )
    expect(status).toBe(403)
  })
})
