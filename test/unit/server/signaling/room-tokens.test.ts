import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { SIGNALING_CLOSE } from '../../../../src/server/signaling/close-codes.js'
import { createTokenCheck, type TokenOptions } from '../../../../src/server/signaling/room-tokens.js'
import { type SignalingServer, startSignaling } from '../../../../src/server/signaling.js'
import { connectClient } from '../../../support/signaling-client.js'

const SECRET = 'a secret that is long enough for HS256'
const key = (secret = SECRET): Uint8Array => new TextEncoder().encode(secret)
const mint = (claims: JWTPayload, options: { secret?: string; expires?: string; algorithm?: string } = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: options.algorithm ?? 'HS256' })
    .setExpirationTime(options.expires ?? '5m')
    .sign(key(options.secret))

const verdict = async (options: TokenOptions, token: string | null, topic = 'room'): Promise<string> => {
  const access = await (await createTokenCheck(options))(token)
  return access.isGranted ? `${access.mayUse(topic)}` : access.reason
}

describe('tokens with a shared secret', () => {
  const options = { secret: SECRET }

  it('are good for exactly the rooms they name, with the topic beside each', async () => {
    const token = await mint({ room: 'room' })
    expect(await verdict(options, token, 'room')).toBe('true')
    expect(await verdict(options, token, 'room#holdfast')).toBe('true')
    expect(await verdict(options, token, 'room#holdfast/0b5f-a_1')).toBe('true')
    for (const topic of [
      'room#holdfast/',
      'room#holdfast/a/b',
      'room2#holdfast/a',
      'room#holdfast/a#holdfast',
      'Room',
      'room2',
      'roo',
      'room#',
      'room#holdfast#holdfast',
      '#holdfast',
      '',
      'room/x',
      '*',
    ])
      expect(await verdict(options, token, topic), topic).toBe('false')
    const both = await mint({ room: ['room', 'other'] })
    expect(await verdict(options, both, 'other')).toBe('true')
    expect(await verdict(options, both, 'third')).toBe('false')
    expect(await verdict(options, await mint({ room: '*' }), 'room')).toBe('false')
  })

  it('are refused when missing, malformed, expired, unsigned, signed by somebody else or without a room', async () => {
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"room":"room","exp":9999999999}')}.`.replaceAll(
      '=',
      '',
    )
    const wrong: readonly (string | null)[] = [
      null,
      '',
      'nonsense',
      'a.b.c',
      'x'.repeat(100_000),
      unsigned,
      await mint({ room: 'room' }, { expires: '5 minutes ago' }),
      await mint({ room: 'room' }, { secret: 'another secret that is long enough' }),
      await mint({}),
      await mint({ room: '' }),
      await mint({ room: [] }),
      await mint({ room: 7 }),
      await mint({ room: Array.from({ length: 33 }, (_, index) => `room${index}`) }),
      await new SignJWT({ room: 'room' }).setProtectedHeader({ alg: 'HS256' }).sign(key()),
      await new SignJWT({ room: 'room' })
        .setProtectedHeader({ alg: 'HS256' })
        .setNotBefore('5m')
        .setExpirationTime('10m')
        .sign(key()),
    ]
    for (const token of wrong) expect(await verdict(options, token), `${token}`).toBe('tokenRefused')
  })

  it('are held to issuer and audience where these are set', async () => {
    const strict = { ...options, issuer: 'app', audience: 'signaling' }
    const good = { room: 'room', iss: 'app', aud: ['signaling', 'media'] }
    expect(await verdict(strict, await mint(good))).toBe('true')
    expect(await verdict(strict, await mint({ ...good, iss: 'other' }))).toBe('tokenRefused')
    expect(await verdict(strict, await mint({ room: 'room', iss: 'app' }))).toBe('tokenRefused')
  })

  it('need a secret worth the name, and one source of keys', async () => {
    for (const bad of [
      {},
      { secret: '' },
      { secret: 'short' },
      { jwksUrl: 'nonsense' },
      { jwksUrl: 'http://x.example/k' },
    ])
      await expect(createTokenCheck(bad), JSON.stringify(bad)).rejects.toMatchObject({
        code: 'invalid-options',
      })
    await expect(createTokenCheck({ ...options, jwksUrl: 'https://x.example/k' })).rejects.toMatchObject({
      code: 'invalid-options',
    })
  })
})

