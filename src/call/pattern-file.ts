/**
 * Learned patterns as a file that an app may ship. It comes from outside, so it is parsed; what it says weighs
 * little (`recovery/knowledge.ts`).
 */
import * as v from 'valibot'
import { HoldfastError } from '../errors.js'
import type { Counts, PatternKey } from '../recovery/pattern.js'

/** What `patterns.export()` returns and `patterns.import()` takes. */
export interface PatternFile {
  readonly format: 'holdfast-patterns'
  readonly version: 1
  readonly patterns: readonly (PatternKey & Counts)[]
}

/** More than a person's devices ever learn; a file is read at start. */
const PATTERNS_MAX = 1000
/** Signatures, contexts and strategies are a few words. */
const WORD_MAX_CHARS = 160
/** A separator inside a name would let one pattern pose as another. */
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(WORD_MAX_CHARS), v.regex(/^[^|]*$/))
const count = v.pipe(v.number(), v.finite(), v.minValue(0))

const schema = v.object({
  format: v.literal('holdfast-patterns'),
  version: v.literal(1),
  patterns: v.pipe(
    v.array(
      v.object({
        signature: word,
        context: word,
        strategy: word,
        successes: count,
        failures: count,
        successMs: count,
        failureMs: count,
      }),
    ),
    v.maxLength(PATTERNS_MAX),
  ),
})

/**
 * Parses a file.
 *
 * @throws HoldfastError `invalid-options`; `details.field` names what is wrong.
 */
export function parsePatternFile(file: unknown): PatternFile {
  const parsed = v.safeParse(schema, file)
  if (parsed.success) return parsed.output
  const field = v.getDotPath(parsed.issues[0]) ?? 'patterns'
  throw new HoldfastError('invalid-options', {
    message: `The file of patterns is malformed at "${field}".`,
    details: { field },
  })
}
