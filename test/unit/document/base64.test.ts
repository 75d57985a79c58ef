import { afterEach, describe, expect, it } from 'vitest'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../../src/document/base64.js'

const engine = Uint8Array as { fromBase64?: unknown }
const prototype = Uint8Array.prototype as { toBase64?: unknown }
const ofEngine = [engine.fromBase64, prototype.toBase64]

/** Does what ES2026 says, by way of Node. */
function giveEngineBase64(): void {
  engine.fromBase64 = (text: string): Uint8Array => {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new SyntaxError('no base64')
    return new Uint8Array(Buffer.from(text, 'base64'))
  }
  prototype.toBase64 = function (this: Uint8Array): string {
    return Buffer.from(this).toString('base64')
  }
}

afterEach(() => {
  for (const [owner, name, before] of [
    [engine, 'fromBase64', ofEngine[0]],
    [prototype, 'toBase64', ofEngine[1]],
  ] as const)
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Reflect.set(owner, name, before)
})

describe.each([
  ['of its own', (): void => undefined],
  ['of the engine', giveEngineBase64],
] satisfies [string, () => void][])('base64 %s', (_name, prepare) => {
  it('gives every length of bytes back, in both alphabets', () => {
    prepare()
    for (const length of [0, 1, 2, 3, 255, 9000]) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 37) % 256)
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      expect(toBase64Url(bytes)).toMatch(/^[\w-]*$/)
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
    }
  })

  it('answers null for what is not base64', () => {
    prepare()
    for (const text of ['*', 'ab=c', 'ä', '{"a":1}'])
      expect([fromBase64(text), fromBase64Url(text)]).toEqual([null, null])
  })
})
