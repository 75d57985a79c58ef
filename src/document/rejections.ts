/**
 * Reports of what was ignored, at most one per second and sender, so that a flood of garbage does not become
 * a flood of events.
 */
import type { Clock } from '../clock.js'
import { type ErrorCode, HoldfastError } from '../errors.js'

/** Reports one ignored thing; `sender` is whatever names its origin best. */
export type Reject = (code: ErrorCode, sender: string) => void

/** Makes the rate-limited reporter. */
export function createRejections(clock: Clock, report: (error: HoldfastError) => void): Reject {
  const reportedAt = new Map<string, number>()
  return (code, sender) => {
    const name = sender.slice(0, SENDER_MAX_CHARACTERS)
    const now = clock.now()
    const last = reportedAt.get(name)
    if (last !== undefined && now - last < REPORT_EVERY_MS) return
    if (last === undefined && reportedAt.size >= SENDERS_MAX) reportedAt.delete([...reportedAt.keys()][0] ?? '')
    reportedAt.delete(name)
    reportedAt.set(name, now)
    report(new HoldfastError(code, { details: { sender: name } }))
  }
}

/** Often enough to be noticed, rarely enough not to matter. */
const REPORT_EVERY_MS = 1000
/** Senders remembered; the longest quiet is forgotten first. */
const SENDERS_MAX = 256
/** A hostile key may be long; its beginning tells it apart. */
const SENDER_MAX_CHARACTERS = 40
