import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRegister, parseRegister } from '../../../src/document/register-body.js'
import { anyRegister, makeRegister } from './registers.js'

describe('register body', () => {
  it('gives back every register it encodes, and the same text for the same register', () => {
    fc.assert(
      fc.property(anyRegister, (register) => {
        const text = encodeRegister(register)
        const parsed = parseRegister(register.voter, text)
        expect(parsed).toEqual(register)
        if (parsed !== null) expect(encodeRegister(parsed)).toBe(text)
      }),
    )
  })

  it('never throws, whatever text or JSON it is given', () => {
    const isNone = (text: string): void => {
      expect(parseRegister('v', text)).toBeNull()
    }
    fc.assert(fc.property(fc.string(), (text) => isNone(text)))
    fc.assert(fc.property(fc.jsonValue(), (value) => isNone(JSON.stringify(value))))
  })

  it('never throws and never gives half a register when any one field is replaced by anything', () => {
    const whole = JSON.parse(encodeRegister(makeRegister({ want: { provider: 'west', n: 1 } }))) as object
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (field, value) => {
        const parsed = parseRegister('v', JSON.stringify({ ...whole, [field]: value }))
        expect(parsed === null || typeof parsed.head.committee[0] === 'string').toBe(true)
      }),
    )
  })

  it('drops unknown fields', () => {
    const register = makeRegister()
    const text = JSON.stringify({ ...JSON.parse(encodeRegister(register)), future: { a: 1 } })
    expect(parseRegister(register.voter, text)).toEqual(register)
  })

  it.each(['__proto__', 'constructor', 'prototype', 'a b', ''])(
    'refuses %j as the name of a provider',
    (name) => {
      const text = encodeRegister(makeRegister({ want: { provider: name, n: 1 } }))
      expect(parseRegister('v', text)).toBeNull()
    },
  )

  it.each([
    ['a negative seq', { q: -1 }],
    ['a fractional ballot', { b: 0.5 }],
    ['a string that is not in the table', { p: 90 }],
    ['a negative reference', { l: -1 }],
    ['too many strings', { t: Array.from({ length: 97 }, String) }],
    ['a string that is too long', { t: ['x'.repeat(129)] }],
  ])('refuses %s', (_, change) => {
    const text = JSON.stringify({ ...JSON.parse(encodeRegister(makeRegister())), ...change })
    expect(parseRegister('v', text)).toBeNull()
  })
})
