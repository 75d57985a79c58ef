/**
 * Keys that follow from the seed. The bulk of the seeds signs with a keyed hash that only this process can make
 * and check, because real signatures would take most of the time; the rest signs with ECDSA P-256 through the
 * production identity, with private keys derived from the seed. Everything around the primitive is production.
 */
import { createECDH, createHash, webcrypto } from 'node:crypto'
import type { Bytes } from '../../../src/document/base64.js'
import { toBase64Url } from '../../../src/document/base64.js'
import { type Identity, isSignedBy, voterOf } from '../../../src/document/identity.js'
import type { Verify } from '../../../src/document/register-wire.js'
import type { VirtualTime } from './virtual-time.js'

/** Where a room's keys come from. */
export interface Signatures {
  mint(): Promise<Identity>
  readonly verify: Verify
}

/** As long as a raw P-256 point and as an ECDSA signature, so that sizes are the real ones. */
const KEY_BYTES = 65
const VOTER_BYTES = 16

/** Fast signatures of one room. */
export function keyedSignatures(seed: number): Signatures {
  const secrets = new Map<string, { readonly voter: string; readonly secret: Buffer }>()
  let minted = 0
  const mac = (secret: Buffer, bytes: Bytes) => createHash('sha512').update(secret).update(bytes)
  return {
    async mint() {
      const secret = seeded(seed, minted++)
      const raw = new Uint8Array(KEY_BYTES)
      raw.set(secret)
      const publicKey = toBase64Url(raw)
      const voter = toBase64Url(createHash('sha256').update(raw).digest().subarray(0, VOTER_BYTES))
      secrets.set(publicKey, { voter, secret })
      return { voter, publicKey, sign: async (bytes) => new Uint8Array(mac(secret, bytes).digest()) }
    },
    async verify(voter, publicKey, signature, bytes) {
      const known = secrets.get(publicKey)
      return known?.voter === voter && mac(known.secret, bytes).digest('base64url') === signature
    },
  }
}

/** Real signatures, one after the other so that they always end in the same order. */
export function realSignatures(seed: number, time: VirtualTime): Signatures {
  let minted = 0
  let last: Promise<unknown> = Promise.resolve()
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done
    return time.track(done)
  }
  return {
    mint: () => inOrder(() => realIdentity(seeded(seed, minted++), inOrder)),
    verify: (voter, publicKey, signature, bytes) =>
      inOrder(() => isSignedBy(voter, publicKey, signature, bytes)),
  }
}

async function realIdentity(
  secret: Buffer,
  inOrder: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<Identity> {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(secret)
  const raw = new Uint8Array(curve.getPublicKey())
  const [x, y] = [raw.slice(1, 33), raw.slice(33)]
  const jwk = { kty: 'EC', crv: 'P-256', d: toBase64Url(secret), x: toBase64Url(x), y: toBase64Url(y) }
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  const sign = (bytes: Bytes): Promise<ArrayBuffer> =>
    webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes)
  return {
    voter: await voterOf(raw),
    publicKey: toBase64Url(raw),
    sign: async (bytes) => new Uint8Array(await inOrder(() => sign(bytes))),
  }
}

function seeded(seed: number, index: number): Buffer {
  return createHash('sha256').update(`${seed}/${index}`).digest()
}
