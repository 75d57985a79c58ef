/**
 * Seeded runs of whole calls with real documents under faults. S1 to S3, the fold and the invariants of registers
 * are checked after every write; after the heal everybody must come to rest in one record, and the document must
 * not have grown. `npm run sim -- --seeds 2000` plays many more; `HOLDFAST_SEEDS` sets the seeds per profile here.
 */
import { describe, expect, test } from 'vitest'
import { failureText, newTally, playJob } from './documents/batch.js'
import { makePlan, PROFILES } from './documents/plan.js'
import { runPlan } from './documents/run.js'
import { shrinkFaults } from './documents/shrink.js'

const SEEDS = Number(process.env.HOLDFAST_SEEDS ?? 12)

test.each(PROFILES)(
  'P02 nobody ends on another provider: %s',
  async (profile) => {
    const tally = newTally()
    for (let seed = 1; seed <= SEEDS; seed++)
      await playJob(tally, { profile, seed, isSignedForReal: seed === SEEDS })
    expect(tally.failures.map(failureText).join('\n')).toBe('')
    expect(tally.decisions).toBeGreaterThan(SEEDS)
  },
  SEEDS * 5000,
)

describe('a seed', () => {
  test.each(['churn', 'hostile'] as const)('replays exactly: %s', async (profile) => {
    const plan = makePlan(profile, 4)
    const one = await runPlan(plan)
    expect(await runPlan(plan)).toEqual(one)
    expect(await runPlan(makePlan(profile, 5))).not.toEqual(one)
  })

  test.each(PROFILES)('never lets time move on before everything rests: %s', async (profile) => {
    const plan = makePlan(profile, 9)
    expect(await runPlan(plan, { isWary: true })).toEqual(await runPlan(plan))
  })

  test('decides the same with signatures of WebCrypto, which nothing depends on', async () => {
    const plan = makePlan('contend', 3)
    const [one, again] = [
      await runPlan(plan, { isSignedForReal: true }),
      await runPlan(plan, { isSignedForReal: true }),
    ]
    expect(one.violations).toEqual([])
    expect(again).toEqual(one)
  })

  test('that fails is shrunk to the faults that it takes', async () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    const plan = seeds.map((seed) => makePlan('partition', seed)).find(({ faults }) => faults.length > 4)
    if (plan === undefined) throw new Error('no seed has enough faults')
    const needed = plan.faults.filter((_fault, index) => index === 1 || index === 3)
    const isFailing = async ({ faults }: NonNullable<typeof plan>): Promise<boolean> =>
      needed.every((fault) => faults.includes(fault))
    expect(needed).toHaveLength(2)
    expect(await shrinkFaults(plan, isFailing)).toEqual(needed)
  })
})
