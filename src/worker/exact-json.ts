/**
 * Plain data as JSON and back, exactly: NaN, infinities, minus zero, undefined in lists, typed arrays, maps and sets
 * survive. A typed array is written as its difference from the last one of the same length where that is shorter,
 * because most counters of a sample are those of the sample before.
 */
import type { Json } from '../json.js'

/** Writes values; one writer for a whole trace, because later arrays refer to earlier ones. */
export type Writer = (value: unknown) => Json
/** Reads what a {@link Writer} wrote, in the same order. */
export type Reader = (value: Json) => unknown

/** Key that marks what JSON has no form for. */
const MARK = '$'

/** Makes a writer. */
export function createWriter(): Writer {
  const last = new Map<number, Float64Array>()
  const write = (value: unknown): Json => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return writeNumber(value)
    if (value === undefined) return { [MARK]: 'undefined' }
    if (value instanceof Float64Array) return writeNumbers(last, value)
    if (value instanceof Map)
      return { [MARK]: 'map', of: [...value].map(([key, one]) => [write(key), write(one)]) }
    if (value instanceof Set) return { [MARK]: 'set', of: [...value].map(write) }
    if (Array.isArray(value)) return value.map(write)
    if (typeof value !== 'object') throw new TypeError(`no plain data: ${typeof value}`)
    const fields = Object.entries(value).filter(([, one]) => one !== undefined)
    return Object.fromEntries(fields.map(([key, one]) => [key, write(one)]))
  }
  return write
}

/** Makes a reader. */
export function createReader(): Reader {
  const last = new Map<number, Float64Array>()
  const read = (value: Json): unknown => {
    if (Array.isArray(value)) return value.map(read)
    if (typeof value !== 'object' || value === null) return value
    if (!(MARK in value))
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, read(one as Json)]))
    const of = Array.isArray(value.of) ? value.of : []
    switch (value[MARK]) {
      case 'map':
        return new Map(of.map((pair) => read(pair) as [unknown, unknown]))
      case 'set':
        return new Set(of.map(read))
      case 'numbers':
        return readNumbers(last, of)
      case 'changed':
        return readChanged(last, of)
      case 'undefined':
        return undefined
      default:
        return Number(value[MARK])
    }
  }
  return read
}

function writeNumber(value: number): Json {
  if (Object.is(value, -0)) return { [MARK]: '-0' }
  return Number.isFinite(value) ? value : { [MARK]: String(value) }
}

/** In lists of numbers null is NaN: nearly all that is not finite. */
function cell(value: number): Json {
  return Number.isNaN(value) ? null : writeNumber(value)
}

function fromCell(value: Json): number {
  if (value === null) return Number.NaN
  return typeof value === 'object' && !Array.isArray(value)
    ? Number((value as { $: Json })[MARK])
    : Number(value)
}

function writeNumbers(last: Map<number, Float64Array>, values: Float64Array): Json {
  const before = last.get(values.length)
  last.set(values.length, values.slice())
  const changed: Json[] = []
  values.forEach((value, index) => {
    if (!Object.is(value, before?.[index])) changed.push(index, cell(value))
  })
  if (before && changed.length < values.length) return { [MARK]: 'changed', of: [values.length, ...changed] }
  return { [MARK]: 'numbers', of: Array.from(values, cell) }
}

function readNumbers(last: Map<number, Float64Array>, of: readonly Json[]): Float64Array {
  const values = Float64Array.from(of, fromCell)
  last.set(values.length, values)
  return values.slice()
}

function readChanged(last: Map<number, Float64Array>, [length = 0, ...changed]: readonly Json[]): Float64Array {
  const values = last.get(Number(length))?.slice() ?? new Float64Array(Number(length))
  for (let at = 0; at + 1 < changed.length; at += 2)
    values[Number(changed[at])] = fromCell(changed[at + 1] ?? null)
  last.set(values.length, values)
  return values.slice()
}
