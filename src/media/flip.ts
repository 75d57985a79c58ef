/**
 * When a source moves over to the preferred connection. Pure decisions, kept apart so that each row can be
 * tested; the numbers come from measurements in Chromium (docs/decisions.md): the new track is put in right
 * behind a frame of the old one, which leaves at most one frame interval between the two, and sound waits
 * until the new jitter buffer has settled, because its start conceals about 45 ms.
 */
import type { TrackSource } from '../providers/provider.js'

/** How one participant's media moved over to another connection. */
export interface FlipReport {
  readonly peer: string
  readonly from: string | null
  readonly to: string
  /** Between the last media of the old and the first of the new connection; null when there was no old one. */
  readonly gapMs: number | null
}

/** What is known of the shown and of the wanted track of one source. */
export interface FlipFacts {
  readonly nowMs: number
  readonly kind: 'audio' | 'video'
  /** First media of the wanted track; null while none arrived. */
  readonly wantedFirstAtMs: number | null
  /** Last media of the shown track; null when it never had any. */
  readonly shownLastAtMs: number | null
  /** The shown track was taken away or its connection was left. */
  readonly isShownGone: boolean
  /** True while a frame of the shown track is being delivered. */
  readonly isAtShownFrame: boolean
  /** The shown connection is failing: what arrives elsewhere is shown at once. */
  readonly isUrgent: boolean
  /** Last media of the wanted track; null while none arrived. */
  readonly wantedLastAtMs: number | null
}

/** Older than this, the shown track has stopped: nothing is gained by waiting for its next frame. */
export const SHOWN_DEAD_MS = 200
/** A fresh jitter buffer conceals 45 to 130 ms in its first moments (measured); the old sound bridges them. */
export const SOUND_SETTLE_MS = 800
/** Video waits at most this long for a frame of the old track; covers 8 fps and hidden tabs. */
export const FRAME_WAIT_MS = 130

/** Whether to swap now. */
export function shouldSwap(facts: FlipFacts): boolean {
  if (facts.wantedFirstAtMs === null) return false
  if (facts.isShownGone || facts.shownLastAtMs === null) return true
  // Only to what is alive itself: a standby that died unnoticed would be no rescue.
  if (facts.isUrgent && facts.nowMs - (facts.wantedLastAtMs ?? 0) <= SHOWN_DEAD_MS) return true
  if (facts.nowMs - facts.shownLastAtMs > SHOWN_DEAD_MS) return true
  const sinceArrivalMs = facts.nowMs - facts.wantedFirstAtMs
  if (facts.kind === 'audio') return sinceArrivalMs >= SOUND_SETTLE_MS
  return facts.isAtShownFrame || sinceArrivalMs >= FRAME_WAIT_MS
}

/** One peer's move from one connection to another, while it runs. */
export interface Move {
  readonly from: string | null
  readonly to: string
  readonly startedAtMs: number
  /** Sources that were shown from elsewhere when the move began and whose media has not moved yet. */
  readonly open: Set<TrackSource>
  /** Sources that have moved, with what is known of their gap. */
  readonly moved: Map<TrackSource, MovedSource>
  lastSwapAtMs: number | null
}

/** A source that has been swapped. */
export interface MovedSource {
  readonly kind: 'audio' | 'video'
  readonly oldLastAtMs: number | null
  readonly swappedAtMs: number
  /** First media of the new track after the swap. */
  newFirstAtMs: number | null
}

/** A move whose other sources never come is reported this long after the last swap. */
export const MOVE_SETTLE_MS = 1_500

/** Whether the move is over: all sources moved and shown, or nothing more came in time. */
export function isMoveOver(move: Move, nowMs: number): boolean {
  if (move.lastSwapAtMs === null) return false
  if (nowMs - move.lastSwapAtMs >= MOVE_SETTLE_MS) return true
  return move.open.size === 0 && [...move.moved.values()].every((source) => source.newFirstAtMs !== null)
}

/** Gap that people saw (else heard): video decides where there is video; null when nothing was shown before. */
export function gapOf(move: Move): number | null {
  const sources = [...move.moved].flatMap(([source, moved]) =>
    moved.oldLastAtMs === null || move.open.has(source) ? [] : [moved],
  )
  const seen = sources.filter((source) => source.kind === 'video')
  let gapMs: number | null = null
  for (const source of seen.length > 0 ? seen : sources) {
    const endMs = source.newFirstAtMs ?? source.swappedAtMs
    gapMs = Math.max(gapMs ?? 0, endMs - (source.oldLastAtMs ?? endMs))
  }
  return gapMs
}
