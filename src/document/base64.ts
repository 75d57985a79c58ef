/**
 * Bytes as text and back, without padding in the URL-safe form. Decoding answers null for anything that is
 * not base64, because it is mostly applied to what peers send.
 */

/** Bytes whose buffer is an ArrayBuffer, which is what WebCrypto and Yjs take. */
export type Bytes = Uint8Array<ArrayBuffer>

/** Base64url without padding: for keys, ids and signatures. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Reverse of {@link toBase64Url}; null when the text is not base64url. */
export function fromBase64Url(text: string): Bytes | null {
  if (!/^[\w-]*$/.test(text)) return null
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
}

/** Plain base64: for updates in messages. */
export function toBase64(bytes: Uint8Array & { toBase64?: () => string }): string {
  if (bytes.toBase64) return bytes.toBase64()
  let binary = ''
  for (let start = 0; start < bytes.length; start += SLICE_BYTES)
    binary += String.fromCharCode(...bytes.subarray(start, start + SLICE_BYTES))
  return btoa(binary)
}

/** Reverse of {@link toBase64}; null when the text is not base64. */
export function fromBase64(text: string): Bytes | null {
  try {
    if (ByteArray.fromBase64) return ByteArray.fromBase64(text)
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    // A loop, because every message passes here and Uint8Array.from() with a callback takes ten times as long.
    for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index)
    return bytes
  } catch {
    // Both throw for text that is not base64; to the caller that is an answer, not a failure.
    return null
  }
}

/**
 * The engine's own (ES2026), where it is there: it accepts what atob does. Joining decodes some 50 kB with code that is
 * not compiled yet.
 */
const ByteArray = Uint8Array as { readonly fromBase64?: (text: string) => Bytes }

/** Arguments per call of fromCharCode: engines limit the argument count, the lowest limit known is 65535. */
const SLICE_BYTES = 8192
