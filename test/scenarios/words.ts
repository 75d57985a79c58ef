/** Registers, records and lineages in few words, for scenarios. */
import { parseLineage } from '../../src/consensus/lineage.js'
import type { CommittedRecord, LineageId } from '../../src/consensus/record.js'
import { NO_BALLOT, type Register } from '../../src/consensus/register.js'

/** `0.a` for a lineage started from nothing, `1.b-2 from 1.a` read as "fork by b-2 of a's lineage at epoch 1". */
export function lineageWords(lineage: LineageId): string {
  const { generation, founder, baseN, baseFounder } = parseLineage(lineage)
  return generation === 0 ? `0.${founder}` : `${generation}.${founder}(${baseFounder}/${baseN})`
}

/** Provider and committee: `west a,b,c`. */
export function valueWords(record: CommittedRecord): string {
  return `${record.provider ?? 'none'} ${record.committee.join(',')}`
}

/** `0.a/2 west a,b,c`. */
export function recordWords(record: CommittedRecord): string {
  return `${lineageWords(record.lineage)}/${record.n} ${valueWords(record)}`
}

/** What a register says now that its former version did not. */
export function writeWords(register: Register, before: Register | null): string {
  const isSameInstance = before !== null && before.head.n === register.head.n
  const old = before?.voter === register.voter ? before : null
  const parts: string[] = []
  if (!old || old.head.n !== register.head.n)
    parts.push(`head ${lineageWords(register.lineage)}/${register.head.n}`)
  if (register.left && !old?.left) parts.push('left')
  if (register.want?.provider !== old?.want?.provider)
    parts.push(register.want ? `wants ${register.want.provider}` : 'wants nothing')
  parts.push(...warmWords(register.warm, old?.warm ?? {}))
  const { promised, votedBallot, voted, proposedRound } = register
  const said = isSameInstance && old ? old : { promised: 0, votedBallot: NO_BALLOT, proposedRound: 0 }
  const isProposing = proposedRound > said.proposedRound
  const isVoting = votedBallot > said.votedBallot
  if (promised > said.promised && !(isVoting && votedBallot === promised))
    parts.push(`promises round ${promised}`)
  if (isProposing && voted) parts.push(`proposes ${valueWords(voted)} in round ${proposedRound}`)
  else if (isVoting && voted)
    parts.push(`votes ${valueWords(voted)} ${votedBallot === 0 ? 'at ballot 0' : `in round ${votedBallot}`}`)
  return parts.join('; ') || 'nothing new'
}

function warmWords(warm: Register['warm'], old: Register['warm']): string[] {
  const changed = Object.keys({ ...old, ...warm }).filter((provider) => warm[provider] !== old[provider])
  return changed.map((provider) => `${provider} ${warm[provider] ?? 'unknown'}`)
}
