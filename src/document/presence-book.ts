/**
 * What the other pages say of their participants. Entries outlive the awareness timer (30 s, wrong for
 * hidden tabs and for peers behind a broken link): somebody silent stays listed until it said goodbye or has
 * been silent for a minute, and readers judge by `heardAtMs`.
 */
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Presence } from './presence.js'
import type { PageState, SeatState } from './presence-wire.js'
import type { Reject } from './rejections.js'
import { isSuccessor } from './successor.js'

/** The foreign entries. */
export interface PresenceBook {
  readonly entries: ReadonlyMap<VoterId, BookEntry>
  /** The last state of each page, by awareness client. */
  readonly pages: ReadonlyMap<number, PageState>
  /** Takes a page's new state. */
  take(client: number, state: PageState): void
  /** Takes a page's heartbeat: the beats of its seats in the order of its state; whether any is new. */
  takeBeats(client: number, beats: readonly number[]): boolean
  /** Drops who left or has been silent for long; whether anything changed. */
  sweep(): boolean
  /** Pages heard within `withinMs` with a participant that has not left. */
  livePages(withinMs: number): PageState[]
}

/** One foreign participant and the awareness client that speaks for it. */
export interface BookEntry {
  readonly presence: Presence
  readonly client: number
}

/** Makes an empty book; `isOwn` tells the voters of this page. */
export function createPresenceBook(
  clock: Clock,
  isOwn: (voter: VoterId) => boolean,
  reject: Reject,
): PresenceBook {
  const entries = new Map<VoterId, BookEntry>()
  const pages = new Map<number, PageState>()

  const takeSeat = (client: number, seat: SeatState, beatEveryMs: number): void => {
    // After a refresh the others still pass on what the page before had said of the same seat.
    if (isOwn(seat.voter)) return
    const known = entries.get(seat.voter)
    const now = clock.now()
    const isSame = known?.client === client && known.presence.session === seat.session
    const isLive = known !== undefined && now - known.presence.heardAtMs < CLAIM_MS
    const isTaken = isLive && !isSame && !isSuccessor(known.presence, seat.session)
    // The last words of a page that has been followed already.
    if (isTaken && (seat.isParting || seat.hasLeft) && isSuccessor(seat, known.presence.session)) return
    if (isTaken || (known === undefined && entries.size >= ENTRIES_MAX)) {
      reject('presence-invalid', String(client))
      return
    }
    const isRepeated = isSame && seat.beat <= known.presence.beat
    const heardAtMs = isRepeated ? known.presence.heardAtMs : now
    entries.set(seat.voter, { client, presence: { ...seat, beatEveryMs, heardAtMs } })
  }

  return {
    entries,
    pages,
    take(client, state) {
      pages.set(client, state)
      const voters = new Set(state.seats.map((seat) => seat.voter))
      for (const [voter, entry] of entries)
        if (entry.client === client && !voters.has(voter) && !entry.presence.hasLeft) entries.delete(voter)
      for (const seat of state.seats) takeSeat(client, seat, state.every)
    },
    takeBeats(client, beats) {
      let isNew = false
      for (const [index, { voter }] of (pages.get(client)?.seats ?? []).entries()) {
        const entry = entries.get(voter)
        const beat = beats[index] ?? 0
        if (entry?.client !== client || beat <= entry.presence.beat) continue
        entries.set(voter, { client, presence: { ...entry.presence, beat, heardAtMs: clock.now() } })
        isNew = true
      }
      return isNew
    },
    sweep() {
      const now = clock.now()
      let hasDropped = false
      for (const [voter, { presence, client }] of entries) {
        const silentForMs = now - presence.heardAtMs
        if (presence.isParting && !presence.hasLeft && silentForMs >= PARTING_MS) {
          entries.set(voter, { client, presence: { ...presence, hasLeft: true } })
          hasDropped = true
        }
        if (silentForMs < (presence.hasLeft ? KEEP_LEFT_MS : KEEP_SILENT_MS)) continue
        entries.delete(voter)
        hasDropped = true
      }
      const clients = new Set([...entries.values()].map((entry) => entry.client))
      for (const client of pages.keys()) if (!clients.has(client)) pages.delete(client)
      return hasDropped
    },
    livePages(withinMs) {
      const since = clock.now() - withinMs
      const live = [...entries.values()].filter(
        ({ presence }) => presence.heardAtMs >= since && !presence.hasLeft,
      )
      return [...new Set(live.map((entry) => entry.client))].flatMap((client) => pages.get(client) ?? [])
    },
  }
}

/** A tab that sleeps for longer is a new arrival when it returns. */
const KEEP_SILENT_MS = 60_000
/** Long enough for everybody to see the goodbye. */
const KEEP_LEFT_MS = 10_000
/** A page takes about a second to load again; who said so is not given longer than T_dead. */
const PARTING_MS = 2000
/** Nobody else may speak for a voter that was heard so lately. */
const CLAIM_MS = 10_000
/** Bound against a flood of invented participants. */
const ENTRIES_MAX = 256
