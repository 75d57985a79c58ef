/**
 * Which provider a call should be on, as far as wishes, warm-ups and preference orders say. Pure functions of
 * the document and the live set.
 */
import { membersOf } from './instance.js'
import { adherentsOf } from './lineage.js'
import { quorumOf, weightWhere } from './quorum.js'
import type { CommittedRecord, VoterId } from './record.js'
import type { Register, Registers } from './register.js'

/** Number of live participants that want each provider for the instance after `head`. */
export function openWants(
  registers: Registers,
  live: ReadonlySet<VoterId>,
  head: CommittedRecord,
): Map<string, number> {
  const wishes = new Map<string, Set<string>>()
  for (const { want, participant } of adherentsOf(registers, live, head.lineage)) {
    if (want === undefined || want.n !== head.n + 1 || want.provider === head.provider) continue
    wishes.set(want.provider, (wishes.get(want.provider) ?? new Set()).add(participant))
  }
  return new Map([...wishes].map(([provider, people]) => [provider, people.size]))
}

/** Weight of the members that are connected to the provider or have voted for it, which says the same. */
export function readyWeight(registers: Registers, head: CommittedRecord, provider: string): number {
  const members = new Map(membersOf(registers, head).map((member) => [member.voter, member]))
  return weightWhere(head.committee, (voter) => {
    const member = members.get(voter)
    if (member === undefined || member.warm[provider] === 'failed') return false
    return member.warm[provider] === 'ready' || member.voted?.provider === provider
  })
}

/**
 * Whether enough members may still get connected to the provider: a fast quorum of them, or a classic one when
 * the current provider is dead, because then one participant's trouble must not hold the others.
 */
export function isFit(
  registers: Registers,
  head: CommittedRecord,
  provider: string,
  isCurrentDead: boolean,
): boolean {
  const quorum = quorumOf(head.committee.length)
  const failed = weightWhere(head.committee, (voter) => {
    const register = registers.get(voter)
    return register?.lineage === head.lineage && register.warm[provider] === 'failed'
  })
  return quorum.total - failed >= (isCurrentDead ? quorum.classic : quorum.fast)
}

/**
 * Orders providers: higher score first, then by Borda count over the voters' own orders (each voter gives its
 * favourite of n the count n, the next n - 1, ...), then by least id.
 */
export function rankProviders(
  providers: readonly string[],
  voters: readonly Pick<Register, 'caps'>[],
  score: (provider: string) => number,
): string[] {
  const borda = new Map(providers.map((provider) => [provider, 0]))
  for (const { caps } of voters) {
    const order = caps.filter((provider) => borda.has(provider))
    for (const [index, provider] of order.entries())
      borda.set(provider, (borda.get(provider) ?? 0) + providers.length - index)
  }
  return [...providers].sort(
    (one, other) =>
      score(other) - score(one) || (borda.get(other) ?? 0) - (borda.get(one) ?? 0) || (one < other ? -1 : 1),
  )
}
