/**
 * Reports of what was ignored: at once, then once a minute for each kind and sender while it goes on, so that a flood
 * of garbage does not become a flood of events, and a wrong password no stream of warnings.
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
    const kind = `${code} ${name}`
    const now = clock.now()
    const last = reportedAt.get(kind)
    if (last !== undefined && now - last < REPORT_EVERY_MS) return
    if (last === undefined && reportedAt.size >= KINDS_MAX) reportedAt.delete([...reportedAt.keys()][0] ?? '')
    reportedAt.delete(kind)
    reportedAt.set(kind, now)
    report(new HoldfastError(code, { details: { sender: name } }))
  }
}

/** Often enough to see that it goes on; what is wrong was told at once. */
const REPORT_EVERY_MS = 60_000
/** Kinds and senders remembered; the longest quiet is forgotten first. */
const KINDS_MAX = 256
/** A hostile key may be long; its beginning tells it apart. */
const SENDER_MAX_CHARACTERS = 40
