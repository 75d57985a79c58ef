import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createIdentity, type Identity } from '../../../src/document/identity.js'
import { encodeRegister } from '../../../src/document/register-body.js'
import { readRegister, signRegister } from '../../../src/document/register-wire.js'
import { isHoldfastError } from '../../../src/errors.js'
import { makeRecord, makeRegister } from './registers.js'

let identity: Identity
let value: string
const register = () => makeRegister({ voter: identity.voter })

beforeAll(async () => {
  identity = await createIdentity()
  value = await signRegister(register(), identity, 'room')
})

describe('register wire', () => {
  it('gives a voter id of 22 characters that belongs to its key', () => {
    expect(identity.voter).toMatch(/^[\w-]{22}$/)
  })

  it('reads what was signed, with the deterministic text of its content', async () => {
    const reading = await readRegister(identity.voter, value, 'room')
    expect(reading).toEqual({ register: register(), content: encodeRegister(register()) })
  })

  it('refuses a register of another room, under another voter, or with one changed character', async () => {
    const other = await createIdentity()
    const forged = { problem: 'register-forged' }
    expect(await readRegister(identity.voter, value, 'other room')).toEqual(forged)
    expect(await readRegister(other.voter, value, 'room')).toEqual(forged)
    expect(await readRegister(identity.voter, value.replace('"q":1', '"q":2'), 'room')).toEqual(forged)
    const foreignKey = value.replace(identity.publicKey, other.publicKey)
    expect(await readRegister(identity.voter, foreignKey, 'room')).toEqual(forged)
  })

  it('calls anything else invalid and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (anything) => {
        expect(await readRegister(identity.voter, anything, 'room')).toEqual({ problem: 'register-invalid' })
      }),
      { numRuns: 200 },
    )
    const cut = fc.nat({ max: value.length - 2 })
    await fc.assert(
      fc.asyncProperty(cut, async (at) => {
        expect(await readRegister(identity.voter, value.slice(0, at), 'room')).toHaveProperty('problem')
      }),
      { numRuns: 50 },
    )
  })

  it('keeps fields of a newer version verifiable', async () => {
    const body = `${encodeRegister(register()).slice(0, -1)},"future":1}`
    const bytes = new TextEncoder().encode(`holdfast register 1.P\n"room"\n${identity.publicKey}\n${body}`)
    const signature = Buffer.from(await identity.sign(bytes)).toString('base64url')
    const reading = await readRegister(identity.voter, `1.P.${identity.publicKey}.${signature}.${body}`, 'room')
    expect(reading).toMatchObject({ register: register() })
  })

  it('stays below 800 characters for a committee of five in the middle of a vote', async () => {
    const committee = await Promise.all(Array.from({ length: 5 }, async () => (await createIdentity()).voter))
    const parent = 'p'.repeat(43)
    const lineage = `1.${committee[0]}.12.${committee[1]}`
    const head = makeRecord(identity.voter, {
      lineage,
      committee,
      caps: [3, 3, 3, 3, 3],
      n: 12,
      provider: 'east',
      parent,
    })
    const voted = { ...head, n: 13, provider: 'west' }
    const full = makeRegister({
      voter: identity.voter,
      lineage,
      head,
      voted,
      votedBallot: 0,
      warm: { west: 'ready' },
    })
    const text = await signRegister(full, identity, 'room')
    expect(text.length).toBeLessThan(800)
  })

  it('does not sign a register that readers would refuse for its size', async () => {
    const caps = Array.from({ length: 32 }, (_, at) => `${'x'.repeat(60)}-${at}`)
    const large = makeRegister({ voter: identity.voter, caps })
    const error = await signRegister(large, identity, 'room').catch((reason: unknown) => reason)
    expect(isHoldfastError(error, 'register-invalid')).toBe(true)
  })
})
