/**
 * Who of a fork's base has come here (rule 12). It is remembered, because what they wrote is collected when they leave
 * again, and they must not become unaccounted for by that: their old voters have hopped and stay silent for ever. Pure.
 */
import type { AgreementState } from './agreement.js'
import { baseMembers } from './fork-base.js'
import { parseLineage } from './lineage.js'
import type { LineageId } from './record.js'
import type { Register, Registers } from './register.js'

/** Participants who are in a lineage, and those of its base who were. */
export function comersOf(
  { arrived }: AgreementState,
  registers: Registers,
  lineage: LineageId,
): ReadonlySet<string> {
  const here = [...registers.values()].filter((register) => register.lineage === lineage)
  return new Set([...arrived, ...here.map(({ participant }) => participant)])
}

/** What is to be remembered of them after a step. */
export function noteArrivals(
  state: AgreementState,
  register: Register | null,
  registers: Registers,
): Pick<AgreementState, 'arrived'> {
  const { arrived } = state
  if (register === null || parseLineage(register.lineage).generation === 0) return { arrived }
  const comers = comersOf(state, registers, register.lineage)
  const base = baseMembers(state, register.lineage, registers).map(([, participant]) => participant)
  const fresh = base.filter((participant) => comers.has(participant) && !arrived.includes(participant))
  return { arrived: fresh.length === 0 ? arrived : [...arrived, ...new Set(fresh)] }
}
