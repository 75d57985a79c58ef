/**
 * The border between attempts and storage. What goes in is cut to size and cleaned of anything that looks
 * like a secret; what comes out is parsed, because any script of the origin (or an older version of this
 * package) may have written it. It knows nothing about IndexedDB.
 */
import * as v from 'valibot'
import type { Attempt } from './attempt.js'
import { clean, cut } from './sanitise.js'

/** Ids are short by construction; the limit only stops a runaway caller. */
const ID_MAX_LENGTH = 64
/** Room names come from the app, often from a URL; longer ones still differ in their first 128 characters. */
const ROOM_MAX_LENGTH = 128
/** Plain words for people; keeps one attempt at about 500 bytes (promise P21). */
const REASON_MAX_LENGTH = 160
/** Provider ids are at most 24 characters by contract. */
const PROVIDER_MAX_LENGTH = 24
/** `generation.founder.baseN.baseFounder` with two hashed ids. */
const LINEAGE_MAX_LENGTH = 160
const Text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength))
const FiniteNumber = v.pipe(v.number(), v.finite())

const StoredAttempt = v.object({
  id: v.pipe(Text(ID_MAX_LENGTH), v.minLength(1)),
  room: Text(ROOM_MAX_LENGTH),
  incident: Text(ID_MAX_LENGTH),
  strategy: Text(ID_MAX_LENGTH),
  initiator: Text(ID_MAX_LENGTH),
  reason: Text(REASON_MAX_LENGTH),
  from: v.nullable(Text(PROVIDER_MAX_LENGTH)),
  to: v.nullable(Text(PROVIDER_MAX_LENGTH)),
  lineage: v.nullable(Text(LINEAGE_MAX_LENGTH)),
  epoch: v.nullable(FiniteNumber),
  startedAtMs: FiniteNumber,
  durationMs: v.nullable(FiniteNumber),
  mediaGapMs: v.nullable(FiniteNumber),
  outcome: v.picklist(['in-progress', 'succeeded', 'failed', 'cancelled']),
})

/** A copy fit for storage: strings cut and cleaned, names of people taken out of texts, numbers finite. */
export function toStored(attempt: Attempt, names: readonly string[] = []): Attempt {
  return {
    id: cut(attempt.id, ID_MAX_LENGTH),
    room: storedRoom(attempt.room),
    incident: clean(attempt.incident, ID_MAX_LENGTH),
    strategy: clean(attempt.strategy, ID_MAX_LENGTH),
    initiator: cut(attempt.initiator, ID_MAX_LENGTH),
    reason: clean(attempt.reason, REASON_MAX_LENGTH, names),
    from: attempt.from === null ? null : cut(attempt.from, PROVIDER_MAX_LENGTH),
    to: attempt.to === null ? null : cut(attempt.to, PROVIDER_MAX_LENGTH),
    lineage: attempt.lineage === null ? null : cut(attempt.lineage, LINEAGE_MAX_LENGTH),
    epoch: finiteOrNull(attempt.epoch),
    startedAtMs: finiteOrNull(attempt.startedAtMs) ?? 0,
    durationMs: finiteOrNull(attempt.durationMs),
    mediaGapMs: finiteOrNull(attempt.mediaGapMs),
    outcome: attempt.outcome,
  }
}

/** The room name under which attempts are kept and looked up. */
export function storedRoom(room: string): string {
  return cut(room, ROOM_MAX_LENGTH)
}

/** The valid attempts among rows read from storage; malformed rows are left out. */
export function fromStored(rows: readonly unknown[]): readonly Attempt[] {
  return rows.flatMap((row) => {
    const parsed = v.safeParse(StoredAttempt, row)
    return parsed.success ? [parsed.output] : []
  })
}

/** Newest first; attempts of one millisecond in the order of their time-ordered ids. */
export function byNewest(a: Attempt, b: Attempt): number {
  if (a.startedAtMs !== b.startedAtMs) return b.startedAtMs - a.startedAtMs
  return a.id < b.id ? 1 : -1
}

function finiteOrNull(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
