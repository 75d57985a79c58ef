import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimate, type Knowledge, learn, NO_KNOWLEDGE } from '../../../src/recovery/knowledge.js'
import { hashOfKey } from '../../../src/recovery/pattern.js'
import { CLAIMS_MAX, type Claim, claimsOf, withClaims } from '../../../src/recovery/pooling.js'

const ASSUMED = { successMs: 1000, failureMs: 4000 }
const KEY = { signature: 'path-broken/path', context: 'c0', strategy: 'ice-restart' }
const ID = hashOfKey(KEY)

function seen(count: number, isSuccess: boolean, start: Knowledge = NO_KNOWLEDGE): Knowledge {
  let known = start
  for (let index = 0; index < count; index += 1)
    known = learn(known, { ...KEY, isSuccess, costMs: 1000 }, ASSUMED)
  return known
}

const chance = (known: Knowledge): number => estimate(known, KEY, ASSUMED).success

describe('what participants tell each other', () => {
  it('are counts of the best known cells, few and rounded', () => {
    let known = seen(6, true)
    for (let index = 0; index < 60; index += 1)
      known = learn(known, { ...KEY, context: `c${index % 20}`, isSuccess: true, costMs: 900.4 }, ASSUMED)
    const claims = claimsOf(known)
    expect(claims).toHaveLength(CLAIMS_MAX)
    expect(claims[0]?.[0]).toBe(ID)
    expect(claims.flatMap(([, ...numbers]) => numbers).every(Number.isInteger)).toBe(true)
    expect(JSON.stringify(claims).length).toBeLessThan(400)
  })

  it('helps who knows nothing, a little', () => {
    const told = withClaims(NO_KNOWLEDGE, [[[ID, 20, 0, 800, 0]]])
    expect(chance(told)).toBeGreaterThan(0.5)
    expect(chance(told)).toBeLessThan(0.7)
  })

  it('is never passed on as own experience', () => {
    expect(claimsOf(withClaims(NO_KNOWLEDGE, [[[ID, 20, 0, 800, 0]]]))).toEqual([])
  })

  it('is replaced, not added, when it is told again', () => {
    const once = withClaims(NO_KNOWLEDGE, [[[ID, 4, 0, 800, 0]]])
    expect(withClaims(once, [[[ID, 4, 0, 800, 0]]])).toEqual(once)
    const twiceInOne = withClaims(NO_KNOWLEDGE, [
      [
        [ID, 4, 0, 800, 0],
        [ID, 4, 0, 800, 0],
      ],
    ])
    expect(twiceInOne).toEqual(once)
  })

  it('a hostile participant, or all of them, cannot outweigh what was lived through', () => {
    const number = fc.oneof(fc.double({ noNaN: false }), fc.integer(), fc.constant(Number.MAX_VALUE))
    const claim = fc.tuple(fc.constantFrom(ID, 'x|y|z', ''), number, number, number, number)
    const claims = fc.array(fc.array(claim as fc.Arbitrary<Claim>, { maxLength: 20 }), { maxLength: 20 })
    fc.assert(
      fc.property(claims, fc.integer({ min: 4, max: 40 }), fc.boolean(), (told, count, isSuccess) => {
        const own = seen(count, isSuccess)
        const swayed = chance(withClaims(own, told))
        expect(Number.isFinite(swayed)).toBe(true)
        // On its own side of one half: the others' word weighs half of one's own at most.
        expect(swayed > 0.5).toBe(isSuccess)
      }),
    )
  })
})
