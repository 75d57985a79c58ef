/**
 * Presence on the wire: one awareness state per page, with an entry for each participant of that page. Every
 * field of every entry is bounded when read and cut to the same bounds when written.
 */
import * as v from 'valibot'
import type { Json } from '../json.js'
import { BEAT_EVERY_MS, BEAT_MAX_MS } from './beat-pace.js'
import type { Presence } from './presence.js'

/** One participant's presence as it travels: without what only the receiver knows. */
export type SeatState = Omit<Presence, 'heardAtMs' | 'beatEveryMs'>

/** A page's awareness state. */
export interface PageState {
  /** Page id, the sender of messages on the room's bus. */
  readonly page: string
  /** Id of the page in the WebRTC mesh; empty while there is none. */
  readonly rtc: string
  /** Whether it has an open data channel to every page it knows; then nobody has to pass anything on to it. */
  readonly isWhole: boolean
  /** Time between its heartbeats in milliseconds. */
  readonly every: number
  readonly seats: readonly SeatState[]
  /** Round trips under way: [id, voter asked]. */
  readonly pings: readonly (readonly [string, string])[]
  /** Ids of pings answered lately. */
  readonly echoes: readonly string[]
}

/** Reads a foreign awareness state; null when it is none of ours or out of bounds. Never throws. */
export function parsePageState(value: unknown): PageState | null {
  if (typeof value !== 'object' || value === null) return null
  const parsed = v.safeParse(PAGE, (value as { holdfast?: unknown }).holdfast)
  if (!parsed.success) return null
  return { ...parsed.output, seats: parsed.output.seats.map(readSeat) }
}

/** Whether an awareness state claims to be one of ours. */
export function isPageState(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'holdfast' in value
}

/** The awareness state to publish; what is too long is cut. */
export function writePageState(state: PageState): { holdfast: PageState } {
  return { holdfast: { ...state, seats: state.seats.slice(0, SEATS_MAX).map(cutSeat) } }
}

function readSeat(seat: v.InferOutput<typeof SEAT>): SeatState {
  const { name, next, isParting, page, word, learned, ...rest } = seat
  return {
    ...rest,
    directory: rest.directory as Record<string, Json>,
    ...(name === undefined ? {} : { name }),
    ...(next === undefined ? {} : { next }),
    ...(isParting === undefined ? {} : { isParting }),
    ...(page === undefined ? {} : { page }),
    ...(word === undefined ? {} : { word }),
    ...(learned === undefined ? {} : { learned }),
  }
}

function cutSeat(seat: SeatState): SeatState {
  const { name, asking } = seat
  const directory = Object.entries(seat.directory).filter(([, entry]) => isSmall(entry))
  return {
    ...seat,
    ...(name === undefined ? {} : { name: name.slice(0, NAME_MAX) }),
    ...(seat.word === undefined ? {} : { word: seat.word.slice(0, WORD_MAX) }),
    muted: seat.muted.slice(0, SOURCES_MAX),
    publishing: seat.publishing.slice(0, SOURCES_MAX),
    asking: asking && { ...asking, reason: asking.reason.slice(0, REASON_MAX) },
    directory: Object.fromEntries(directory.slice(0, PROVIDERS_MAX)),
  }
}

function isSmall(entry: unknown): boolean {
  return (JSON.stringify(entry) ?? '').length <= DIRECTORY_ENTRY_MAX
}

/** Participants of one page; a demo shows four. */
const SEATS_MAX = 16
const ID_MAX = 128
const NAME_MAX = 64
/** A short hash. */
const NEXT_MAX = 32
/** Promised by `PresenceFacts.asking`. */
const REASON_MAX = 120
/** Promised by `PresenceFacts.word`. */
const WORD_MAX = 200
/** Eight cells of five short numbers, promised by `PresenceFacts.learned`. */
const LEARNED_MAX = 400
/** Camera, microphone, screen and its sound, twice over. */
const SOURCES_MAX = 8
/** As many as a call may configure. */
const PROVIDERS_MAX = 16
/** Promised by `Directory.announce`. */
const DIRECTORY_ENTRY_MAX = 1024
/** Round trips measured at once, and answers remembered. */
const ECHOES_MAX = 16

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(ID_MAX))
const sources = v.pipe(v.array(v.pipe(v.string(), v.maxLength(32))), v.maxLength(SOURCES_MAX))
const voter = v.pipe(v.string(), v.regex(/^[\w-]{22}$/))
const SEAT = v.object({
  participant: id,
  voter,
  session: id,
  beat: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  next: v.optional(v.pipe(v.string(), v.maxLength(NEXT_MAX))),
  isParting: v.optional(v.boolean()),
  hasLeft: v.boolean(),
  page: v.optional(v.picklist(['visible', 'hidden', 'frozen'])),
  name: v.optional(v.pipe(v.string(), v.maxLength(NAME_MAX))),
  muted: sources,
  publishing: sources,
  sight: v.pipe(
    v.record(id, v.picklist(['ok', 'suspect', 'dead', 'unreachable'])),
    v.maxEntries(PROVIDERS_MAX),
  ),
  word: v.optional(v.pipe(v.string(), v.maxLength(WORD_MAX))),
  learned: v.optional(v.pipe(v.string(), v.maxLength(LEARNED_MAX))),
  flowingOn: v.nullable(id),
  asking: v.nullable(
    v.object({
      provider: id,
      reason: v.pipe(v.string(), v.maxLength(REASON_MAX)),
      isOutage: v.optional(v.boolean()),
    }),
  ),
  directory: v.pipe(v.record(id, v.pipe(v.unknown(), v.check(isSmall))), v.maxEntries(PROVIDERS_MAX)),
})
const PAGE = v.object({
  page: id,
  rtc: v.pipe(v.string(), v.maxLength(ID_MAX)),
  isWhole: v.optional(v.boolean(), false),
  every: v.optional(v.pipe(v.number(), v.minValue(BEAT_EVERY_MS), v.maxValue(BEAT_MAX_MS)), BEAT_EVERY_MS),
  seats: v.pipe(v.array(SEAT), v.maxLength(SEATS_MAX)),
  pings: v.pipe(v.array(v.tuple([id, voter])), v.maxLength(ECHOES_MAX)),
  echoes: v.pipe(v.array(id), v.maxLength(ECHOES_MAX)),
})
