/**
 * Long messages in parts: signaling servers close a socket for a frame above 64 kB, and a document with many
 * voters has more. Parts of a message that never becomes whole are forgotten.
 */
import * as v from 'valibot'

/** Puts parts together; null while parts are missing, and for what is no part. */
export type Joiner = (from: string, part: unknown) => unknown

/** The parts of `value`, each small enough to be sent; null when one message is enough. */
export function splitMessage(value: unknown, id: number): readonly Part[] | null {
  const text = JSON.stringify(value)
  if (text.length <= PART_CHARACTERS) return null
  const count = Math.ceil(text.length / PART_CHARACTERS)
  return Array.from({ length: count }, (_, at) => ({
    id,
    at,
    count,
    text: text.slice(at * PART_CHARACTERS, (at + 1) * PART_CHARACTERS),
  }))
}

/** A piece of a message's JSON. */
export type Part = v.InferOutput<typeof PART>

/** Makes a joiner for one receiver. */
export function createJoiner(): Joiner {
  const open = new Map<string, Map<number, string>>()
  return (from, value) => {
    const parsed = v.safeParse(PART, value)
    if (!parsed.success || parsed.output.at >= parsed.output.count) return null
    const { id, at, count, text } = parsed.output
    const key = `${id} ${count} ${from}`
    const parts = open.get(key) ?? new Map<number, string>()
    if (!open.has(key) && open.size >= OPEN_MAX) open.delete([...open.keys()][0] ?? '')
    open.set(key, parts.set(at, text))
    if (parts.size < count) return null
    open.delete(key)
    const whole = Array.from({ length: count }, (_, index) => parts.get(index) ?? '').join('')
    try {
      return JSON.parse(whole) as unknown
    } catch {
      // The sender's parts make no JSON: dropped like any other garbage.
      return null
    }
  }
}

/** Escaped, sealed and in base64 a part stays below 64 kB. */
const PART_CHARACTERS = 16 * 1024
/** 512 kB: more than twice the largest update that is accepted. */
const PARTS_MAX = 32
/** Messages under way at once, from everybody. */
const OPEN_MAX = 16
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const PART = v.object({
  id: whole,
  at: whole,
  count: v.pipe(whole, v.maxValue(PARTS_MAX)),
  text: v.pipe(v.string(), v.maxLength(PART_CHARACTERS)),
})
