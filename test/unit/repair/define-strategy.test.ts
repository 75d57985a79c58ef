/** Strategies of apps: checked where they are defined, run and proven like the built-in ones. */
import { describe, expect, it } from 'vitest'
import { isHoldfastError } from '../../../src/errors.js'
import { REPAIRED_KINDS } from '../../../src/recovery/incident-kinds.js'
import { STRATEGIES } from '../../../src/recovery/strategy-specs.js'
import { type AppStrategy, defineStrategy } from '../../../src/repair/define-strategy.js'
import { createHands } from '../../../src/repair/hands.js'
import { fakeWorld, targetOf } from '../../support/fake-world.js'

const MIXER: AppStrategy = {
  id: 'restart-mixer',
  handles: ['frame-corruption'],
  reach: 'me',
  timeoutMs: 3_000,
  run: async () => undefined,
}

describe('defineStrategy', () => {
  it('P56 returns what it was given, and the engine sees it behind the built-in ones', async () => {
    const runs: string[] = []
    const strategy = defineStrategy({ ...MIXER, run: async ({ target }) => void runs.push(target.incidentId) })
    const world = fakeWorld()
    const hands = createHands(world, [strategy])
    expect(hands.specs.at(-1)).toMatchObject({ id: 'restart-mixer', proof: 'media', hasUndo: false })
    const run = hands.run('restart-mixer', targetOf(), new AbortController().signal)
    await world.pass(200)
    expect(await run).toMatchObject({ outcome: 'succeeded' })
    expect(runs).toEqual(['i1'])
  })

  it('one with the id of a built-in strategy takes its place, and one that rejects has failed', async () => {
    const strategy = defineStrategy({
      ...{ ...MIXER, id: 'key-frame' },
      run: async () => Promise.reject(new Error('no')),
    })
    const world = fakeWorld()
    const hands = createHands(world, [strategy])
    expect(hands.specs.filter(({ id }) => id === 'key-frame')).toHaveLength(1)
    const run = hands.run('key-frame', targetOf(), new AbortController().signal)
    await world.pass(200)
    expect(await run).toMatchObject({ outcome: 'failed', why: 'error' })
  })

  it.each([
    ['id', { id: 'Key Frame' }],
    ['handles', { handles: [] }],
    ['handles.0', { handles: ['bad-luck'] }],
    ['reach', { reach: 'call' }],
    ['timeoutMs', { timeoutMs: 5 }],
    ['run', { run: 'now' }],
    ['proof', { proof: 'trust me' }],
    ['assumed.success', { assumed: { success: 2, successMs: 1, failureMs: 1 } }],
  ])('refuses a wrong %s by name', (field, change) => {
    const wrong = { ...MIXER, ...change } as unknown as AppStrategy
    try {
      defineStrategy(wrong)
      expect.unreachable('it was accepted')
    } catch (error) {
      expect(isHoldfastError(error, 'invalid-options') && error.details.field).toBe(field)
    }
  })

  it('knows the same kinds as the built-in strategies', () => {
    const kinds = new Set(STRATEGIES.flatMap(({ handles }) => handles))
    expect([...kinds].sort()).toEqual([...REPAIRED_KINDS].sort())
  })
})
