/**
 * How many connections a page sets up at once, and how long it waits for one. Setting one up is work for both ends and
 * for the browser that they may share: where twenty pages dial each other all at once, every attempt is slower than the
 * watchdog is patient, and what it gives up is dialled anew for ever.
 */
import type { Clock } from '../clock.js'

/** The pace of one page's dials. */
export interface Dialling {
  /** Is to be dialled, in its turn. */
  want(id: string): void
  forget(id: string): void
  /** Whose turn it is, while `underWay` connections are being set up, dialled or answered. */
  next(underWay: number): readonly string[]
  /** Called once a second: whoever is late for that is slow in everything. */
  tick(): void
  /** How late this page itself is: 1 where it is on time; times limits of what it waits for. */
  readonly lateness: number
  /** The factor for limits on a connection that is being set up beside others. */
  patience(underWay: number): number
}

/** Makes it. */
export function createDialling(clock: Clock): Dialling {
  const wanted = new Set<string>()
  let tickedAtMs = clock.now()
  let lateness = 1
  return {
    want: (id) => void wanted.add(id),
    forget: (id) => void wanted.delete(id),
    next(underWay) {
      const now = [...wanted].slice(0, Math.max(0, AT_ONCE - underWay))
      for (const id of now) wanted.delete(id)
      return now
    },
    tick() {
      const seconds = (clock.now() - tickedAtMs) / TICK_MS
      tickedAtMs = clock.now()
      // It calms down more slowly than it rises: whoever was late is late again.
      lateness = Math.min(FACTOR_MAX, Math.max(1, seconds < ON_TIME ? lateness * CALMS : seconds))
    },
    get lateness() {
      return lateness
    },
    patience: (underWay) => Math.min(FACTOR_MAX, Math.max(lateness, underWay / AT_ONCE)),
  }
}

/** More do not come up sooner: a handshake is work for one of few processors. Rooms of five never wait. */
const AT_ONCE = 4
const TICK_MS = 1000
/** Timers are late by some tenths of a second without meaning anything. */
const ON_TIME = 1.5
const CALMS = 0.7
/** After a sleep a page is not slow for an hour; half a minute is long enough for any handshake. */
const FACTOR_MAX = 4
