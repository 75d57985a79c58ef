import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Knowledge, learn, NO_KNOWLEDGE, withPrior } from '../../../src/recovery/knowledge.js'
import { CALL_POLICY, choose, type Question } from '../../../src/recovery/selection.js'
import { playTrial } from '../../simulation/learning.js'

const ICE = { strategy: 'ice-restart', success: 0.5, successMs: 800, failureMs: 4000 }
const RECONNECT = { strategy: 'reconnect', success: 0.5, successMs: 1500, failureMs: 4000 }
const question: Question = {
  signature: 'path-broken/path',
  context: 'c0',
  options: [ICE, RECONNECT],
  nextMs: 4000,
  isCritical: false,
}
/** A number that never explores. */
const CALM = 0.99

function knowing(
  outcomes: Readonly<Record<string, readonly [successes: number, failures: number]>>,
): Knowledge {
  let known = NO_KNOWLEDGE
  for (const [strategy, [successes, failures]] of Object.entries(outcomes)) {
    const assumed = strategy === 'reconnect' ? RECONNECT : ICE
    const { signature, context } = question
    for (let index = 0; index < successes + failures; index += 1) {
      const isSuccess = index < successes
      const costMs = isSuccess ? assumed.successMs : assumed.failureMs
      known = learn(known, { signature, context, strategy, isSuccess, costMs }, assumed)
    }
  }
  return known
}

describe('choosing a strategy', () => {
  it('P26 is the fixed priority when nothing is known', () => {
    const choice = choose(NO_KNOWLEDGE, question, CALL_POLICY, 0)
    expect(choice).toMatchObject({ strategy: 'ice-restart', by: 'fixed', propensity: 1 })
  })

  it('P17 P29 leaves the fixed priority for what works better here', () => {
    const known = knowing({ 'ice-restart': [0, 8], reconnect: [8, 0] })
    const choice = choose(known, question, CALL_POLICY, CALM)
    expect(choice).toMatchObject({ strategy: 'reconnect', by: 'learned' })
    expect(choice.confidence).toBeGreaterThan(0.8)
    expect(choice.ranking.map(({ strategy }) => strategy)).toEqual(['reconnect', 'ice-restart'])
  })

  it('P61 stays with the fixed priority below a confidence of 0.8', () => {
    const known = knowing({ 'ice-restart': [1, 1], reconnect: [2, 0] })
    const choice = choose(known, question, CALL_POLICY, CALM)
    expect(choice.confidence).toBeLessThan(0.8)
    expect(choice).toMatchObject({ strategy: 'ice-restart', by: 'fixed' })
  })

  it('counts the gap of media as cost: the quicker of two that work as often is chosen', () => {
    const known = knowing({ 'ice-restart': [20, 0], reconnect: [20, 0] })
    expect(choose(known, question, CALL_POLICY, CALM).strategy).toBe('ice-restart')
    const reversed = { ...question, options: [RECONNECT, ICE] }
    expect(choose(known, reversed, { ...CALL_POLICY, confidenceMin: 0 }, CALM).strategy).toBe('ice-restart')
  })

  it('tries something else now and then, never in an emergency and never what is expected to cost much more', () => {
    const even = knowing({ 'ice-restart': [5, 3], reconnect: [6, 3] })
    expect(choose(even, question, CALL_POLICY, 0).by).toBe('explored')
    expect(choose(even, { ...question, isCritical: true }, CALL_POLICY, 0).by).not.toBe('explored')
    const uneven = knowing({ 'ice-restart': [20, 0], reconnect: [0, 20] })
    expect(choose(uneven, question, CALL_POLICY, 0)).toMatchObject({ strategy: 'ice-restart', propensity: 1 })
  })

  it('says with which chance each strategy is chosen: the chances add up, and the choices follow them', () => {
    const even = knowing({ 'ice-restart': [5, 3], reconnect: [6, 3] })
    const draws = 2000
    const counts = new Map<string, { count: number; propensity: number }>()
    for (let index = 0; index < draws; index += 1) {
      const { strategy, propensity } = choose(even, question, CALL_POLICY, index / draws)
      counts.set(strategy, { count: (counts.get(strategy)?.count ?? 0) + 1, propensity })
    }
    const all = [...counts.values()]
    expect(all.reduce((total, { propensity }) => total + propensity, 0)).toBeCloseTo(1)
    for (const { count, propensity } of all) expect(count / draws).toBeCloseTo(propensity, 2)
  })

  it('follows a shipped prior from the first incident on', () => {
    const key = { signature: question.signature, context: question.context }
    const known = withPrior(NO_KNOWLEDGE, [
      { ...key, strategy: 'ice-restart', successes: 1, failures: 19, successMs: 800, failureMs: 76_000 },
      { ...key, strategy: 'reconnect', successes: 19, failures: 1, successMs: 20_000, failureMs: 4000 },
    ])
    expect(choose(known, question, CALL_POLICY, CALM)).toMatchObject({ strategy: 'reconnect', by: 'learned' })
  })

  it('gives the same answer for the same input, and always one of the options', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('ice-restart', 'reconnect'), fc.boolean()), { maxLength: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (outcomes, random) => {
          let known = NO_KNOWLEDGE
          for (const [strategy, isSuccess] of outcomes) {
            const { signature, context } = question
            known = learn(known, { signature, context, strategy, isSuccess, costMs: 1000 }, ICE)
          }
          const choice = choose(known, question, CALL_POLICY, random)
          expect(choose(known, question, CALL_POLICY, random)).toEqual(choice)
          expect(['ice-restart', 'reconnect']).toContain(choice.strategy)
          expect(choice.propensity).toBeGreaterThan(0)
          for (const { success } of choice.ranking) {
            expect(success).toBeGreaterThanOrEqual(0)
            expect(success).toBeLessThanOrEqual(1)
          }
        },
      ),
    )
  })

  it('P29 chooses better the longer it runs, in every family of worlds, without and with a change', () => {
    const mean = (numbers: readonly number[]): number =>
      numbers.reduce((total, one) => total + one, 0) / numbers.length
    for (const family of ['mixed', 'strategy', 'easy', 'hard'] as const) {
      const seeds = Array.from({ length: 12 }, (_, index) => index + 1)
      const trials = seeds.map((seed) => playTrial({ family, seed, incidents: 120, triesMax: 8 }))
      const fixed = seeds.map((seed) => playTrial({ family, seed, incidents: 120, learner: 'fixed' }))
      const regret = mean(trials.map((one) => one.regret[119] ?? 0))
      expect(regret, family).toBeLessThan(0.6 * mean(fixed.map((one) => one.regret[119] ?? 0)))
      const early = mean(trials.map((one) => one.regret[29] ?? 0))
      const late = mean(trials.map((one) => (one.regret[119] ?? 0) - (one.regret[89] ?? 0)))
      expect(late, family).toBeLessThan(0.7 * early)
    }
  })
})
