import { afterEach, describe, expect, it, vi } from 'vitest'
import { createIdentity, createVerify, identityOf, isSignedBy } from '../../../src/document/identity.js'

const bytes = new TextEncoder().encode('what was said')

afterEach(() => vi.restoreAllMocks())

describe('identity', () => {
  it('is the same voter again with the same key pair, and the private half cannot be read out', async () => {
    const identity = await createIdentity()
    const again = await identityOf(identity.pair)
    expect([again.voter, again.publicKey]).toEqual([identity.voter, identity.publicKey])
    expect(identity.pair.privateKey.extractable).toBe(false)
  })

  it('verifies what it signed and nothing else', async () => {
    const [one, other] = await Promise.all([createIdentity(), createIdentity()])
    const signature = Buffer.from(await one.sign(bytes)).toString('base64url')
    const verify = createVerify()
    expect(await verify(one.voter, one.publicKey, signature, bytes)).toBe(true)
    expect(await isSignedBy(one.voter, one.publicKey, signature, bytes)).toBe(true)
    expect(await verify(other.voter, other.publicKey, signature, bytes)).toBe(false)
    expect(await verify(other.voter, one.publicKey, signature, bytes)).toBe(false)
    expect(await verify(one.voter, one.publicKey, signature, bytes.slice(1))).toBe(false)
    expect(await verify(one.voter, 'A'.repeat(87), signature, bytes)).toBe(false)
    expect(await verify(one.voter, one.publicKey, 'not base64 ☃', bytes)).toBe(false)
  })

  it('imports and hashes each key once, however often its voter signs', async () => {
    const identity = await createIdentity()
    const signature = Buffer.from(await identity.sign(bytes)).toString('base64url')
    const imported = vi.spyOn(crypto.subtle, 'importKey')
    const hashed = vi.spyOn(crypto.subtle, 'digest')
    const verified = vi.spyOn(crypto.subtle, 'verify')
    const verify = createVerify()
    const all = Array.from({ length: 20 }, () => verify(identity.voter, identity.publicKey, signature, bytes))
    expect(await Promise.all(all)).not.toContain(false)
    expect([imported, hashed, verified].map((one) => one.mock.calls.length)).toEqual([1, 1, 20])
  })
})
