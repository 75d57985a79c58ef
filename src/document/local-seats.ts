/**
 * The participants of this page as the others are to see them. Changes of one turn go out as one state.
 */
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import { BEAT_EVERY_MS } from './beat-pace.js'
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
  readonly beatAtMs: number
  readonly isGone: boolean
}

/** What {@link createLocalSeats} needs. */
export interface LocalSeatsOptions {
  readonly clock: Clock
  /** Something to be told has changed. */
  readonly onChange: () => void
  /** How often a seat is to beat; what comes sooner is no beat. */
  readonly beatEveryMs: () => number
  /** Whether a change is about to be told anyway; then a beat goes with it, which dates it for the others. */
  readonly isTelling: () => boolean
  /** A heartbeat was counted. */
  readonly onBeat: () => void
}

/** Makes the empty page. */
export function createLocalSeats(options: LocalSeatsOptions): LocalSeats {
  const { clock, onChange, onBeat } = options
  const seats = new Map<string, LocalSeat>()
  const update = (session: string, change: Partial<LocalSeat>, tell = onChange): void => {
    const seat = seats.get(session)
    if (seat === undefined) return
    seats.set(session, { ...seat, ...change, heardAtMs: clock.now() })
    tell()
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
        beatAtMs: clock.now(),
      })
      onChange()
      return {
        announce: (more) => update(session, more),
        beat() {
          const seat = seats.get(session)
          const everyMs = options.beatEveryMs()
          const now = clock.now()
          if (seat === undefined) return
          if (everyMs > BEAT_EVERY_MS && now < seat.beatAtMs + everyMs - SLACK_MS && !options.isTelling())
            return
          update(session, { beat: seat.beat + 1, beatAtMs: now }, onBeat)
        },
        setVoter: (voter) => update(session, { voter }),
        setLeft: (hasLeft) => update(session, { hasLeft }),
        setParting: (isParting) => update(session, { isParting }),
        remove: () => update(session, { hasLeft: true, isGone: true }),
      }
    },
    states: () =>
      [...seats.values()]
        .sort((a, b) => Number(a.isGone) - Number(b.isGone))
        .map(({ heardAtMs: _heardAtMs, beatAtMs: _beatAtMs, isGone: _isGone, ...seat }) => seat),
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
/** A beat is not put off to the next second for some milliseconds. */
const SLACK_MS = 300
/** Long enough for everybody to see the goodbye. */
const KEEP_LEFT_MS = 10_000
