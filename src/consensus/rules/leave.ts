/**
 * Rule 10: a clean leave. The vote for the record without me is cast by rule 5 itself, which no longer counts
 * me among the live once `left` is set, and needs no warm-up of somebody who goes.
 */
import { type ActiveTurn, change } from '../turn.js'

/** Marks this voter as left; the rules of the same turn then cast its last vote. */
export function markLeft(turn: ActiveTurn): void {
  change(turn, { left: true })
}
