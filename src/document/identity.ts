/**
 * Who this page is in the document: a key pair minted at page load, so that a tab that lost its state is a new
 * voter and can never vote as its former self (docs/protocol.md, Data). A page that is about to be refreshed may
 * hand the pair to its successor (kept-seat.ts); the private half cannot be read out anywhere.
 *
 * ECDSA P-256 alone: whoever could not verify another algorithm would silently see a smaller call than the
 * others, and who will join later cannot be asked (docs/decisions.md).
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

/** An identity whose key pair may be kept over a refresh. */
export interface OwnIdentity extends Identity {
  readonly pair: CryptoKeyPair
}

/**
 * Mints a fresh voter; the private key cannot be read out.
 *
 * @throws HoldfastError `insecure-context` where WebCrypto is missing.
 */
export async function createIdentity(): Promise<OwnIdentity> {
  const { subtle } = globalThis.crypto ?? {}
  if (!subtle) throw new HoldfastError('insecure-context')
  return identityOf(await subtle.generateKey(KEY_ALGORITHM, false, ['sign', 'verify']))
}

/** The voter of an existing key pair. */
export async function identityOf(pair: CryptoKeyPair): Promise<OwnIdentity> {
  const { subtle } = crypto
  const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return {
    voter: await voterOf(raw),
    publicKey: toBase64Url(raw),
    pair,
    sign: async (bytes) => new Uint8Array(await subtle.sign(SIGN_ALGORITHM, pair.privateKey, bytes)),
  }
}

/** The voter id that belongs to a raw public key. */
export async function voterOf(publicKey: Bytes): Promise<VoterId> {
  const digest = await crypto.subtle.digest('SHA-256', publicKey)
  return toBase64Url(new Uint8Array(digest, 0, VOTER_BYTES))
}

/** Whether `signature` was made over `bytes` by the key whose hash is `voter`. Never throws. */
export type Verify = (voter: VoterId, publicKey: string, signature: string, bytes: Bytes) => Promise<boolean>

/** A {@link Verify} that imports and hashes each voter's key once. */
export function createVerify(): Verify {
  const keys = new Map<string, Promise<CryptoKey | null>>()
  return async (voter, publicKey, signature, bytes) => {
    const name = voter + publicKey
    const key = keys.get(name) ?? keyOf(voter, publicKey)
    if (!keys.has(name) && keys.size >= KEYS_MAX) keys.delete([...keys.keys()][0] ?? '')
    keys.set(name, key)
    const imported = await key
    const rawSignature = fromBase64Url(signature)
    if (imported === null || rawSignature === null) return false
    return crypto.subtle.verify(SIGN_ALGORITHM, imported, rawSignature, bytes)
  }
}

/** {@link createVerify} for once. */
export const isSignedBy: Verify = (...signed) => createVerify()(...signed)

async function keyOf(voter: VoterId, publicKey: string): Promise<CryptoKey | null> {
  const raw = fromBase64Url(publicKey)
  if (raw === null || (await voterOf(raw)) !== voter) return null
  try {
    return await crypto.subtle.importKey('raw', raw, KEY_ALGORITHM, false, ['verify'])
  } catch {
    // Bytes that are no point on the curve; whatever they are said to have signed is as bad as forged.
    return null
  }
}

/** 128 bits: finding a second key with the same id is out of reach, and the id stays 22 characters. */
const VOTER_BYTES = 16
/** As many as there are registers to verify; the oldest is imported again. */
const KEYS_MAX = 256
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGN_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const
