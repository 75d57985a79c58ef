/**
 * In place of `consensus/arrivals.ts`: nobody is remembered. Where a fork's people have left again, who stays is shown
 * `provisional` there; nothing is decided by it (rule 12).
 */
import type { LineageId } from '../consensus/record.js'
import type { Registers } from '../consensus/register.js'

/** Participants who are in a lineage. */
export function comersOf(_state: unknown, registers: Registers, lineage: LineageId): ReadonlySet<string> {
  const here = new Set<string>()
  for (const other of registers.values()) if (other.lineage === lineage) here.add(other.participant)
  return here
}

/** Nothing. */
export const noteArrivals = (): undefined => undefined
