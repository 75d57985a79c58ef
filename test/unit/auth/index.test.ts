import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { verifyTokens } from '../../../src/auth/index.js'

const CLAIMS = { room: 'room', cnf: { jkt: 'A'.repeat(43) } }
let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
let stranger: { readonly privateKey: CryptoKey }
let jwk: JWK

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('ES256')
  jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' }
})

const sign = (
  key: CryptoKey | Uint8Array,
  change: { exp?: number; nbf?: number; alg?: string; iss?: string } = {},
) =>
  new SignJWT({ ...CLAIMS, nbf: change.nbf ?? 0, ...(change.iss === undefined ? {} : { iss: change.iss }) })
    .setProtectedHeader({ alg: change.alg ?? 'ES256', kid: 'one' })
    .setSubject('ann')
    .setExpirationTime(change.exp ?? Date.now() / 1000 + 600)
    .sign(key)

describe('verifyTokens', () => {
  it('gives the claims of a genuine token, for a key set, a PEM, a JWK, a CryptoKey and a secret', async () => {
    const token = await sign(keys.privateKey)
    const pem = await exportSPKI(keys.publicKey)
    for (const trust of [
      { jwks: { keys: [jwk] } },
      { publicKey: pem },
      { publicKey: jwk },
      { publicKey: keys.publicKey },
    ])
      expect(await verifyTokens(trust)(token)).toMatchObject({ sub: 'ann', ...CLAIMS })
    const secret = 'a secret of more than thirty-two bytes'
    const bySecret = await sign(new TextEncoder().encode(secret), { alg: 'HS256' })
    expect(await verifyTokens({ secret })(bySecret)).toMatchObject({ sub: 'ann' })
  })

  it('refuses a stranger’s, a changed, an unsigned and a mistaken token as forged, and an old one as expired', async () => {
    const verify = verifyTokens({ publicKey: jwk, issuer: 'app' })
    const good = await sign(keys.privateKey, { iss: 'app' })
    expect(await verify(good)).toMatchObject({ sub: 'ann' })
    const [header = '', payload = '', signature = ''] = good.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const hmac = await sign(new TextEncoder().encode(await exportSPKI(keys.publicKey)), {
      alg: 'HS256',
      iss: 'app',
    })
    const rsa = await generateKeyPair('RS256')
    const forged = [
      await sign(stranger.privateKey, { iss: 'app' }),
      await sign(keys.privateKey, { iss: 'other' }),
      await sign(rsa.privateKey, { alg: 'RS256', iss: 'app' }),
      hmac,
      `${none}.${payload}.`,
      `${header}.${payload.slice(0, -2)}.${signature}`,
      'nothing',
    ]
    for (const token of forged) await expect(verify(token)).rejects.toMatchObject({ code: 'admission-forged' })
    for (const change of [{ exp: Date.now() / 1000 - 100 }, { nbf: Date.now() / 1000 + 100 }])
      await expect(verify(await sign(keys.privateKey, { iss: 'app', ...change }))).rejects.toMatchObject({
        code: 'admission-expired',
      })
  })

  it('says that keys cannot be had instead of calling a token forged, and tries again', async () => {
    const verify = verifyTokens({ jwks: 'https://127.0.0.1:1/keys.json' })
    const token = await sign(keys.privateKey)
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('offline'))
    await expect(verify(token)).rejects.toMatchObject({ code: 'admission-unavailable', retryable: true })
    fetched.mockImplementation(async () => Response.json({ keys: [jwk] }))
    expect(await verify(token)).toMatchObject({ sub: 'ann' })
    fetched.mockRestore()
  })

  it('wants exactly one key, and never quotes a token or its claims', async () => {
    expect(() => verifyTokens({})).toThrow(expect.objectContaining({ code: 'invalid-options' }))
    expect(() => verifyTokens({ publicKey: jwk, secret: 'x' })).toThrow(
      expect.objectContaining({ code: 'invalid-options' }),
    )
    const token = await sign(keys.privateKey, { exp: 1 })
    const error = await verifyTokens({ publicKey: jwk })(token).catch((reason: unknown) => reason)
    const told = JSON.stringify([
      error,
      (error as Error).message,
      (error as Error).cause,
      (error as Error).stack,
    ])
    for (const part of token.split('.')) expect(told).not.toContain(part)
    expect(told).not.toContain('A'.repeat(43))
  })

  it('names the missing package and how to install it, and says nothing of the token', async () => {
    const token = await sign(keys.privateKey)
    vi.doMock('jose/jwt/verify', () => {
      throw new Error('Cannot find package')
    })
    try {
      const error: unknown = await verifyTokens({ publicKey: jwk })(token).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'dependency-missing', details: { package: 'jose' } })
      expect((error as Error).message).toContain('npm install jose')
    } finally {
      vi.doUnmock('jose/jwt/verify')
    }
  })
})
