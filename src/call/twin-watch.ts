/**
 * Whether another page takes part under the same `me.id`. A person who refreshes has two pages too, but the former one
 * falls silent; two that both go on speak over each other, and each hides the other from everybody.
 */
import type { VoterId } from '../consensus/record.js'
import { HoldfastError } from '../errors.js'
import type { CallCore } from './core.js'

/** Beats of a former page that are still on their way end long before. */
const TWIN_AFTER_MS = 5_000
/** A page beats once a second; who refreshes many times in one has other things to do. */
const LOOK_EVERY_MS = 1_000

/** Looks for a twin; warns once for each. */
export function createTwinWatch({ clock, document, events, options }: CallCore): () => void {
  /** When each was first heard; infinite once it was told. */
  const firstHeardAtMs = new Map<VoterId, number>()
  let lookedAtMs = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.now() - lookedAtMs < LOOK_EVERY_MS) return
    lookedAtMs = clock.now()
    for (const [voter, { participant, hasLeft, heardAtMs }] of document.presence()) {
      if (voter === document.voter || participant !== options.me.id || hasLeft) continue
      const first = firstHeardAtMs.get(voter) ?? heardAtMs
      const isTwin = heardAtMs - first >= TWIN_AFTER_MS
      firstHeardAtMs.set(voter, isTwin ? Number.POSITIVE_INFINITY : first)
      if (isTwin) events.emit('warning', new HoldfastError('duplicate-participant'))
    }
  }
}
