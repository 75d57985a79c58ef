/** How long a repair of the own path waits where connecting anew would be worse than waiting. Not in the script-tag file. */
import type { Incident } from '../recovery/index.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** A restarted or rebuilt path that brings no media by then has failed. */
const REPAIR_TIMEOUT_MS = 4_000
/** Whoever sends nothing on a new path is known three seconds after the others have arrived on it. */
const PARTLY_FLOWING_MS = 8_000
/** A provider that died, and one that is silent while the call moves to it, are dialled again after this long. */
const HOLD_MS = 2_500

/**
 * When the first attempt may begin. A connection to what has died takes the machine from those that lead away from it,
 * and comes to nothing; and while the call moves, the server that everybody dials at once may be silent for a while.
 */
export function firstAtMs(
  { current, now }: Reading,
  { options, attempts }: CallCore,
  { blame }: Incident,
): number {
  const isMoving = attempts.current && current?.state !== 'failed'
  const hasOther = options.providers[1]
  return (blame === 'provider' ? hasOther : isMoving) ? now + HOLD_MS : now
}

/** Whether the path came back by itself before the next attempt began. */
export function hasHealed(
  incident: Incident | null,
  repair: { readonly isRunning: boolean } | null,
  { isFlowing }: Reading,
): boolean {
  return !incident && !repair?.isRunning && isFlowing
}

/** Whether an attempt has had its time to bring everybody's media. One that brings some of it is given longer. */
export function isOverdue(
  runningMs: number,
  { remote }: CallCore,
  replacement: PoolEntry | null,
  { expected }: Reading,
): boolean {
  if (runningMs <= REPAIR_TIMEOUT_MS) return false
  if (replacement?.state !== 'connected' || runningMs > PARTLY_FLOWING_MS) return true
  const brings = (peer: string, source: string): boolean =>
    remote.isFlowing(replacement.id, new Map([[peer, [source]]]))
  return ![...expected].some(([peer, sources]) => sources.some((source) => brings(peer, source)))
}
