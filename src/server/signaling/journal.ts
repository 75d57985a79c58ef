/**
 * The server's log: one JSON object per line, written at this one place. Callers give facts from a closed list of
 * fields, so that no token, room name, address or message can get in. Each event is written a few times a second at
 * most: a flood of bad clients must not fill the disk.
 */

/** How much it matters: `warn` repairs itself, `error` needs somebody. */
export type Level = 'info' | 'warn' | 'error'

/** Everything that may stand in a line beside time, level and event. */
export interface Facts {
  readonly url?: string
  readonly reason?: string
  readonly code?: number | string
  readonly clients?: number
  readonly topics?: number
  readonly durationMs?: number
  /** Kinds of protection that are on. */
  readonly tokens?: boolean
  readonly origins?: boolean
  readonly bus?: boolean
}

/** Takes facts. */
export type Journal = (level: Level, event: string, facts?: Facts) => void

/** Enough to see what happens, little enough to keep for weeks. */
const LINES_PER_EVENT_PER_SECOND_MAX = 10
const WINDOW_MS = 1000

/** Writes lines to `write`; `now` is the wall clock. */
export function createJournal(write: (line: string) => void, now: () => number = Date.now): Journal {
  const windows = new Map<string, { startedAtMs: number; written: number; suppressed: number }>()
  return (level, event, facts = {}) => {
    const atMs = now()
    const window = windows.get(event) ?? { startedAtMs: atMs, written: 0, suppressed: 0 }
    windows.set(event, window)
    if (atMs - window.startedAtMs >= WINDOW_MS) {
      window.startedAtMs = atMs
      window.written = 0
    }
    if (window.written >= LINES_PER_EVENT_PER_SECOND_MAX) {
      window.suppressed += 1
      return
    }
    window.written += 1
    const suppressed = window.suppressed > 0 ? { suppressed: window.suppressed } : {}
    window.suppressed = 0
    write(JSON.stringify({ time: new Date(atMs).toISOString(), level, event, ...facts, ...suppressed }))
  }
}

/** For servers that nobody watches: tests and `holdfast dev`. */
export const silentJournal: Journal = () => undefined
