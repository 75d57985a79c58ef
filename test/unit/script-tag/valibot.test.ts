/** The script-tag build's own valibot gives the verdicts, outputs and first paths of the package. */
import fc from 'fast-check'
import * as stock from 'valibot'
import { describe, expect, it } from 'vitest'
import * as own from '../../../src/script-tag/valibot.js'

type Schema = Parameters<typeof own.safeParse>[0]

const isShort = (value: unknown): boolean => JSON.stringify(value ?? null).length < 12

/** The shapes that schemas of the sources have; `v` is either of the two. */
const SCHEMAS: Readonly<Record<string, (v: typeof own) => Schema>> = {
  text: (v) => v.pipe(v.string(), v.minLength(1), v.maxLength(3), v.regex(/^[a-z]/)),
  number: (v) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(5)),
  finite: (v) => v.pipe(v.number(), v.finite()),
  tuple: (v) => v.tuple([v.string(), v.optional(v.boolean())]),
  list: (v) => v.pipe(v.array(v.nullable(v.number())), v.maxLength(2)),
  record: (v) =>
    v.pipe(v.record(v.pipe(v.string(), v.maxLength(2)), v.picklist(['a', 'b', 1])), v.maxEntries(2)),
  checked: (v) => v.record(v.string(), v.pipe(v.unknown(), v.check(isShort))),
  union: (v) => v.union([v.tuple([v.number()]), v.literal(0), v.pipe(v.string(), v.maxLength(2))]),
  object: (v) =>
    v.object({
      a: v.string(),
      b: v.optional(v.pipe(v.array(v.string()), v.maxLength(2)), ['x']),
      c: v.optional(v.nullable(v.number())),
      d: v.object({ a: v.unknown() }),
    }),
  variant: (v) =>
    v.variant('a', [
      v.object({ a: v.literal('a'), b: v.optional(v.number()) }),
      v.object({ a: v.literal('b'), b: v.variant('a', [v.object({ a: v.picklist([1, 2]) })]) }),
    ]),
}

const key = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor', 'prototype')
const leaf = fc.constantFrom(
  'a',
  'b',
  'x',
  '',
  'long text',
  0,
  1,
  2,
  7,
  -1,
  1.5,
  Number.NaN,
  true,
  null,
  undefined,
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => {
    const object = {}
    for (const [name, one] of entries)
      Object.defineProperty(object, name, { value: one, enumerable: true, configurable: true, writable: true })
    return object
  }),
}))

function verdict(v: typeof own, schema: Schema, input: unknown): unknown {
  const result = v.safeParse(schema, input)
  return result.success ? { output: result.output } : 'invalid'
}

describe('the script-tag file’s valibot', () => {
  for (const [name, build] of Object.entries(SCHEMAS))
    it(`agrees with the package on ${name}`, () => {
      const other = stock as unknown as typeof own
      const [ours, theirs] = [build(own), build(other)]
      fc.assert(
        fc.property(value, (input) => {
          expect(verdict(own, ours, input)).toEqual(verdict(other, theirs, input))
        }),
        { numRuns: 500 },
      )
    })

  it('names the first field that is wrong, and keeps the schema’s own message', () => {
    const build = (v: typeof own): Schema =>
      v.looseObject({
        room: v.pipe(v.string('must be a string'), v.minLength(1, 'must not be empty')),
        providers: v.array(
          v.custom((one) => one === 1, 'must be one'),
          'must be a list',
        ),
        me: v.looseObject({ id: v.string('must be a string') }, 'must be an object'),
      })
    const me = { id: 'ada' }
    const cases = [
      {},
      { room: 3 },
      { room: '', providers: 4 },
      { room: 'r', providers: [1, 2], me },
      { room: 'r', providers: [1], me: null },
      { room: 'r', providers: [1], me: {} },
    ]
    for (const input of cases) {
      const [ours, theirs] = [own, stock as unknown as typeof own].map((v) => {
        const result = v.safeParse(build(v), input)
        return result.success ? null : [v.getDotPath(result.issues[0]), result.issues[0].message]
      })
      expect(ours).toEqual(theirs)
    }
    expect(own.safeParse(build(own), { room: 'r', providers: [], me, more: 1 })).toEqual({
      success: true,
      output: { room: 'r', providers: [], me, more: 1 },
    })
  })

  it('throws what a check of the app throws', () => {
    const schema = own.custom(() => {
      throw new TypeError('from outside')
    })
    expect(() => own.safeParse(schema, 1)).toThrow('from outside')
    expect(() => own.parse(own.string(), 1)).toThrow()
  })
})
