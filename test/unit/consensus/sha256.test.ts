import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64url, sha256 } from '../../../src/consensus/sha256.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('hashes the vectors of FIPS 180-4', () => {
  expect(hex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('agrees with the platform on any text, at every block boundary too', () => {
  const reference = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
  for (let length = 0; length < 200; length++) {
    const text = 'x'.repeat(length)
    expect(hex(sha256(text))).toBe(reference(text))
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => hex(sha256(text)) === reference(text)),
  )
})

test('base64url is unpadded and URL-safe', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    }),
  )
})
