/** Of whom a fork was taken: they may still be deciding in the old lineage (rule 12). Pure. */
import type { AgreementState } from './agreement.js'
import { parseLineage } from './lineage.js'
import type { CommittedRecord, LineageId, VoterId } from './record.js'
import type { Register, Registers } from './register.js'

/** Members of the record that this lineage was forked from, with their participants, as far as known here. */
export function baseMembers(
  state: AgreementState,
  lineage: LineageId,
  registers: Registers,
): (readonly [VoterId, string])[] {
  if (state.forkBase) return Object.entries(state.forkBase.participants)
  const { baseFounder, baseN } = parseLineage(lineage)
  const isBase = (register: Register): boolean => {
    const { founder } = parseLineage(register.lineage)
    return founder === baseFounder && register.head.n === baseN
  }
  const heads: CommittedRecord[] = [...registers.values()].filter(isBase).map((register) => register.head)
  return (heads[0]?.committee ?? []).flatMap((voter) => {
    const register = registers.get(voter)
    return register ? [[voter, register.participant] as const] : []
  })
}
