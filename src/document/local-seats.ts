/**
 * The participants of this page as the others are to see them. Changes of one turn go out as one state.
 */
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Presence, PresenceFacts } from './presence.js'
import type { SeatState } from './presence-wire.js'

/** One participant of this page. */
export interface Seat {
  announce(facts: Partial<PresenceFacts>): void
  beat(): void
  setVoter(voter: VoterId): void
  setLeft(hasLeft: boolean): void
  /** Gone, and perhaps back in a moment. */
  setParting(isParting: boolean): void
  /** Leaves for good. */
  remove(): void
}

/** Who takes a seat. */
export interface SeatStart {
  readonly participant: string
  readonly session: string
  readonly voter: VoterId
  /** Hash of the successor's session. */
  readonly next?: string
  readonly facts: Partial<PresenceFacts>
}

/** All participants of this page. */
export interface LocalSeats {
  readonly size: number
  has(voter: VoterId): boolean
  take(start: SeatStart): Seat
  /** What the others are told, those who are still here first. */
  states(): SeatState[]
  /** Everybody of this page but the one with this session. */
  others(session: string): Presence[]
  /** Forgets who left a while ago; whether anything changed. */
  sweep(): boolean
}

interface LocalSeat extends SeatState {
  readonly heardAtMs: number
  readonly isGone: boolean
}

/** Makes the empty page; `onChange` is called for each change. */
export function createLocalSeats(clock: Clock, onChange: () => void): LocalSeats {
  const seats = new Map<string, LocalSeat>()
  const update = (session: string, change: Partial<LocalSeat>): void => {
    const seat = seats.get(session)
    if (seat === undefined) return
    seats.set(session, { ...seat, ...change, heardAtMs: clock.now() })
    onChange()
  }
  return {
    get size() {
      return seats.size
    },
    has: (voter) => [...seats.values()].some((seat) => seat.voter === voter),
    take({ facts, ...who }) {
      const { session } = who
      seats.set(session, {
        ...NO_FACTS,
        ...facts,
        ...who,
        beat: 1,
        hasLeft: false,
        isGone: false,
        heardAtMs: clock.now(),
      })
      onChange()
      return {
        announce: (more) => update(session, more),
        beat: () => update(session, { beat: (seats.get(session)?.beat ?? 0) + 1 }),
        setVoter: (voter) => update(session, { voter }),
        setLeft: (hasLeft) => update(session, { hasLeft }),
        setParting: (isParting) => update(session, { isParting }),
        remove: () => update(session, { hasLeft: true, isGone: true }),
      }
    },
    states: () =>
      [...seats.values()]
        .sort((a, b) => Number(a.isGone) - Number(b.isGone))
        .map(({ heardAtMs: _heardAtMs, isGone: _isGone, ...seat }) => seat),
    others: (session) => [...seats.values()].filter((seat) => seat.session !== session),
    sweep() {
      const since = clock.now() - KEEP_LEFT_MS
      const gone = [...seats.values()].filter((seat) => seat.isGone && seat.heardAtMs < since)
      for (const seat of gone) seats.delete(seat.session)
      if (gone.length > 0) onChange()
      return gone.length > 0
    },
  }
}

const NO_FACTS: PresenceFacts = {
  muted: [],
  publishing: [],
  sight: {},
  flowingOn: null,
  asking: null,
  directory: {},
}
/** Long enough for everybody to see the goodbye. */
const KEEP_LEFT_MS = 10_000
