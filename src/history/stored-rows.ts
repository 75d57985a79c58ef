/**
 * The border between the archive and storage: what comes out is parsed, because any script of the origin (or
 * another version of this package) may have written it; what goes in is cut to size and cleaned.
 */
import * as v from 'valibot'
import type {
  ArchiveEvent,
  EventRow,
  ExplanationRow,
  IncidentRow,
  PatternRow,
  ReadingRow,
  StoredReading,
} from './archive-contract.js'
import { clean, cut } from './sanitise.js'

/** Readings in one row; more are dropped. */
const BATCH_MAX = 600
/** Numbers of one reading. */
const VALUES_MAX = 32
/** Words of one reading. */
const TAGS_MAX = 16
/** Names of series, kinds and values. */
const WORD_MAX_CHARS = 64
/** Participant ids and ids of attempts are shorter by contract. */
const PERSON_MAX_CHARS = 64
/** Signature, context and strategy together. */
const SITUATION_MAX_CHARS = 200
/** One or two sentences. */
const TEXT_MAX_CHARS = 240
/** Facts of one event. */
const FACTS_MAX = 16
/** Options of one decision: more strategies than there are. */
const OPTIONS_MAX = 32

const text = (maxChars: number) => v.pipe(v.string(), v.maxLength(maxChars))
const finite = v.pipe(v.number(), v.finite())
const count = v.pipe(finite, v.minValue(0))
const word = text(WORD_MAX_CHARS)
const situation = text(SITUATION_MAX_CHARS)
const tag = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/))
const counts = v.object({ successes: count, failures: count, successMs: count, failureMs: count })
const reading = v.object({
  atMs: finite,
  series: word,
  participant: v.nullable(text(PERSON_MAX_CHARS)),
  values: v.pipe(v.record(word, v.nullable(finite)), v.maxEntries(VALUES_MAX)),
  tags: v.pipe(v.array(tag), v.maxLength(TAGS_MAX)),
})
const facts = v.pipe(
  v.record(word, v.union([text(TEXT_MAX_CHARS), finite, v.boolean(), v.null()])),
  v.maxEntries(FACTS_MAX),
)

/** One schema per store. */
export const ROW_SCHEMAS = {
  readings: v.object({
    id: word,
    room: v.string(),
    atMs: finite,
    keepUntilMs: finite,
    readings: v.pipe(v.array(reading), v.maxLength(BATCH_MAX)),
  }),
  incidents: v.object({
    id: word,
    signature: situation,
    context: situation,
    message: text(TEXT_MAX_CHARS),
    count,
    firstAtMs: finite,
    lastAtMs: finite,
    keepUntilMs: finite,
  }),
  explanations: v.object({
    id: word,
    room: v.string(),
    atMs: finite,
    keepUntilMs: finite,
    participant: text(PERSON_MAX_CHARS),
    signature: situation,
    context: situation,
    strategy: word,
    number: count,
    by: v.picklist(['fixed', 'learned', 'explored']),
    propensity: finite,
    confidence: finite,
    options: v.pipe(
      v.array(v.object({ strategy: word, success: finite, successMs: finite, costMs: finite })),
      v.maxLength(OPTIONS_MAX),
    ),
    key: word,
    summary: text(TEXT_MAX_CHARS),
    cause: text(TEXT_MAX_CHARS),
    why: text(TEXT_MAX_CHARS),
    userAction: text(TEXT_MAX_CHARS),
    severity: word,
    outcome: v.nullable(v.picklist(['succeeded', 'failed', 'cancelled'])),
    durationMs: v.nullable(finite),
    mediaGapMs: v.nullable(finite),
  }),
  patterns: v.object({
    id: text(3 * SITUATION_MAX_CHARS),
    signature: situation,
    context: situation,
    strategy: word,
    long: counts,
    short: counts,
    episode: count,
    seen: count,
    usedAtMs: finite,
    keepUntilMs: v.optional(finite),
  }),
  events: v.object({
    seq: count,
    atMs: finite,
    keepUntilMs: finite,
    event: v.nullable(
      v.object({ room: v.string(), kind: word, participant: v.nullable(text(PERSON_MAX_CHARS)), facts }),
    ),
    salt: v.nullable(word),
    digest: word,
    previous: word,
    hash: word,
  }),
} as const

interface Rows {
  readonly readings: ReadingRow
  readonly incidents: IncidentRow
  readonly explanations: ExplanationRow
  readonly patterns: PatternRow
  readonly events: EventRow
}

/** The valid rows among those read from a store; malformed ones are left out. */
export function parseRows<Name extends keyof Rows>(
  name: Name,
  rows: readonly unknown[],
): readonly Rows[Name][] {
  return rows.flatMap((row) => {
    const parsed = v.safeParse(ROW_SCHEMAS[name], row)
    // One schema per name; the compiler does not follow the pairing through the table.
    return parsed.success ? [parsed.output as unknown as Rows[Name]] : []
  })
}

/** Readings fit for storage: those with wrong numbers, words or lengths lose them. */
export function toReadings(batch: readonly StoredReading[]): readonly StoredReading[] {
  return batch.slice(-BATCH_MAX).flatMap(({ atMs, series, participant, values, tags }) => {
    if (!Number.isFinite(atMs)) return []
    const kept = Object.entries(values)
      .filter(([name, value]) => name.length <= WORD_MAX_CHARS && (value === null || Number.isFinite(value)))
      .slice(0, VALUES_MAX)
    return [
      {
        atMs,
        series: cut(series, WORD_MAX_CHARS),
        participant: participant === null ? null : cut(participant, PERSON_MAX_CHARS),
        values: Object.fromEntries(kept),
        tags: tags.filter((one) => v.is(tag, one)).slice(0, TAGS_MAX),
      },
    ]
  })
}

/** A text of an explanation or an incident, cleaned. */
export function toText(one: string, names: readonly string[]): string {
  return clean(one, TEXT_MAX_CHARS, names)
}

/** A decision fit for storage. */
export function toExplanation(row: ExplanationRow, names: readonly string[]): ExplanationRow {
  return {
    ...row,
    participant: cut(row.participant, PERSON_MAX_CHARS),
    options: row.options.slice(0, OPTIONS_MAX),
    summary: toText(row.summary, names),
    cause: toText(row.cause, names),
    why: toText(row.why, names),
    userAction: toText(row.userAction, names),
  }
}

/** An event fit for storage: texts cleaned, numbers finite. */
export function toEvent(
  { room, kind, participant, facts }: ArchiveEvent,
  names: readonly string[],
): ArchiveEvent {
  const kept = Object.entries(facts)
    .filter(
      ([name, value]) => name.length <= WORD_MAX_CHARS && (typeof value !== 'number' || Number.isFinite(value)),
    )
    .slice(0, FACTS_MAX)
    .map(([name, value]) => [name, typeof value === 'string' ? toText(value, names) : value] as const)
  return {
    room,
    kind: cut(kind, WORD_MAX_CHARS),
    participant: participant === null ? null : cut(participant, PERSON_MAX_CHARS),
    facts: Object.fromEntries(kept),
  }
}
