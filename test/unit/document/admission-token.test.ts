import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AdmissionRequest } from '../../../src/document/admission.js'
import { readAdmission, thumbprintOf, writeAdmission } from '../../../src/document/admission-token.js'
import { createIdentity, type OwnIdentity } from '../../../src/document/identity.js'
import { HoldfastError } from '../../../src/errors.js'
import { claimsFor, tokenOf, verifyToken } from './tokens.js'

const NOW_MS = 1_700_000_000_000
let identity: OwnIdentity
let request: AdmissionRequest

beforeAll(async () => {
  identity = await createIdentity()
  request = { room: 'room', participant: 'ann', thumbprint: await thumbprintOf(identity.publicKey) }
})

const read = (value: unknown, verify: (token: string) => unknown = verifyToken) =>
  readAdmission(identity.voter, value, { room: 'room', verify, wallNow: NOW_MS })
const readClaims = (change: Readonly<Record<string, unknown>>, signature?: string) =>
  read(writeAdmission(identity.publicKey, tokenOf(claimsFor(request, change), signature)))

describe('thumbprint', () => {
  it('is that of RFC 7638 for the key as a JWK', async () => {
    const { x, y } = await crypto.subtle.exportKey('jwk', identity.pair.publicKey)
    const text = new TextEncoder().encode(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', text)).toString('base64url')
    expect(await thumbprintOf(identity.publicKey)).toBe(digest)
    expect(digest).toHaveLength(43)
  })
})

describe('admission token', () => {
  it('admits the participant it names, with its role and claims', async () => {
    expect(await readClaims({ role: 'administrator', room: ['other', 'room'], team: 7 })).toMatchObject({
      participant: 'ann',
      role: 'administrator',
      expiresAtMs: 9_999_999_999_000,
      claims: { sub: 'ann', team: 7 },
    })
    expect(await readClaims({})).toMatchObject({ role: null })
  })

  it.each([
    ['a bad signature', {}, 'bad', 'admission-forged'],
    ['keys that cannot be had just now', {}, 'offline', 'admission-unavailable'],
    ['another room', { room: 'other' }, undefined, 'admission-wrong-room'],
    ['a list of other rooms', { room: ['other', 'room '] }, undefined, 'admission-wrong-room'],
    ['another key', { cnf: { jkt: 'A'.repeat(43) } }, undefined, 'admission-wrong-key'],
    ['no key', { cnf: {} }, undefined, 'admission-forged'],
    ['no key at all', { cnf: undefined }, undefined, 'admission-forged'],
    ['no participant', { sub: undefined }, undefined, 'admission-forged'],
    ['no end', { exp: undefined }, undefined, 'admission-forged'],
    ['an end that is no number', { exp: 'never' }, undefined, 'admission-forged'],
    ['an end that is over', { exp: NOW_MS / 1000 - 61 }, undefined, 'admission-expired'],
    ['a beginning to come', { nbf: NOW_MS / 1000 + 61 }, undefined, 'admission-expired'],
    ['a role that is no word', { role: { admin: true } }, undefined, 'admission-forged'],
  ] as const)('refuses one with %s', async (_what, change, signature, problem) => {
    expect(await readClaims(change, signature)).toBe(problem)
  })

  it('lets clocks differ by a minute', async () => {
    expect(await readClaims({ exp: NOW_MS / 1000 - 50 })).toHaveProperty('participant')
    expect(await readClaims({ nbf: NOW_MS / 1000 + 50 })).toHaveProperty('participant')
  })

  it('refuses a token under another voter, and one beside another public key', async () => {
    const other = await createIdentity()
    const token = tokenOf(claimsFor(request))
    expect(await read(writeAdmission(other.publicKey, token))).toBe('admission-wrong-key')
    const stolen = await readAdmission(other.voter, writeAdmission(other.publicKey, token), {
      room: 'room',
      verify: verifyToken,
      wallNow: NOW_MS,
    })
    expect(stolen).toBe('admission-wrong-key')
  })

  it('takes whatever stands there for forged, never throws and never asks the app about it', async () => {
    let asked = 0
    const count = (): never => {
      asked += 1
      throw new Error('asked')
    }
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (anything) => {
        expect(await read(anything, count)).toBe('admission-forged')
      }),
      { numRuns: 200 },
    )
    for (const token of [
      '',
      'a.b',
      'a.b.c.d',
      `a.${'b'.repeat(3000)}.c`,
      'a.b.c\n',
      'a .b.c',
      7,
      null,
      { a: 1 },
    ])
      expect(writeAdmission(identity.publicKey, token)).toBeNull()
    expect(asked).toBe(0)
  })

  it('takes whatever a check answers for claims to be looked at, not for a yes', async () => {
    const entry = writeAdmission(identity.publicKey, tokenOf(claimsFor(request)))
    for (const answer of [true, null, undefined, 'yes', 1, [], {}, { sub: 'ann' }])
      expect(await read(entry, () => answer)).toBe('admission-forged')
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (answer) => {
        expect(await read(entry, () => answer)).toMatch(/^admission-/)
      }),
      { numRuns: 200 },
    )
    const slow = (): never => {
      throw new HoldfastError('provider-network')
    }
    expect(await read(entry, slow)).toBe('admission-unavailable')
  })
})
