import { describe, expect, it } from 'vitest'
import { contextOf, hashOf, SIMILAR_ABOVE, signatureOf, similarity } from '../../../src/recovery/context.js'

const home = { provider: 'whip', network: 'wifi', browser: 'chromium', stage: 'first' } as const

describe('names of situations', () => {
  it('P42 the same situation has the same signature and hash, another one another', () => {
    const signature = signatureOf({ kind: 'path-broken', blame: 'path' })
    expect(signature).toBe('path-broken/path')
    expect(contextOf(home)).toBe('browser=chromium;network=wifi;provider=whip;stage=first')
    expect(hashOf(signature, contextOf(home))).toBe(hashOf(signature, contextOf({ ...home })))
    expect(hashOf(signature, contextOf(home))).not.toBe(
      hashOf(signature, contextOf({ ...home, stage: 'later' })),
    )
    expect(hashOf('', '')).toMatch(/^[0-9a-f]{8}$/)
  })

  it("hold nothing but words: an app's provider kind cannot smuggle separators or secrets in", () => {
    const kind = `my;kind=secret|${'x'.repeat(100)}`
    expect(contextOf({ ...home, provider: kind })).toMatch(/provider=[\w-]{1,24};stage=first$/)
  })

  it('P61 are more than 0.7 alike when little differs', () => {
    const alike = (facts: object): number => similarity(contextOf(home), contextOf({ ...home, ...facts }))
    expect(alike({})).toBe(1)
    expect(alike({ browser: 'firefox' })).toBeGreaterThan(SIMILAR_ABOVE)
    expect(alike({ network: 'cellular' })).toBeGreaterThan(SIMILAR_ABOVE)
    expect(alike({ provider: 'janus' })).toBeLessThan(SIMILAR_ABOVE)
    expect(alike({ network: 'cellular', browser: 'safari' })).toBeLessThan(SIMILAR_ABOVE)
    expect(similarity('c1', 'c2')).toBe(0)
    expect(similarity('c1', contextOf(home))).toBe(0)
  })
})
