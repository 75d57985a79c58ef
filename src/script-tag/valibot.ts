/**
 * In place of `valibot` in the script-tag build: the checks that Holdfast's schemas are made of, with the same
 * verdicts and outputs. Of an issue there is the first one, with its path and the schema's own message; types
 * come from valibot itself (`test/unit/script-tag/valibot.test.ts` compares the two).
 */

/** A schema returns its output; it and an action throw what is {@link Invalid}. */
interface Check {
  (value: unknown): unknown
  readonly isOptional?: boolean
}

class Invalid {
  readonly path: PropertyKey[] = []
  readonly message: string
  constructor(message = 'Invalid type') {
    this.message = message
  }
}

type Result =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly issues: readonly [Invalid] }

export function safeParse(schema: Check, value: unknown): Result {
  try {
    return { success: true, output: schema(value) }
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    return { success: false, issues: [error] }
  }
}

export function parse(schema: Check, value: unknown): unknown {
  return schema(value)
}

export function getDotPath({ path }: Invalid): string | null {
  return path.join('.') || null
}

/** A schema or an action that only looks. */
const checking =
  <Value>(test: (value: Value) => unknown) =>
  (message?: string): Check =>
  (value) => {
    if (!test(value as Value)) throw new Invalid(message)
    return value
  }

/** The same with something to compare with. */
const comparing =
  <Value, Than>(test: (value: Value, than: Than) => unknown) =>
  (than: Than, message?: string): Check =>
    checking<Value>((value) => test(value, than))(message)

export const string = checking((value) => typeof value === 'string')
export const boolean = checking((value) => typeof value === 'boolean')
export const number = checking((value) => typeof value === 'number' && !Number.isNaN(value))
export const unknown = checking(() => true)
export const finite = checking(Number.isFinite)
export const safeInteger = checking(Number.isSafeInteger)
export const literal = comparing((value, than) => value === than)
export const picklist = comparing((value, than: readonly unknown[]) => than.includes(value))
export const custom = comparing((value, test: (value: unknown) => boolean) => test(value))
export const check = (test: (value: unknown) => boolean, message?: string): Check => custom(test, message)
export const regex = comparing((value: string, than: RegExp) => than.test(value))
export const minLength = comparing((value: { length: number }, than: number) => value.length >= than)
export const maxLength = comparing((value: { length: number }, than: number) => value.length <= than)
export const minValue = comparing((value: number, than: number) => value >= than)
export const maxValue = comparing((value: number, than: number) => value <= than)
export const maxEntries = comparing((value: object, than: number) => Object.keys(value).length <= than)

export const pipe =
  (...checks: Check[]): Check =>
  (value) =>
    checks.reduce((result, one) => one(result), value)

export const optional = (inner: Check, fallback?: unknown): Check =>
  Object.assign((value: unknown = fallback) => (value === undefined ? value : inner(value)), {
    isOptional: true,
  })

export const nullable =
  (inner: Check): Check =>
  (value) =>
    value === null ? value : inner(value)

export const array =
  (inner: Check, message?: string): Check =>
  (value) => {
    if (!Array.isArray(value)) throw new Invalid(message)
    return value.map((one, index) => at(index, inner, one))
  }

export const tuple =
  (inners: readonly Check[]): Check =>
  (value) => {
    if (!Array.isArray(value)) throw new Invalid()
    return inners.map((inner, index) => at(index, inner, value[index]))
  }

export const object =
  (entries: Record<string, Check>, message?: string): Check =>
  (value) => {
    const input = objectOf(value, message)
    const output: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(entries)) {
      const isMissing = !(key in input) && !inner.isOptional
      const result = at(key, isMissing ? missing(key, message) : inner, input[key])
      if (key in input || result !== undefined) output[key] = result
    }
    return output
  }

export const looseObject =
  (entries: Record<string, Check>, message?: string): Check =>
  (value) => ({ ...(value as object), ...(object(entries, message)(value) as object) })

export const record =
  (keyOf: Check, inner: Check): Check =>
  (value) => {
    const input = objectOf(value)
    const keys = Object.keys(input).filter((key) => !UNSAFE_KEYS.includes(key))
    return Object.fromEntries(keys.map((key) => [at(key, keyOf, key), at(key, inner, input[key])]))
  }

export const union =
  (options: readonly Check[]): Check =>
  (value) => {
    for (const option of options) {
      const result = safeParse(option, value)
      if (result.success) return result.output
    }
    throw new Invalid()
  }

/** Who fits its options fits the one with the right key, so the key need not be looked at. */
export const variant = (_key: string, options: readonly Check[]): Check => union(options)

/** What an object of somebody else's must not set. */
const UNSAFE_KEYS = ['__proto__', 'prototype', 'constructor']

function objectOf(value: unknown, message?: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Invalid(message)
  return value as Record<string, unknown>
}

const missing = (key: string, message?: string): Check =>
  checking(() => false)(message ?? `Invalid key: Expected "${key}" but received undefined`)

function at(key: PropertyKey, inner: Check, value: unknown): unknown {
  try {
    return inner(value)
  } catch (error) {
    if (error instanceof Invalid) error.path.unshift(key)
    throw error
  }
}
