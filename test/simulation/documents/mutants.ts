/**
 * The protocol broken on purpose. Each mutant changes the sources while they are bundled for this test alone; the
 * gate fails when a text that a mutant changes is gone, and when the simulator does not notice a mutant.
 */
import type { Profile } from './plan.js'

/** One replacement in one source. */
export interface Edit {
  /** From the project's root. */
  readonly file: string
  /** Stands there exactly once. */
  readonly anchor: string
  readonly replacement: string
}

/** One way to break the protocol. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** What notices it; anything else would be the wrong reason. */
  readonly noticedBy: RegExp
  readonly profile: Profile
  /** Played until one of them fails. */
  readonly seeds: readonly number[]
}

const S1 = /^S1 broken/
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)

/** The eight mutants of docs/protocol.md. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'fast quorum = majority',
    edits: [
      {
        file: 'src/consensus/quorum.ts',
        anchor: 'fast: Math.floor((2 * total - classic) / 2) + 1',
        replacement: 'fast: classic',
      },
    ],
    noticedBy: /^S1 broken|two values may be decided/,
    profile: 'contend',
    seeds: upTo(60),
  },
  {
    name: 'pick ignores fast votes',
    edits: [
      {
        file: 'src/consensus/decide.ts',
        anchor: 'if (highest < 0) return null',
        replacement: 'if (highest < 1) return null',
      },
      {
        file: 'src/consensus/rules/round.ts',
        anchor: 'if (voted) return voted.record',
        replacement: 'if (voted && head.n < 0) return voted.record',
      },
    ],
    noticedBy: S1,
    profile: 'contend',
    seeds: upTo(60),
  },
  {
    name: 'same id after amnesia',
    edits: [
      {
        file: 'test/simulation/documents/room.ts',
        anchor: 'seat?.identity ?? (await signatures.mint())',
        replacement:
          'pages.find((page) => page.participant === participant)?.identity ?? (await signatures.mint())',
      },
    ],
    noticedBy: /^S1 broken|^register of \S+ broken/,
    profile: 'churn',
    seeds: upTo(60),
  },
  {
    name: 'publish before persist',
    edits: [
      {
        file: 'src/document/own-register.ts',
        anchor: "    if (isEnded || isSealed) throw new HoldfastError('closed')",
        replacement: "    if (isEnded) throw new HoldfastError('closed')",
      },
    ],
    noticedBy: /^S1 broken|^register of \S+ broken/,
    profile: 'churn',
    seeds: upTo(120),
  },
  {
    name: 'lease eviction',
    edits: [
      {
        file: 'src/consensus/rules/hop.ts',
        anchor: "  beginHop(turn, 'fork')\n  return true\n}",
        replacement: `  const head = makeRecord({
    lineage: register.lineage,
    n: register.head.n + 1,
    provider: register.head.provider,
    seats: adherentsOf(turn.registers, turn.live, register.lineage),
    parent: hashRecord(register.head),
  })
  const instance = { promised: 0, votedBallot: -1, voted: null, proposedRound: 0, proposed: null }
  setRegister(turn, { ...register, head, ...instance })
  return true
}`,
      },
    ],
    noticedBy: S1,
    profile: 'partition',
    seeds: upTo(60),
  },
  {
    name: 'same lineage id after refresh',
    edits: [
      {
        file: 'src/consensus/rules/genesis.ts',
        anchor: 'lineage: genesisLineage(state.voter)',
        replacement: 'lineage: genesisLineage(state.participant)',
      },
      {
        file: 'src/consensus/rules/hop.ts',
        anchor: 'forkLineage(state.voter, base)',
        replacement: 'forkLineage(state.participant, base)',
      },
    ],
    noticedBy: S1,
    profile: 'churn',
    seeds: upTo(200),
  },
  {
    name: 'no wake barrier',
    edits: [
      {
        file: 'src/consensus/rules/wake.ts',
        anchor: '  if (wakingSince === null) return false\n',
        replacement: '  if (wakingSince !== undefined) return false\n',
      },
    ],
    noticedBy: /^rule 11 broken/,
    profile: 'partition',
    seeds: upTo(60),
  },
  {
    name: 'last-writer-wins fold',
    edits: [
      {
        file: 'src/document/fold.ts',
        anchor: "if (excluded.has(voter)) return 'excluded'",
        replacement: "if (seq >= 0) {\n        replace(voter, register)\n        return 'changed'\n      }",
      },
    ],
    noticedBy: /^S1 broken|^the fold went back/,
    profile: 'hostile',
    seeds: upTo(60),
  },
]
