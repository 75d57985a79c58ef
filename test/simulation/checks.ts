/** What must hold after every write (S1, and the part of S3 that a record shows) and what must come true once the world is healed (liveness). */
import type { AgreementState } from '../../src/consensus/agreement.js'
import { type CommittedRecord, canAllRun, recordText } from '../../src/consensus/record.js'
import type { Effect } from '../../src/consensus/step.js'
import type { World } from './world.js'

/** Everything ever decided in one world. */
export interface Ledger {
  /** `lineage/n` to the record's text. */
  readonly decided: Map<string, string>
}

export function newLedger(): Ledger {
  return { decided: new Map() }
}

/** S1, and of S3 that every member can run the provider, after one turn. */
export function checkWrite(
  ledger: Ledger,
  before: AgreementState,
  after: AgreementState,
  effects: readonly Effect[],
): void {
  for (const effect of effects) {
    if (effect.type === 'publish') noteDecided(ledger, effect.register.head)
    if (effect.type === 'committed') noteDecided(ledger, effect.record)
  }
  const record = after.register?.head
  const previous = before.register?.head
  if (!record || !previous || record.lineage !== previous.lineage) return
  if (record.n < previous.n) throw new Error('the head went back')
}

function noteDecided(ledger: Ledger, record: CommittedRecord): void {
  if (record.provider !== null && !canAllRun(record, record.provider))
    throw new Error(`S3 broken: not every member can run ${record.provider}`)
  const key = `${record.lineage}/${record.n}`
  const text = recordText(record)
  const known = ledger.decided.get(key)
  if (known === undefined) ledger.decided.set(key, text)
  else if (known !== text) throw new Error(`S1 broken at ${key}:\n${known}\n${text}`)
}

/** What is wrong with a healed, quiet world; empty when nothing is. */
export function unsettled(world: World): string[] {
  const nodes = world.up()
  const problems: string[] = []
  const heads = new Set<string>()
  for (const node of nodes) {
    const { register, phase } = node.state
    if (register === null || phase !== 'active') problems.push(`${node.id} is ${phase}`)
    else heads.add(recordText(register.head))
  }
  if (heads.size > 1) problems.push(`${heads.size} heads: ${[...heads].join('\n')}`)
  const head = nodes[0]?.state.register?.head
  if (!head) return problems
  const voters = new Set(nodes.map((node) => node.state.voter))
  const people = new Set(nodes.map((node) => node.participant)).size
  if (head.provider === null || world.dead.has(head.provider)) problems.push(`provider ${head.provider}`)
  if (head.committee.some((voter) => !voters.has(voter))) problems.push('a dead voter has a seat')
  if (head.committee.length !== Math.min(5, people))
    problems.push(`${head.committee.length} of ${people} seated`)
  const wants = nodes.filter((node) => node.state.register?.want)
  if (wants.length > 0) problems.push(`open wants: ${wants.map((node) => node.id).join(' ')}`)
  return problems
}
