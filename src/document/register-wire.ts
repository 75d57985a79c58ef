/**
 * A register as it stands in the document: `1.P.<public key>.<signature>.<JSON body>`. The signature covers
 * the body's exact text, the version, the key and the room, so a register cannot be replayed in another
 * room, and fields that a newer version adds survive verification by an older one.
 */
import type { VoterId } from '../consensus/record.js'
import type { Register } from '../consensus/register.js'
import { type ErrorCode, HoldfastError } from '../errors.js'
import { type Bytes, toBase64Url } from './base64.js'
import { type Identity, isSignedBy, type Verify } from './identity.js'
import { encodeRegister, parseRegister } from './register-body.js'

/** What became of a register that was read. */
export type RegisterReading =
  | { readonly register: Register; readonly content: string }
  | { readonly problem: Extract<ErrorCode, 'register-invalid' | 'register-forged'> }

/**
 * Signs a register for one room.
 *
 * @throws HoldfastError `register-invalid` when it is larger than what readers accept.
 */
export async function signRegister(register: Register, identity: Identity, room: string): Promise<string> {
  const body = encodeRegister(register)
  const signature = await identity.sign(signedBytes(room, identity.publicKey, body))
  const value = `${HEADER}.${identity.publicKey}.${toBase64Url(signature)}.${body}`
  if (value.length > REGISTER_MAX_CHARACTERS)
    throw new HoldfastError('register-invalid', {
      message: 'The own register is too large to be read by others.',
      details: { characters: value.length },
    })
  return value
}

export type { Verify } from './identity.js'

/** Reads and verifies what stands under the key `voter`. Never throws. */
export async function readRegister(
  voter: VoterId,
  value: unknown,
  room: string,
  verify: Verify = isSignedBy,
): Promise<RegisterReading> {
  if (typeof value !== 'string' || value.length > REGISTER_MAX_CHARACTERS || !VOTER.test(voter))
    return { problem: 'register-invalid' }
  const parts = WIRE.exec(value)
  const [, publicKey, signature, body] = parts ?? []
  if (publicKey === undefined || signature === undefined || body === undefined)
    return { problem: 'register-invalid' }
  const register = parseRegister(voter, body)
  if (register === null) return { problem: 'register-invalid' }
  if (!(await verify(voter, publicKey, signature, signedBytes(room, publicKey, body))))
    return { problem: 'register-forged' }
  return { register, content: encodeRegister(register) }
}

function signedBytes(room: string, publicKey: string, body: string): Bytes {
  return new TextEncoder().encode(`holdfast register ${HEADER}\n${JSON.stringify(room)}\n${publicKey}\n${body}`)
}

/** Version 1, ECDSA P-256. */
const HEADER = '1.P'
/** A full register is about 0.7 kB; three times that is still cheap to hold for 256 voters. */
const REGISTER_MAX_CHARACTERS = 2048
const VOTER = /^[\w-]{22}$/
const WIRE = /^1\.P\.([\w-]{87})\.([\w-]{86})\.(\{.*\})$/s
