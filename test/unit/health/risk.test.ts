import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assessRisk,
  INITIAL_RISK_STATE,
  type Risk,
  type RiskInput,
  type RiskState,
} from '../../../src/health/risk.js'
import { RISK_COEFFICIENTS } from '../../../src/health/risk-coefficients.js'
import {
  NO_RISK_MEMORY,
  RISK_SIGNALS,
  type RiskObservation,
  riskFeatures,
} from '../../../src/health/risk-features.js'
import { probabilityOf, riskLogit } from '../../../src/health/risk-model.js'
import type { OtherSight } from '../../../src/health/sight-date.js'

const CALM = { rttMs: 40, jitterMs: 2, lossRatio: 0, bitrateBps: 900_000, silentMs: 20 }
const other = (participant: string, sight: OtherSight['sight'], heardAtMs: number): OtherSight => ({
  ...{ participant, provider: 'west', sight, heardAtMs },
})

/** A participant whose seconds are told one by one. */
function participant() {
  let state: RiskState = INITIAL_RISK_STATE
  let atMs = 0
  const tell = (part: Partial<RiskObservation>, others: readonly OtherSight[] = []) => {
    atMs += 1_000
    const observation = { ...CALM, ...part, atMs }
    const input: RiskInput = {
      ...{ connectionId: 'west-1', provider: 'west', isCurrent: true },
      observation,
      verdict: null,
    }
    const next = assessRisk(state, atMs, [input], others)
    state = next.state
    const [own, provider] = next.report.risks as [Risk, Risk]
    return { own, provider, changes: next.report.changes }
  }
  return {
    tell,
    calm: (seconds: number) => Array.from({ length: seconds }, () => tell({})).at(-1),
    get atMs() {
      return atMs
    },
    get state() {
      return state
    },
  }
}

/** A connection that is being walked away from: step 0 is calm, step 10 nearly nothing. */
const fading = (step: number): Partial<RiskObservation> => ({
  rttMs: 40 + step * 60,
  jitterMs: 2 + step * 6,
  lossRatio: step * 0.015,
  bitrateBps: 900_000 * 0.68 ** step,
  silentMs: 20 + step * 35,
})

describe('risk', () => {
  it('P18 is told every second with a level, and is low while all is well', () => {
    const ana = participant()
    const last = ana.calm(30)
    expect(last?.own.level).toBe('low')
    expect(last?.own.risk).toBeLessThan(10)
    expect(last?.own.leadMs).toBeNull()
    expect(last?.changes).toEqual([])
  })

  it('P13 P18 rises before a fading connection breaks, and names the three signals that say so', () => {
    const ana = participant()
    ana.calm(20)
    const path = Array.from({ length: 10 }, (_, step) => ana.tell(fading(step + 1)).own)
    const high = path.find(({ level }) => level === 'high' || level === 'critical')
    expect(high).toBeDefined()
    expect(high?.leadMs).toBe(RISK_COEFFICIENTS.leadMs)
    expect(high?.signals).toHaveLength(3)
    for (const { share } of high?.signals ?? []) expect(share > 0 && share <= 1).toBe(true)
    expect(path.at(-1)?.risk ?? 0).toBeGreaterThan(path[0]?.risk ?? 100)
  })

  it('falls again when the connection recovers', () => {
    const ana = participant()
    ana.calm(20)
    for (let step = 1; step <= 6; step += 1) ana.tell(fading(step))
    expect(ana.calm(30)?.own.level).toBe('low')
  })

  it('of a provider is what all see of it: one of many in trouble is its own trouble', () => {
    const ana = participant()
    ana.calm(20)
    for (let step = 1; step <= 9; step += 1) ana.tell(fading(step))
    const at = ana.atMs
    const alone = ana.tell(fading(10), [])
    const fine = ana.tell(
      fading(10),
      ['b', 'c', 'd'].map((name) => other(name, 'ok', at)),
    )
    expect(fine.provider.risk).toBeLessThan(alone.provider.risk)
    const bad = ana.tell(
      fading(10),
      ['b', 'c', 'd'].map((name) => other(name, 'suspect', at)),
    )
    expect(bad.provider.risk).toBeGreaterThan(fine.provider.risk)
  })

  it('calls nothing critical any more when the hour has had its false alarms', () => {
    const ana = participant()
    const levels: string[] = []
    for (let alarm = 0; alarm < 5; alarm += 1) {
      ana.calm(40)
      for (let step = 1; step <= 10; step += 1)
        levels.push(ana.tell({ ...fading(step), silentMs: 400 }).own.level)
    }
    ana.calm(15)
    const late = levels.slice(-10)
    if (levels.includes('critical')) expect(late).not.toContain('critical')
    expect(ana.state.falseAtMs.length).toBeLessThanOrEqual(2)
  })

  it('learns from a participant whose outages come more often than foretold', () => {
    const often = participant()
    const never = participant()
    for (let round = 0; round < 60; round += 1) {
      often.calm(4)
      never.calm(6)
      often.tell({ silentMs: 1_500, bitrateBps: 0 })
      often.tell({})
    }
    expect(often.state.seen).toBeGreaterThan(often.state.expected)
    expect(never.state.seen).toBe(0)
    expect(often.tell(fading(4)).own.risk).toBeGreaterThan(never.tell(fading(4)).own.risk)
  })

  it('is a number whatever is missing, and every signal is', () => {
    const value = fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.constant(Number.NaN))
    const one = fc.record({
      rttMs: value,
      jitterMs: value,
      lossRatio: fc.double({ min: 0, max: 1 }),
      bitrateBps: value,
      silentMs: value,
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 20 }), (seconds) => {
        let memory = NO_RISK_MEMORY
        seconds.forEach((second, index) => {
          const step = riskFeatures(memory, { ...second, atMs: index * 1_000 })
          memory = step.memory
          expect(step.features).toHaveLength(RISK_SIGNALS.length)
          const p = probabilityOf(riskLogit(step.features).logit)
          expect(p >= 0 && p <= 1).toBe(true)
        })
      }),
    )
  })

  it('has coefficients that say what they were fitted from', () => {
    expect(RISK_COEFFICIENTS.data.length).toBeGreaterThan(0)
    expect(RISK_COEFFICIENTS.terms).toHaveLength(RISK_SIGNALS.length)
    const [medium, high, critical] = RISK_COEFFICIENTS.levels
    expect(medium < high && high <= critical && critical < 1).toBe(true)
  })
})
