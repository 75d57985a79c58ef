/**
 * The attempts of this call: begun, settled exactly once, written to history at both moments so that a crash
 * in between is seen by the next page (promise P22).
 */
import type { Clock } from '../clock.js'
import type { Attempt } from '../history/attempt.js'

/** What is known when an attempt begins. */
export type AttemptStart = Pick<
  Attempt,
  'incident' | 'strategy' | 'initiator' | 'reason' | 'from' | 'to' | 'lineage' | 'epoch'
>

/** The attempts of one call. */
export interface Attempts {
  readonly current: Attempt | null
  readonly last: Attempt | null
  /** When the current attempt began, on the monotonic clock. */
  readonly startedAtMs: number | null
  /** Begins one; an attempt still running is cancelled first. */
  begin(start: AttemptStart): void
  /** Adds what became known later, e.g. the epoch. */
  amend(facts: Partial<AttemptStart>): void
  /** A gap of media seen while the attempt runs. */
  noteGap(gapMs: number): void
  /** Ends the current attempt; does nothing when there is none. */
  settle(outcome: 'succeeded' | 'failed' | 'cancelled'): Attempt | null
}

/** A provider is agreed on within this time of the first sign of trouble. */
const EARLY_GAP_MS = 2000

/** Keeps the attempts of one room. */
export function createAttempts(options: {
  readonly room: string
  readonly session: string
  readonly clock: Clock
  /** Keeps an attempt; called when it begins and when it ends. */
  readonly onWrite: (attempt: Attempt) => void
  readonly onSettled: (attempt: Attempt) => void
}): Attempts {
  const { clock } = options
  let current: Attempt | null = null
  let last: Attempt | null = null
  let startedAtMs: number | null = null
  let count = 0
  /** A gap that was over before its attempt began: media is rescued before anybody has agreed on anything. */
  let early: { readonly gapMs: number; readonly atMs: number } | null = null

  const settle = (outcome: 'succeeded' | 'failed' | 'cancelled'): Attempt | null => {
    if (current === null || startedAtMs === null) return null
    const settled: Attempt = { ...current, outcome, durationMs: Math.round(clock.now() - startedAtMs) }
    last = settled
    current = null
    startedAtMs = null
    options.onWrite(settled)
    options.onSettled(settled)
    return settled
  }

  return {
    get current() {
      return current
    },
    get last() {
      return last
    },
    get startedAtMs() {
      return startedAtMs
    },
    begin(start) {
      settle('cancelled')
      count += 1
      const startedAt = clock.wallNow()
      startedAtMs = clock.now()
      current = {
        ...start,
        id: `${Math.round(startedAt).toString(36)}-${options.session.slice(0, 8)}-${count}`,
        room: options.room,
        startedAtMs: startedAt,
        durationMs: null,
        mediaGapMs: early !== null && startedAtMs - early.atMs < EARLY_GAP_MS ? early.gapMs : null,
        outcome: 'in-progress',
      }
      early = null
      options.onWrite(current)
    },
    amend(facts) {
      if (current !== null) current = { ...current, ...facts }
    },
    noteGap(gapMs) {
      if (current === null) {
        early = { gapMs: Math.max(early?.gapMs ?? 0, Math.round(gapMs)), atMs: clock.now() }
        return
      }
      current = { ...current, mediaGapMs: Math.max(current.mediaGapMs ?? 0, Math.round(gapMs)) }
    },
    settle,
  }
}