describe('tokens with a key set', () => {
  let keys: Server | null = null
  afterEach(() => new Promise<void>((resolve) => (keys ? keys.close(() => resolve()) : resolve())))

  const serveKeys = async (body: () => unknown): Promise<string> => {
    keys = createServer((_request, response) => response.end(JSON.stringify(body()))).listen(0, '127.0.0.1')
    await new Promise((resolve) => keys?.once('listening', resolve))
    return `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`
  }

  it('are checked with the public key they name, and never with that key as a secret', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }
    const jwksUrl = await serveKeys(() => ({ keys: [publicKey] }))
    const signed = (kid: string): Promise<string> =>
      new SignJWT({ room: 'room' })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setExpirationTime('5m')
        .sign(pair.privateKey)
    expect(await verdict({ jwksUrl }, await signed('one'))).toBe('true')
    expect(await verdict({ jwksUrl }, await signed('two'))).toBe('tokenRefused')
    const confused = await new SignJWT({ room: 'room' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('5m')
      .sign(key(JSON.stringify(publicKey)))
    expect(await verdict({ jwksUrl }, confused)).toBe('tokenRefused')
  })

  it('are asked to come later while the keys cannot be had', async () => {
    const pair = await generateKeyPair('ES256')
    const token = await new SignJWT({ room: 'room' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setExpirationTime('5m')
      .sign(pair.privateKey)
    const jwksUrl = await serveKeys(() => 'no keys')
    await new Promise<void>((resolve) => keys?.close(() => resolve()))
    keys = null
    expect(await verdict({ jwksUrl }, token)).toBe('full')
  })
})

describe('a server that wants tokens', () => {
  let server: SignalingServer
  let lines: string[]
  afterEach(() => server.close())
  const start = async (): Promise<void> => {
    lines = []
    server = await startSignaling({
      tokens: { secret: SECRET },
      hasMetrics: true,
      journal: (...line) => lines.push(JSON.stringify(line)),
    })
  }

  it('takes it from the address or from the subprotocol, and agrees on a subprotocol without it', async () => {
    await start()
    const token = await mint({ room: 'room' })
    const byAddress = await connectClient(`${server.url}/?token=${token}`)
    const byProtocol = await connectClient(server.url, { protocols: ['holdfast', `holdfast.token.${token}`] })
    expect(byProtocol.socket.protocol).toBe('holdfast')
    for (const client of [byAddress, byProtocol]) {
      client.send({ type: 'subscribe', topics: ['room', 'room#holdfast'] })
      await client.settled()
    }
    await expect(connectClient(server.url, { protocols: [`holdfast.token.${token}`] })).rejects.toThrow(
      /subprotocol/,
    )
  })

  it('closes who has none with a code that the page can read, before anything is heard', async () => {
    await start()
    const member = await connectClient(`${server.url}/?token=${await mint({ room: 'room' })}`)
    member.send({ type: 'subscribe', topics: ['room'] })
    await member.settled()
    const stranger = await connectClient(server.url)
    stranger.send({ type: 'subscribe', topics: ['room'] })
    stranger.send({ type: 'publish', topic: 'room', data: 1 })
    expect(await stranger.closed).toBe(SIGNALING_CLOSE.tokenRefused)
    await member.settled()
    expect(stranger.waiting).toEqual([])
  })

  it('closes who enters or speaks into another room', async () => {
    await start()
    const url = `${server.url}/?token=${await mint({ room: 'room' })}`
    for (const message of [
      { type: 'subscribe', topics: ['room', 'other'] },
      { type: 'publish', topic: 'other', data: 1 },
    ]) {
      const client = await connectClient(url)
      client.send(message)
      expect(await client.closed).toBe(SIGNALING_CLOSE.roomRefused)
    }
  })

  it('tells tokens and room names to no log, no metrics and no health answer', async () => {
    await start()
    const token = await mint({ room: 'secret-room' })
    const good = await connectClient(`${server.url}/?token=${token}`)
    good.send({ type: 'subscribe', topics: ['secret-room'] })
    await good.settled()
    good.send(`garbage ${token} secret-room`)
    await good.closed
    const expired = await mint({ room: 'secret-room' }, { expires: '5 minutes ago' })
    await (await connectClient(`${server.url}/?token=${expired}`)).closed
    const other = await connectClient(`${server.url}/?token=${token}`)
    other.send({ type: 'subscribe', topics: ['secret-other'] })
    await other.closed
    const http = server.url.replace('ws', 'http')
    const told = [
      ...lines,
      await (await fetch(`${http}/metrics`)).text(),
      await (await fetch(`${http}/healthz`)).text(),
    ]
    expect(lines.length).toBeGreaterThan(2)
    for (const line of told) expect(line).not.toMatch(/secret|eyJ/)
  })
})
