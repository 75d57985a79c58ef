/** Registers for the document's tests. */
import fc from 'fast-check'
import type { CommittedRecord } from '../../../src/consensus/record.js'
import type { Register } from '../../../src/consensus/register.js'

/** A small valid register. */
export function makeRegister(change: Partial<Register> = {}): Register {
  const voter = change.voter ?? 'v'.repeat(22)
  return {
    voter,
    seq: 1,
    participant: 'ann',
    joinedAt: 1_700_000_000_000,
    lineage: `0.${voter}.0.`,
    head: makeRecord(voter),
    caps: ['east', 'west'],
    warm: {},
    promised: 0,
    votedBallot: -1,
    voted: null,
    proposedRound: 0,
    proposed: null,
    ...change,
  }
}

/** The genesis record of a lineage founded by `voter`. */
export function makeRecord(voter: string, change: Partial<CommittedRecord> = {}): CommittedRecord {
  return {
    lineage: `0.${voter}.0.`,
    n: 0,
    provider: null,
    committee: [voter],
    providers: ['east', 'west'],
    caps: [3],
    parent: '',
    ...change,
  }
}

const voter = fc.stringMatching(/^[\w-]{22}$/)
const provider = fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/)
const count = fc.integer({ min: 0, max: 1_000_000 })
const record: fc.Arbitrary<CommittedRecord> = fc.record({
  lineage: fc.string({ maxLength: 60 }),
  n: count,
  provider: fc.option(provider),
  committee: fc.array(voter, { minLength: 1, maxLength: 5 }),
  providers: fc.array(provider, { maxLength: 4 }),
  caps: fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 5 }),
  parent: fc.string({ maxLength: 44 }),
})

/** Any register that the core could publish. */
export const anyRegister: fc.Arbitrary<Register> = fc
  .record({
    voter,
    seq: count,
    participant: fc.string({ minLength: 1, maxLength: 40 }),
    joinedAt: count,
    lineage: fc.string({ maxLength: 60 }),
    head: record,
    caps: fc.array(provider, { maxLength: 4 }),
    warm: fc.dictionary(provider, fc.constantFrom('ready' as const, 'failed' as const), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    promised: count,
    votedBallot: fc.integer({ min: -1, max: 9 }),
    voted: fc.option(record),
    proposedRound: count,
    proposed: fc.option(record),
    want: fc.option(fc.record({ provider, n: count }), { nil: undefined }),
    left: fc.constantFrom(true as const, undefined),
  })
  .map(({ want, left, ...rest }) => ({
    ...rest,
    ...(want ? { want } : {}),
    ...(left ? { left } : {}),
  }))
