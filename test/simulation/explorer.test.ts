/** Every state of one epoch is visited, and the search finds what is really broken. */
import { expect, test, vi } from 'vitest'
import { replay } from '../scenarios/script.js'
import { newTurnPlayer } from '../scenarios/turn-player.js'
import { explore } from './explorer.js'
import { type Breakage, brokenCore } from './explorer-broken.js'
import { QUICK_MODELS } from './explorer-models.js'
import { PRODUCTION } from './explorer-production.js'
import { storyOf } from './explorer-story.js'

// Hundreds of thousands of turns take real seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

test.each(QUICK_MODELS)('P02 S1, S2 and S3 hold in every state: $name', (model) => {
  const { violation, isComplete, outcomes } = explore(PRODUCTION, model)
  expect({ violation, isComplete }).toEqual({ violation: null, isComplete: true })
  expect(outcomes).toBeGreaterThan(1)
})

const [wishes, , eviction, , lineages] = QUICK_MODELS

/** At most so many turns lead to the shortest violation of each. */
const BREAKAGES: readonly (Breakage & {
  readonly name: string
  readonly turns: number
  readonly in: typeof wishes
})[] = [
  {
    name: 'a fast quorum is a majority',
    file: 'quorum.ts',
    edits: [{ from: 'fast: Math.floor((2 * total - classic) / 2) + 1', to: 'fast: classic' }],
    turns: 6,
    in: wishes,
  },
  {
    name: 'a round ignores the votes of ballot 0',
    file: 'decide.ts',
    edits: [{ from: 'if (highest < 0) return null', to: 'if (highest < 1) return null' }],
    turns: 8,
    in: wishes,
  },
  {
    name: 'a silent member is evicted without a decision',
    file: 'rules/learn.ts',
    edits: [
      {
        from: "import type { CommittedRecord } from '../record.js'",
        to: "import { type CommittedRecord, hashRecord } from '../record.js'",
      },
      {
        from: 'const decided = decide(turn.registers, register.lineage, register.head)',
        to: `const isGone = (voter: string): boolean => !turn.live.has(voter)
          const { head } = register
          const kept = head.committee.filter((voter) => !isGone(voter))
          const caps = head.caps.filter((_caps, seat) => !isGone(head.committee[seat] ?? ''))
          const evicted = { ...head, n: head.n + 1, committee: kept, caps, parent: hashRecord(head) }
          const decided = decide(turn.registers, register.lineage, head) ??
            (kept.length < head.committee.length ? evicted : null)`,
      },
    ],
    turns: 4,
    in: eviction,
  },
  {
    name: 'a promise is not kept',
    file: 'rules/accept.ts',
    edits: [{ from: 'if (promised > round || votedBallot >= round ||', to: 'if (votedBallot >= round ||' }],
    turns: 12,
    in: wishes,
  },
  {
    name: 'a fork goes on under the same lineage id',
    file: 'lineage.ts',
    edits: [
      {
        from: 'return lineageId({ generation: from.generation + 1, founder, baseN: base.n, baseFounder: from.founder })',
        to: 'return base.lineage',
      },
    ],
    turns: 4,
    in: lineages,
  },
  {
    name: 'nobody moves to a better lineage',
    file: 'rules/hop.ts',
    edits: [{ from: 'if (best === null || best === register.lineage) {', to: 'if (best !== undefined) {' }],
    turns: 12,
    in: lineages,
  },
  {
    name: 'a round takes the lightest value over',
    file: 'decide.ts',
    edits: [
      { from: 'if (highest >= 1) return tallies[0]?.record ?? null', to: 'if (highest >= 1) return null' },
    ],
    turns: 12,
    in: wishes,
  },
]

test.each(BREAKAGES)('the explorer finds it when $name', async (broken) => {
  const core = await brokenCore(broken)
  const model = broken.in as NonNullable<typeof wishes>
  const { violation, book } = explore(core, model)
  expect(violation?.message).toMatch(/^(S1|L2) broken|invariant broken|two values/)
  const moves = violation?.moves ?? []
  expect(moves.length).toBeLessThanOrEqual(broken.turns)
  const told = await replay(storyOf(model, book, moves), () => newTurnPlayer(core))
  expect(told, 'the story leads there again').toMatch(
    violation?.message.startsWith('L2') ? /^turn/m : /S1 broken|broke:/,
  )
  if (process.env.STORY) console.log(told)
})
