/**
 * Who this page is in the document: a key pair minted at page load and never stored, so that a tab that lost
 * its state is a new voter and can never vote as its former self (docs/protocol.md, Data).
 *
 * ECDSA P-256 alone, although Ed25519 keys are shorter: a browser without Ed25519 could not verify the
 * others and would silently see a smaller call than they do.
 */
import type { VoterId } from '../consensus/record.js'
import { HoldfastError } from '../errors.js'
import { type Bytes, fromBase64Url, toBase64Url } from './base64.js'

/** A voter that can sign. */
export interface Identity {
  readonly voter: VoterId
  /** Raw public key, base64url. */
  readonly publicKey: string
  sign(bytes: Bytes): Promise<Bytes>
}

/**
 * Mints a fresh voter; the private key cannot be read out.
 *
 * @throws HoldfastError `insecure-context` where WebCrypto is missing.
 */
export async function createIdentity(): Promise<Identity> {
  const { subtle } = globalThis.crypto ?? {}
  if (!subtle) throw new HoldfastError('insecure-context')
  const pair = await subtle.generateKey(KEY_ALGORITHM, false, ['sign', 'verify'])
  const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return {
    voter: await voterOf(raw),
    publicKey: toBase64Url(raw),
    sign: async (bytes) => new Uint8Array(await subtle.sign(SIGN_ALGORITHM, pair.privateKey, bytes)),
  }
}

/** The voter id that belongs to a raw public key. */
export async function voterOf(publicKey: Bytes): Promise<VoterId> {
  const digest = await crypto.subtle.digest('SHA-256', publicKey)
  return toBase64Url(new Uint8Array(digest, 0, VOTER_BYTES))
}

/** Whether `signature` was made over `bytes` by the key whose hash is `voter`. Never throws. */
export async function isSignedBy(
  voter: VoterId,
  publicKey: string,
  signature: string,
  bytes: Bytes,
): Promise<boolean> {
  const rawKey = fromBase64Url(publicKey)
  const rawSignature = fromBase64Url(signature)
  if (rawKey === null || rawSignature === null) return false
  if ((await voterOf(rawKey)) !== voter) return false
  try {
    const key = await crypto.subtle.importKey('raw', rawKey, KEY_ALGORITHM, false, ['verify'])
    return await crypto.subtle.verify(SIGN_ALGORITHM, key, rawSignature, bytes)
  } catch {
    // importKey rejects bytes that are no point on the curve; such a register is as bad as a forged one.
    return false
  }
}

/** 128 bits: finding a second key with the same id is out of reach, and the id stays 22 characters. */
const VOTER_BYTES = 16
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGN_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const
