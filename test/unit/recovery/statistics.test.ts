import { describe, expect, it } from 'vitest'
import { type AlarmFigures, type AlarmState, watchAlarms } from '../../../src/recovery/alarms.js'
import { metricsOf } from '../../../src/recovery/metrics.js'
import { type CountedAttempt, kpisOf, statisticsOf } from '../../../src/recovery/statistics.js'

let count = 0
function attempt(facts: Partial<CountedAttempt>): CountedAttempt {
  count += 1
  return {
    id: `a${count}`,
    incident: 'path-broken',
    strategy: 'ice-restart',
    from: 'east',
    startedAtMs: 1000 * count,
    durationMs: 500,
    mediaGapMs: null,
    outcome: 'succeeded',
    ...facts,
  }
}

describe('statistics', () => {
  const attempts = [
    attempt({ durationMs: 400 }),
    attempt({ outcome: 'failed', durationMs: 4000 }),
    attempt({ strategy: 'reconnect', durationMs: 1200 }),
    attempt({ strategy: 'switch-provider', incident: 'provider-outage', durationMs: 800 }),
    attempt({ outcome: 'cancelled', durationMs: 100 }),
    attempt({ outcome: 'in-progress', durationMs: null }),
  ]

  it('P65 adds up totals, success rate, mean, fastest and slowest', () => {
    expect(statisticsOf(attempts)).toMatchObject({
      attempts: 6,
      succeeded: 3,
      failed: 1,
      cancelled: 1,
      inProgress: 1,
      successRate: 0.75,
      meanMs: 800,
      fastestMs: 400,
      slowestMs: 1200,
    })
  })

  it('P65 by type and by strategy, with the newest ten', () => {
    const { byIncident, byStrategy, recent } = statisticsOf(attempts)
    expect(byIncident['provider-outage']).toMatchObject({ attempts: 1, successRate: 1, meanMs: 800 })
    expect(byStrategy['ice-restart']).toMatchObject({ attempts: 4, succeeded: 1, failed: 1, successRate: 0.5 })
    expect(recent.map(({ id }) => id)).toEqual([...attempts].reverse().map(({ id }) => id))
    expect(statisticsOf(Array.from({ length: 30 }, () => attempt({}))).recent).toHaveLength(10)
  })

  it('P65 waiting and asking a person are no repairs: their time running out fails nothing', () => {
    const passive = [
      attempt({ strategy: 'wait', outcome: 'failed', durationMs: 30_000 }),
      attempt({ strategy: 'ask-user', outcome: 'failed', durationMs: 60_000 }),
      attempt({ strategy: 'wait', outcome: 'succeeded', durationMs: 1_000 }),
    ]
    const all = statisticsOf([...attempts, ...passive])
    expect({ ...all, byStrategy: null, recent: null }).toEqual({
      ...statisticsOf(attempts),
      byStrategy: null,
      recent: null,
    })
    expect(all.byStrategy.wait).toMatchObject({ attempts: 2, succeeded: 1, failed: 1 })
    const prevented = { acted: 0, needless: 0 }
    expect(kpisOf({ attempts: passive, prevented, explanations: [] }).successRate).toBeNull()
  })

  it('P65 says null, not zero, where nothing is known', () => {
    expect(statisticsOf([])).toMatchObject({ attempts: 0, successRate: null, meanMs: null, fastestMs: null })
  })

  it('P52 a repair that needed two strategies is one success, and its time counts from the first', () => {
    const kpis = kpisOf({
      attempts: [
        attempt({ startedAtMs: 0, durationMs: 4000, outcome: 'failed' }),
        attempt({ startedAtMs: 4400, durationMs: 1000, strategy: 'reconnect' }),
        attempt({ startedAtMs: 90_000, durationMs: 4000, outcome: 'failed' }),
      ],
      prevented: { acted: 18, needless: 1 },
      explanations: [],
    })
    expect(kpis).toEqual({
      successRate: 0.5,
      meanTimeToRecoveryMs: 5400,
      falsePositiveRate: 1 / 20,
      explanationCompleteness: null,
    })
  })

  it('P52 a failure that nobody came back to is an incident of its own', () => {
    const { successRate } = kpisOf({
      attempts: [
        attempt({ startedAtMs: 0, durationMs: 1000, outcome: 'failed' }),
        attempt({ startedAtMs: 60_000, durationMs: 1000 }),
      ],
      prevented: { acted: 0, needless: 0 },
      explanations: [],
    })
    expect(successRate).toBe(0.5)
  })

  it('P52 an explanation without a cause is not complete', () => {
    const whole = { summary: 'Looking for a new path.', cause: 'The path broke.', userAction: 'Nothing.' }
    const { explanationCompleteness } = kpisOf({
      attempts: [],
      prevented: { acted: 0, needless: 0 },
      explanations: [whole, whole, whole, { ...whole, cause: ' ' }],
    })
    expect(explanationCompleteness).toBe(0.75)
  })
})

