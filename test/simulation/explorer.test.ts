import { expect, test } from 'vitest'
import { genesisLineage } from '../../src/consensus/lineage.js'
import { makeRecord } from '../../src/consensus/record.js'
import { freshRegister } from '../../src/consensus/register.js'
import { type ExplorerInput, explore } from './explorer.js'

const CAPS = ['east', 'west', 'mesh']

/** A settled committee; `a` and `b` want different providers, whoever else is there follows. */
function epochOf(voters: readonly string[]): Pick<ExplorerInput, 'head' | 'registers'> {
  const seats = voters.map((voter) => ({ voter, caps: CAPS }))
  const head = makeRecord({ lineage: genesisLineage('a'), n: 1, provider: 'east', seats, parent: 'before' })
  const warm = { west: 'ready', mesh: 'ready' } as const
  const registers = voters.map((voter, joinedAt) => {
    const register = freshRegister({ voter, participant: voter, joinedAt, caps: CAPS, warm }, head)
    const provider = { a: 'west', b: 'mesh' }[voter]
    return { ...register, seq: 1, ...(provider === undefined ? {} : { want: { provider, n: 2 } }) }
  })
  return { head, registers }
}

test('S1 holds in every interleaving of one epoch with two voters', { timeout: 60_000 }, () => {
  const result = explore({ ...epochOf(['a', 'b']), maxRound: 2, maxStates: 50_000 })
  expect(result).toMatchObject({ violation: null, isComplete: true })
  expect(result.outcomes).toBeGreaterThan(1)
})

test('S1 holds in the first 12,000 states of one epoch with three voters', { timeout: 60_000 }, () => {
  const result = explore({ ...epochOf(['a', 'b', 'c']), maxRound: 1, maxStates: 12_000 })
  expect(result.violation).toBeNull()
  expect(result.outcomes).toBeGreaterThan(1)
})
