import { beforeAll, describe, expect, it } from 'vitest'
import { accusedBy, proofKey, readProof, writeProof } from '../../../src/document/equivocation.js'
import { createIdentity, isSignedBy, type OwnIdentity } from '../../../src/document/identity.js'
import { signRegister } from '../../../src/document/register-wire.js'
import { makeRegister } from './registers.js'

let identity: OwnIdentity
let values: readonly string[]
const read = (text: unknown, voter = identity.voter, room = 'room') => readProof(voter, text, room, isSignedBy)

beforeAll(async () => {
  identity = await createIdentity()
  const { voter } = identity
  const said = [makeRegister({ voter }), makeRegister({ voter, promised: 1 }), makeRegister({ voter, seq: 2 })]
  values = await Promise.all(
    [...said, makeRegister({ voter })].map((one) => signRegister(one, identity, 'room')),
  )
})

describe('proof of equivocation', () => {
  it('is the same text for everybody who saw both values, and convicts', async () => {
    const [one = '', two = ''] = values
    expect(writeProof([one, two])).toBe(writeProof([two, one]))
    expect([...((await read(writeProof([one, two]))) ?? [])].sort()).toEqual([one, two].sort())
    expect(accusedBy(proofKey(identity.voter))).toBe(identity.voter)
    expect(accusedBy(identity.voter)).toBeNull()
  })

  it('cannot be made from different seqs, from one content signed twice, or from another room or voter', async () => {
    const [one = '', two = '', later = '', again = ''] = values
    expect(again).not.toBe(one)
    expect(await read(writeProof([one, later]))).toBeNull()
    expect(await read(writeProof([one, again]))).toBeNull()
    expect(await read(writeProof([one, two]), identity.voter, 'other')).toBeNull()
    const stranger = await createIdentity()
    expect(await read(writeProof([one, two]), stranger.voter)).toBeNull()
  })

  it('is garbage when forged, cut or of another type', async () => {
    const [one = '', two = ''] = values
    const proof = writeProof([one, two])
    for (const bad of [
      7,
      null,
      '',
      '9.',
      proof.slice(0, -3),
      `1${proof}`,
      proof.replaceAll('"q":1', '"q":2'),
      'x'.repeat(9000),
    ])
      expect(await read(bad)).toBeNull()
  })
})
