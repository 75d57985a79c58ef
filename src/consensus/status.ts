/**
 * The agreement for people and for the shell: where this voter stands, what it should warm up, who wants what.
 */
import type { AgreementState } from './agreement.js'
import { comersOf } from './arrivals.js'
import { baseMembers } from './fork-base.js'
import { membersOf } from './instance.js'
import { adherentsOf, parseLineage } from './lineage.js'
import type { LineageId, VoterId } from './record.js'
import type { Registers } from './register.js'
import type { AgreementStatus, View } from './step.js'

/** The agreement as a snapshot shows it; voters and participants by id. */
export interface AgreementExplanation {
  readonly lineage: LineageId | null
  readonly epoch: number | null
  readonly provider: string | null
  /** Voter ids, the senior first. */
  readonly committee: readonly VoterId[]
  readonly seat: 'none' | 'observer' | 'member'
  /** Open wants by participant id. */
  readonly wants: Readonly<Record<string, string>>
  /** Votes of the running instance by participant id. */
  readonly votes: Readonly<Record<string, { readonly ballot: number; readonly provider: string | null }>>
}

/** Provider ids that are on their way to be decided: the shell connects to them beside the current one. */
export function candidates(state: AgreementState, view: View): readonly string[] {
  const { register } = state
  if (register === null || state.phase !== 'active') return []
  const { head, lineage } = register
  const registers = withOwn(state, view)
  const found = new Set<string>()
  for (const { want } of adherentsOf(registers, withSelf(state, view), lineage))
    if (want?.n === head.n + 1) found.add(want.provider)
  for (const { voted, proposed } of membersOf(registers, head))
    for (const record of [voted, proposed]) if (record?.provider) found.add(record.provider)
  if (head.provider !== null) found.delete(head.provider)
  return [...found].filter((provider) => state.caps.includes(provider)).sort()
}

/**
 * Rule 12. A fork is provisional while a voter of the committee it was taken from is unaccounted for: it may
 * still be deciding in the old lineage.
 */
export function statusOf(state: AgreementState, view: View): AgreementStatus {
  const register = state.register ?? state.hop?.from ?? null
  if (register === null) return 'listening'
  const { generation } = parseLineage(register.lineage)
  if (generation === 0) return 'committed'
  const registers = withOwn(state, view)
  const here = comersOf(state, registers, register.lineage)
  const isMissing = baseMembers(state, register.lineage, registers).some(([voter, participant]) => {
    const old = registers.get(voter)
    return !old?.left && !view.parted?.has(voter) && !here.has(participant)
  })
  return isMissing ? 'provisional' : 'committed'
}

/** Everything that `getSnapshot().agreement` shows. */
export function explainAgreement(state: AgreementState, view: View): AgreementExplanation {
  // While the shell mints a fresh voter the old standing is still what people see.
  const register = state.register ?? state.hop?.from ?? null
  if (register === null)
    return { lineage: null, epoch: null, provider: null, committee: [], seat: 'none', wants: {}, votes: {} }
  const { head, lineage } = register
  const registers = withOwn(state, view)
  const wants: Record<string, string> = {}
  for (const { want, participant } of adherentsOf(registers, withSelf(state, view), lineage))
    if (want?.n === head.n + 1) wants[participant] = want.provider
  const votes: Record<string, { ballot: number; provider: string | null }> = {}
  for (const { voted, votedBallot, participant } of membersOf(registers, head))
    if (voted) votes[participant] = { ballot: votedBallot, provider: voted.provider }
  return {
    lineage,
    epoch: head.n,
    provider: head.provider,
    committee: head.committee,
    seat: register.left ? 'none' : head.committee.includes(register.voter) ? 'member' : 'observer',
    wants,
    votes,
  }
}

function withOwn({ register }: AgreementState, view: View): Registers {
  return register ? new Map(view.registers).set(register.voter, register) : view.registers
}

function withSelf({ voter }: AgreementState, view: View): ReadonlySet<VoterId> {
  return view.live.has(voter) ? view.live : new Set(view.live).add(voter)
}
