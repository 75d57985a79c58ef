import { describe, expect, it } from 'vitest'
import { unpackSample } from '../../../src/health/pack.js'
import { type Rating, rateSample } from '../../../src/health/rating.js'
import { reduceStats } from '../../../src/health/reduce.js'
import { createSummaries, type StatsSummary } from '../../../src/health/summary.js'

const SUMMARY: StatsSummary = {
  rttMs: 80,
  availableOutgoingBps: null,
  inbound: [
    { peer: 'bob', kind: 'video', bitrateBps: 800_000, lossRatio: 0.1, jitterMs: 5, fps: 24, frameHeight: 720 },
  ],
  outbound: [{ kind: 'audio', bitrateBps: 32_000, lossRatio: 0.02, jitterMs: 4, fps: null, frameHeight: null }],
}

describe('what a vendor tells instead of statistics', () => {
  it('comes out as it went in, and is scored like any other sample', () => {
    const summaries = createSummaries()
    let rating: Rating | undefined
    for (let second = 0; second < 6; second += 1) {
      const atMs = second * 1_000
      const raw = summaries.rawOf('east-1', SUMMARY, atMs, (peer) => (peer === 'bob' ? 0 : -1))
      const sample = unpackSample(reduceStats({ atMs, mediaAtMs: Number.NaN, costMs: 0 }, [raw]))
      rating = (sample && rateSample(rating, sample, ['bob'])) ?? rating
    }
    const bob = rating?.peers.bob
    expect(bob).toMatchObject({ rttMs: 80, jitterMs: 5 })
    expect(bob?.fps).toBeCloseTo(24)
    expect(bob?.lossRatio).toBeCloseTo(0.1)
    expect(bob?.bitrateBps).toBeCloseTo(800_000)
    expect(bob?.score ?? 100).toBeLessThan(70)
    expect(rating?.up?.cause).toBe('loss')
  })

  it('leaves unknown what the vendor does not tell', () => {
    const nothing = { bitrateBps: null, lossRatio: null, jitterMs: null, fps: null, frameHeight: null }
    const summary: StatsSummary = {
      ...SUMMARY,
      rttMs: null,
      inbound: [{ peer: 'bob', kind: 'audio', ...nothing }],
      outbound: [],
    }
    const summaries = createSummaries()
    const rate = (before: Rating | undefined, atMs: number): Rating | undefined => {
      const raw = summaries.rawOf('east-1', summary, atMs, () => 0)
      const sample = unpackSample(reduceStats({ atMs, mediaAtMs: Number.NaN, costMs: 0 }, [raw]))
      return (sample && rateSample(before, sample, ['bob'])) ?? undefined
    }
    expect(rate(rate(undefined, 0), 1_000)?.peers.bob).toMatchObject({ score: null, mos: null, rttMs: null })
  })
})
