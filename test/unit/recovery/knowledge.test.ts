import { describe, expect, it } from 'vitest'
import {
  allPatterns,
  estimate,
  type Knowledge,
  learn,
  NO_KNOWLEDGE,
  PRIOR_WEIGHT_MAX,
  patternOf,
  toPrior,
  withPattern,
  withPrior,
} from '../../../src/recovery/knowledge.js'
import { addOutcome, type Outcome } from '../../../src/recovery/pattern.js'

const ASSUMED = { successMs: 1000, failureMs: 4000 }
const HOME = 'browser=chromium;network=wifi;provider=whip;stage=first'
const NEARLY_HOME = 'browser=firefox;network=wifi;provider=whip;stage=first'
const TRAIN = 'browser=chromium;network=cellular;provider=janus;stage=first'

const outcomeOf = (facts: Partial<Outcome> = {}): Outcome => ({
  signature: 'path-broken/path',
  context: HOME,
  strategy: 'ice-restart',
  isSuccess: true,
  costMs: 800,
  ...facts,
})

function knownAfter(outcomes: readonly Partial<Outcome>[], start: Knowledge = NO_KNOWLEDGE): Knowledge {
  return outcomes.reduce<Knowledge>((known, facts) => learn(known, outcomeOf(facts), ASSUMED), start)
}

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
const chance = (known: Knowledge, context = HOME): number =>
  estimate(known, { ...outcomeOf(), context }, ASSUMED).success

describe('what was learned', () => {
  it('P62 a pattern carries its situation, its strategy, its rate, its duration and its sample size', () => {
    const known = knownAfter([...times(3, {}), { isSuccess: false, costMs: 4000 }])
    const pattern = patternOf(known, outcomeOf())
    expect(pattern).toMatchObject({ signature: 'path-broken/path', context: HOME, seen: 4 })
    expect(pattern?.long.successes).toBeCloseTo(3, 1)
    expect((pattern?.long.successMs ?? 0) / (pattern?.long.successes ?? 1)).toBeCloseTo(800, 0)
  })

  it('is what was assumed while nothing is known, and comes close to what happens', () => {
    expect(chance(NO_KNOWLEDGE)).toBeCloseTo(0.5)
    expect(estimate(NO_KNOWLEDGE, outcomeOf(), { ...ASSUMED, success: 0.7 }).success).toBeCloseTo(0.7)
    const good = knownAfter(times(30, {}))
    expect(chance(good)).toBeGreaterThan(0.85)
    expect(estimate(good, outcomeOf(), ASSUMED).successMs).toBeLessThan(850)
    expect(chance(knownAfter(times(30, { isSuccess: false })))).toBeLessThan(0.15)
  })

  it('is surer the more was seen', () => {
    const few = estimate(knownAfter(times(2, {})), outcomeOf(), ASSUMED)
    const many = estimate(knownAfter(times(40, {})), outcomeOf(), ASSUMED)
    expect(many.deviation).toBeLessThan(few.deviation / 2)
  })

  it('P17 P61 is carried over to other contexts, and further to contexts that are more than 0.7 alike', () => {
    const known = knownAfter(times(10, {}))
    expect(chance(known, TRAIN)).toBeGreaterThan(0.55)
    expect(chance(known, NEARLY_HOME)).toBeGreaterThan(chance(known, TRAIN) + 0.05)
    expect(chance(known, HOME)).toBeGreaterThan(chance(known, NEARLY_HOME))
  })

  it('says nothing about other failures or other strategies', () => {
    const known = knownAfter(times(10, {}))
    expect(estimate(known, outcomeOf({ signature: 'provider-outage/provider' }), ASSUMED).success).toBeCloseTo(
      0.5,
    )
    expect(estimate(known, outcomeOf({ strategy: 'reconnect' }), ASSUMED).success).toBeCloseTo(0.5)
  })

  it('is forgotten when things change: soon by the short memory, which is trusted as soon as it foretells better', () => {
    const known = knownAfter(times(60, {}))
    const turned = knownAfter(times(8, { isSuccess: false, costMs: 4000 }), known)
    expect(turned.longTrust).toBeLessThan(known.longTrust)
    expect(chance(turned)).toBeLessThan(0.6)
  })

  it('keeps a bounded number of contexts, the latest', () => {
    const known = knownAfter(Array.from({ length: 50 }, (_, index) => ({ context: `c${index}` })))
    expect(allPatterns(known)).toHaveLength(32)
    expect(patternOf(known, outcomeOf({ context: 'c49' }))).not.toBeNull()
    expect(patternOf(known, outcomeOf({ context: 'c0' }))).toBeNull()
  })

  it('P46 grows with situations and not with attempts: one row of counts for each', () => {
    const situations = ['ice-restart', 'reconnect'].flatMap((strategy) =>
      [HOME, NEARLY_HOME, TRAIN].map((context) => ({ strategy, context })),
    )
    const first = knownAfter(situations)
    let known = first
    for (let attempt = situations.length; attempt < 10_000; attempt += 1)
      known = learn(known, outcomeOf(situations[attempt % situations.length] ?? {}), ASSUMED)
    expect(known.episode).toBe(10_000)
    expect(allPatterns(known)).toHaveLength(allPatterns(first).length)
    expect(JSON.stringify(allPatterns(known)).length).toBeLessThan(
      2 * JSON.stringify(allPatterns(first)).length,
    )
  })

  it('takes in what another tab wrote', () => {
    const elsewhere = addOutcome(null, outcomeOf(), 7)
    const known = withPattern(NO_KNOWLEDGE, elsewhere)
    expect(known.episode).toBe(7)
    expect(patternOf(known, outcomeOf())).toEqual(elsewhere)
  })

  it('is never changed in place', () => {
    const before = knownAfter(times(3, {}))
    const frozen = JSON.stringify([allPatterns(before), before.episode])
    knownAfter(times(3, { isSuccess: false }), before)
    expect(JSON.stringify([allPatterns(before), before.episode])).toBe(frozen)
  })
})

describe('a prior that the app ships', () => {
  it('is believed until there is more experience', () => {
    const shipped = toPrior(knownAfter(times(200, {})))
    const known = withPrior(NO_KNOWLEDGE, shipped)
    expect(chance(known)).toBeGreaterThan(0.75)
    const met = knownAfter(times(2 * PRIOR_WEIGHT_MAX, { isSuccess: false }), known)
    expect(chance(met)).toBeLessThan(0.5)
  })

  it('comes back as it was exported', () => {
    const known = knownAfter([{}, { isSuccess: false }, { strategy: 'reconnect', context: TRAIN }])
    const again = withPrior(NO_KNOWLEDGE, toPrior(known))
    expect([...again.prior.keys()].sort()).toEqual(
      toPrior(known)
        .map(({ signature, context, strategy }) => `${signature}|${context}|${strategy}`)
        .sort(),
    )
  })
})
