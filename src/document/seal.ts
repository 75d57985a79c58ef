/**
 * Encryption of signaling messages with a key derived from the room's password. What cannot be opened
 * (another password, garbage) is answered with null: y-webrtc's own encryption lets a wrong password surface
 * as an unhandled rejection per message, and its messages could not be checked before use.
 */
import { HoldfastError } from '../errors.js'
import { fromBase64, toBase64 } from './base64.js'

/** Seals and opens JSON. */
export interface Seal {
  close(value: unknown): Promise<string>
  /** Null when the text was not sealed with this key. Never throws. */
  open(text: unknown): Promise<unknown>
}

/**
 * Derives the room's key; takes some ten milliseconds.
 *
 * @throws HoldfastError `insecure-context` where WebCrypto is missing.
 */
export async function createSeal(password: string, room: string): Promise<Seal> {
  const { subtle } = globalThis.crypto ?? {}
  if (!subtle) throw new HoldfastError('insecure-context')
  const encoder = new TextEncoder()
  const material = await subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveKey'])
  const key = await subtle.deriveKey(
    { name: 'PBKDF2', salt: encoder.encode(`holdfast ${room}`), iterations: ITERATIONS, hash: 'SHA-256' },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  return {
    async close(value) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const text = encoder.encode(JSON.stringify(value))
      const cipher = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, text))
      const sealed = new Uint8Array(IV_BYTES + cipher.length)
      sealed.set(iv)
      sealed.set(cipher, IV_BYTES)
      return toBase64(sealed)
    },
    async open(text) {
      const sealed = typeof text === 'string' ? fromBase64(text) : null
      if (sealed === null || sealed.length <= IV_BYTES) return null
      try {
        const iv = sealed.subarray(0, IV_BYTES)
        const plain = await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed.subarray(IV_BYTES))
        return JSON.parse(new TextDecoder().decode(plain)) as unknown
      } catch {
        // Another password or garbage: the caller drops and reports it.
        return null
      }
    },
  }
}

/** As y-webrtc does it; a join must not wait for long on a phone, and the password is not stored anywhere. */
const ITERATIONS = 100_000
/** The length NIST SP 800-38D recommends for GCM. */
const IV_BYTES = 12
