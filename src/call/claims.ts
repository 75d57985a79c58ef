/** What participants tell each other of what they learned, as it travels in presence: a short text, parsed here. */
import * as v from 'valibot'
import { CLAIMS_MAX, type Claim } from '../recovery/pooling.js'

const count = v.pipe(v.number(), v.finite(), v.minValue(0))
const schema = v.pipe(
  v.array(v.tuple([v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)), count, count, count, count])),
  v.maxLength(CLAIMS_MAX),
)

/** Claims as a text of at most 400 characters. */
export function writeClaims(claims: readonly Claim[]): string {
  return JSON.stringify(claims)
}

/** Reads a text from a participant; what is malformed claims nothing. */
export function readClaims(text: string): readonly Claim[] {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text))
    return parsed.success ? parsed.output : []
  } catch {
    // No JSON: nobody has to be told, it only means that nothing is learned from this participant.
    return []
  }
}
