/**
 * When a session refreshes: once after each turn in which something changed, in a task of its own, so that what
 * agreement has to sign and send goes first. Posted, not timed, because a hidden tab's timers wait for up to a
 * second. While votes come in, looking around waits.
 */
import type { Clock } from '../clock.js'

/** A vote is back within this time on most networks; nobody sees a snapshot that is so much late. */
const VOTES_FIRST_MS = 40
/** The last votes are with everybody by then, and nobody sees a picture move so much later. */
const OTHERS_FIRST_MS = 25

/** While a connection is being made beside another one nothing can be shown earlier, and the machine is busy. */
const MOVING_MS = 40

/** The pace of one session. */
export interface RefreshPace {
  /** Something changed. */
  request(): void
  /** Refreshes after this turn, whatever else was waited for. */
  hurry(): void
  /**
   * Something was decided that has time: carrying it out would keep this page, and the machine, busy while others
   * still count the same votes.
   */
  easeOff(): void
  stop(): void
}

/** What {@link createRefreshPace} needs. */
export interface RefreshPaceOptions {
  readonly clock: Clock
  /** This voter has voted and waits for the others. */
  readonly isAwaitingVotes: () => boolean
  /** Media is on its way to another connection, which is being made. */
  readonly isMoving: () => boolean
  readonly refresh: () => void
}

/** Makes it. */
export function createRefreshPace(options: RefreshPaceOptions): RefreshPace {
  const { clock, isAwaitingVotes, isMoving } = options
  const turn = new MessageChannel()
  let isStopped = false
  let isDue = false
  let easyUntilMs = Number.NEGATIVE_INFINITY
  let refreshedAtMs = Number.NEGATIVE_INFINITY
  let cancelWait: (() => void) | null = null

  const hurry = (): void => {
    cancelWait?.()
    cancelWait = null
    easyUntilMs = Number.NEGATIVE_INFINITY
    if (isDue || isStopped) return
    isDue = true
    turn.port2.postMessage(null)
  }
  turn.port1.onmessage = () => {
    isDue = false
    if (isStopped) return
    // What was decided asked for a refresh itself, before it was known that it has time.
    if (clock.now() < easyUntilMs) request()
    else {
      refreshedAtMs = clock.now()
      options.refresh()
    }
  }
  const request = (): void => {
    if (isDue || isStopped) return
    const now = clock.now()
    const easyMs = Math.max(easyUntilMs, isMoving() ? refreshedAtMs + MOVING_MS : 0) - now
    if (easyMs > 0) cancelWait ??= clock.after(easyMs, hurry)
    else if (isAwaitingVotes()) cancelWait ??= clock.after(VOTES_FIRST_MS, hurry)
    else hurry()
  }
  return {
    request,
    hurry,
    easeOff() {
      easyUntilMs = clock.now() + OTHERS_FIRST_MS
      cancelWait?.()
      cancelWait = null
      request()
    },
    stop() {
      isStopped = true
      cancelWait?.()
      turn.port1.close()
    },
  }
}
