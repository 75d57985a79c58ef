/**
 * What this page says of itself in awareness: its whole state when something has changed, else only that it still
 * lives (pulse.ts). Changes of one turn are one state.
 */
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import { BEAT_EVERY_MS, beatEveryMs } from './beat-pace.js'
import { createLocalSeats, type LocalSeats } from './local-seats.js'
import { type PageState, writePageState } from './presence-wire.js'
import { createPulse } from './pulse.js'

/** The own side of presence. */
export interface OwnPresence {
  readonly seats: LocalSeats
  /** Whether somebody of this page sits in the committee. */
  isSeated(): boolean
  /** Says everything at the end of this turn. */
  publish(): void
  /** Says everything now. */
  flush(): void
}

/** What {@link createOwnPresence} needs. */
export interface OwnPresenceOptions {
  readonly awareness: Awareness
  readonly clock: Clock
  /** Pages heard lately, this one included. */
  readonly pages: () => number
  /** Whether a voter of this page sits in the committee. */
  readonly sits: (voter: VoterId) => boolean
  /** The page's state besides seats and pace. */
  readonly frame: () => Omit<PageState, 'seats' | 'every'>
  readonly onChange: () => void
}

/** Makes it; nothing is said before the first change. */
export function createOwnPresence(options: OwnPresenceOptions): OwnPresence {
  const { awareness, clock, onChange } = options
  const pulse = createPulse(awareness, clock)
  let every = BEAT_EVERY_MS
  let isWaiting = false
  const isSeated = (): boolean => seats.states().some(({ voter }) => options.sits(voter))
  const everyNow = (): number => beatEveryMs(options.pages(), isSeated())
  const flush = (): void => {
    isWaiting = false
    every = everyNow()
    awareness.setLocalState(writePageState({ ...options.frame(), every, seats: seats.states() }))
  }
  const publish = (): void => {
    if (isWaiting) return
    isWaiting = true
    queueMicrotask(() => {
      if (isWaiting) flush()
    })
  }
  const seats = createLocalSeats({
    clock,
    beatEveryMs: () => every,
    isTelling: () => isWaiting,
    onChange() {
      publish()
      onChange()
    },
    onBeat() {
      // The others wait as long as they were told, so a new pace is told before it is kept.
      if (every !== everyNow()) publish()
      else if (!isWaiting) pulse.send(seats.states().map((seat) => seat.beat))
      onChange()
    },
  })
  return { seats, publish, flush, isSeated }
}
