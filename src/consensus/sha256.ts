/**
 * SHA-256 (FIPS 180-4), synchronous. WebCrypto only hashes asynchronously, and a pure `step` cannot wait;
 * a shorter non-cryptographic hash would let a hostile peer forge the chain of records.
 */

/** SHA-256 of UTF-8 text: 32 bytes. */
export function sha256(text: string): Uint8Array {
  const message = padded(utf8(text))
  const hash = new Uint32Array(INITIAL)
  const schedule = new Uint32Array(64)
  for (let offset = 0; offset < message.length; offset += BLOCK_BYTES) compress(hash, schedule, message, offset)
  const bytes = new Uint8Array(32)
  const out = new DataView(bytes.buffer)
  hash.forEach((word, index) => {
    out.setUint32(index * 4, word)
  })
  return bytes
}

/** Base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    const digits = Math.min(3, bytes.length - index) + 1
    for (let digit = 0; digit < digits; digit++) text += ALPHABET[(group >>> (18 - digit * 6)) & 63]
  }
  return text
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const BLOCK_BYTES = 64

/** The first 32 bits of the fractional parts of the `count` first primes' roots, as FIPS 180-4 defines them. */
function rootFractions(count: number, exponent: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (isPrime(candidate)) found.push(((candidate ** exponent % 1) * 2 ** 32) >>> 0)
  }
  return found
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return true
}

const INITIAL = /* @__PURE__ */ rootFractions(8, 1 / 2)
const CONSTANTS = /* @__PURE__ */ rootFractions(64, 1 / 3)

/** TextEncoder belongs to the DOM library, which the pure folders do without. Lone surrogates become U+FFFD. */
function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const read = character.codePointAt(0) ?? 0
    const code = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}

function padded(bytes: readonly number[]): Uint8Array {
  const message = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK_BYTES) * BLOCK_BYTES)
  message.set(bytes)
  message[bytes.length] = 0x80
  new DataView(message.buffer).setUint32(message.length - 4, bytes.length * 8)
  return message
}

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

function expand(schedule: Uint32Array, message: Uint8Array, offset: number): void {
  const block = new DataView(message.buffer, offset, BLOCK_BYTES)
  const word = (index: number): number => schedule[index] ?? 0
  for (let index = 0; index < 16; index++) schedule[index] = block.getUint32(index * 4)
  for (let index = 16; index < 64; index++) {
    const low = word(index - 15)
    const high = word(index - 2)
    const first = rotate(low, 7) ^ rotate(low, 18) ^ (low >>> 3)
    const second = rotate(high, 17) ^ rotate(high, 19) ^ (high >>> 10)
    schedule[index] = word(index - 16) + first + word(index - 7) + second
  }
}

function compress(hash: Uint32Array, schedule: Uint32Array, message: Uint8Array, offset: number): void {
  expand(schedule, message, offset)
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let index = 0; index < 64; index++) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const one = (h + big1 + choice + (CONSTANTS[index] ?? 0) + (schedule[index] ?? 0)) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + big0 + majority) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => {
    hash[index] = (hash[index] ?? 0) + word
  })
}