describe('alarms', () => {
  const calm: AlarmFigures = { ended: [], nowMs: 10_000_000, queryMs: 3, storedBytes: 100_000 }
  const ended = (total: number, failed: number): AlarmFigures['ended'] =>
    Array.from({ length: total }, (_, index) => ({ atMs: calm.nowMs - 1000, isSuccess: index >= failed }))
  const kindsOf = (figures: Partial<AlarmFigures>, state: AlarmState = []): readonly string[] =>
    watchAlarms(state, { ...calm, ...figures }).raised.map(({ kind }) => kind)

  it('P51 growth, failures above 80 %, slow queries and size each raise one', () => {
    expect(kindsOf({})).toEqual([])
    expect(kindsOf({ ended: ended(61, 0) })).toEqual(['growth'])
    expect(kindsOf({ ended: ended(10, 9) })).toEqual(['failure-rate'])
    expect(kindsOf({ ended: ended(10, 8) })).toEqual([])
    expect(kindsOf({ queryMs: 501 })).toEqual(['slow-queries'])
    expect(kindsOf({ storedBytes: 50_000_001 })).toEqual(['size'])
  })

  it('P51 says what was measured and against which limit', () => {
    expect(watchAlarms([], { ...calm, ended: ended(10, 9) }).raised).toEqual([
      { kind: 'failure-rate', value: 0.9, limit: 0.8, unit: 'ratio' },
    ])
  })

  it('P51 an alarm is raised once, and again only after it was clearly over', () => {
    const first = watchAlarms([], { ...calm, queryMs: 600 })
    expect(kindsOf({ queryMs: 600 }, first.state)).toEqual([])
    const between = watchAlarms(first.state, { ...calm, queryMs: 450 })
    expect(kindsOf({ queryMs: 600 }, between.state)).toEqual([])
    const over = watchAlarms(between.state, { ...calm, queryMs: 100 })
    expect(kindsOf({ queryMs: 600 }, over.state)).toEqual(['slow-queries'])
  })

  it('P51 a handful of failures, or failures of yesterday, raise nothing', () => {
    expect(kindsOf({ ended: ended(4, 4) })).toEqual([])
    expect(kindsOf({ ended: ended(10, 10).map((one) => ({ ...one, atMs: 0 })) })).toEqual([])
  })
})

describe('metrics', () => {
  it('P64 attempts, times, breaker states and trips, prediction accuracy and pattern matches have names', () => {
    const metrics = metricsOf({
      statistics: statisticsOf([attempt({ durationMs: 700 }), attempt({ outcome: 'failed' })]),
      breakers: [{ key: 'provider/east', state: 'open', trips: 2 }],
      prevented: { averted: 2, met: 1, needless: 1 },
      patterns: { matched: 3, asked: 4 },
    })
    const found = (name: string, attributes: Record<string, string> = {}): number | undefined =>
      metrics.find(
        (one) =>
          one.name === `holdfast.recovery.${name}` &&
          Object.entries(attributes).every(([key, value]) => one.attributes[key] === value),
      )?.value
    expect(found('attempts', { strategy: 'ice-restart', outcome: 'failed' })).toBe(1)
    expect(found('duration', { statistic: 'slowest' })).toBe(700)
    expect(found('breaker.count', { state: 'open' })).toBe(1)
    expect(found('breaker.trips', { key: 'provider/east' })).toBe(2)
    expect(found('prediction.accuracy')).toBe(0.75)
    expect(found('pattern.match_ratio')).toBe(0.75)
  })
})
