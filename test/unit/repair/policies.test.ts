import { describe, expect, it } from 'vitest'
import { createBreakers } from '../../../src/repair/policies/breakers.js'
import { createPolicy, type PolicySpec } from '../../../src/repair/policies/policy.js'
import { isPolicySpec } from '../../../src/repair/policies/policy-spec.js'

function world(start = 0) {
  let atMs = start
  const pass = (ms: number): void => {
    atMs += ms
  }
  return { now: () => atMs, random: () => 0.5, pass }
}

function delays(spec: PolicySpec, attempts: number, at = world()): (number | null)[] {
  const policy = createPolicy(spec, at)
  return Array.from({ length: attempts }, (_, index) => policy.nextDelayMs(index + 1))
}

describe('policies', () => {
  it('P34 exponential: each delay is twice the one before, up to the longest', () => {
    expect(delays({ kind: 'exponential', firstMs: 400, maxMs: 3000 }, 5)).toEqual([400, 800, 1600, 3000, 3000])
  })

  it('P34 exponential: jitter draws from the given source alone, and gives up after the last attempt', () => {
    const spec = { kind: 'exponential', firstMs: 400, maxMs: 3000, jitter: 0.5, attemptsMax: 2 } as const
    expect(delays(spec, 3)).toEqual([300, 600, null])
    expect(delays(spec, 3)).toEqual(delays(spec, 3))
  })

  it('P34 linear: grows by the same step, up to the longest', () => {
    expect(delays({ kind: 'linear', firstMs: 100, stepMs: 250, maxMs: 700 }, 4)).toEqual([100, 350, 600, 700])
  })

  it('P34 linear: an attempt that is asked for again is answered the same, and a success begins anew', () => {
    const policy = createPolicy({ kind: 'linear', firstMs: 100, stepMs: 100, maxMs: 900 }, world())
    expect([policy.nextDelayMs(4), policy.nextDelayMs(4), policy.nextDelayMs(2)]).toEqual([400, 400, 200])
    policy.note({ isOk: true })
    expect(policy.nextDelayMs(1)).toBe(100)
  })

  it('P34 adaptive: failures make it patient, successes quick, across incidents', () => {
    const policy = createPolicy({ kind: 'adaptive', firstMs: 200, maxMs: 1000 }, world())
    const seen = [policy.nextDelayMs(1)]
    for (const isOk of [false, false, false, true, true, true]) {
      policy.note({ isOk })
      seen.push(policy.nextDelayMs(1))
    }
    expect(seen).toEqual([200, 400, 800, 1000, 500, 250, 200])
  })

  it('P34 time window: so many runs in any window, then as long as the oldest takes to leave it', () => {
    const at = world(50)
    const policy = createPolicy({ kind: 'time-window', runsMax: 2, windowMs: 1000 }, at)
    policy.note({ isOk: true })
    at.pass(300)
    expect(policy.nextDelayMs(1)).toBe(0)
    policy.note({ isOk: false })
    expect(policy.nextDelayMs(1)).toBe(700)
    at.pass(700)
    expect(policy.nextDelayMs(1)).toBe(0)
  })

  it('P34 composite: the longest delay of all, and gives up with the first that does', () => {
    const parts = [
      { kind: 'linear', firstMs: 500, stepMs: 0, maxMs: 500 },
      { kind: 'exponential', firstMs: 200, maxMs: 5000, attemptsMax: 3 },
    ] as const
    expect(delays({ kind: 'composite', parts }, 4)).toEqual([500, 500, 800, null])
  })

  it('P34 breaker-aware: waits until the breaker lets through', () => {
    const at = world()
    const breakers = createBreakers({ now: at.now, providers: ['east'] })
    const policy = createPolicy(
      {
        kind: 'breaker-aware',
        key: 'provider/east',
        policy: { kind: 'linear', firstMs: 100, stepMs: 0, maxMs: 100 },
      },
      { ...at, breakers },
    )
    expect(policy.nextDelayMs(1)).toBe(100)
    for (let count = 0; count < 5; count += 1) breakers.note('provider/east', false)
    at.pass(10_000)
    expect(policy.nextDelayMs(1)).toBe(20_000)
    at.pass(20_000)
    expect(policy.nextDelayMs(1)).toBe(100)
  })

  it('P34 what comes from an app is a policy or is not', () => {
    const linear = { kind: 'linear', firstMs: 0, stepMs: 1, maxMs: 5 }
    expect(
      isPolicySpec({ kind: 'composite', parts: [linear, { kind: 'time-window', runsMax: 2, windowMs: 9 }] }),
    ).toBe(true)
    expect(isPolicySpec({ kind: 'breaker-aware', key: 'provider/east', policy: linear })).toBe(true)
    for (const wrong of [
      null,
      'linear',
      { kind: 'cubic' },
      { ...linear, firstMs: '1' },
      { ...linear, firstMs: 9 },
      { kind: 'breaker-aware', key: 'east', policy: linear },
      { kind: 'composite', parts: [linear, {}] },
    ])
      expect(isPolicySpec(wrong)).toBe(false)
  })

  it('refuses delays that cannot be', () => {
    expect(() => createPolicy({ kind: 'linear', firstMs: -1, stepMs: 0, maxMs: 5 }, world())).toThrow(
      RangeError,
    )
    expect(() => createPolicy({ kind: 'exponential', firstMs: 9, maxMs: 5 }, world())).toThrow(RangeError)
    expect(() => createPolicy({ kind: 'time-window', runsMax: 0, windowMs: 5 }, world())).toThrow(RangeError)
  })
})

describe('breakers', () => {
  const rig = () => {
    const at = world()
    const changes: string[] = []
    const breakers = createBreakers({
      now: at.now,
      providers: ['east', 'west'],
      onChange: ({ key, state }) => changes.push(`${key} ${state}`),
    })
    const fail = (count: number, key: 'provider/east' | 'track/7' = 'provider/east') => {
      for (let done = 0; done < count; done += 1) breakers.note(key, false)
    }
    return { ...at, breakers, changes, fail }
  }
  const against = (participant: string, provider = 'east') => ({ participant, sight: { [provider]: 'dead' } })

  it('P60 five failures in a row open it for 30 s, then one at a time, and three successes close it', () => {
    const { breakers, changes, fail, pass } = rig()
    fail(4)
    expect(breakers.allows('provider/east')).toBe(true)
    fail(1)
    expect(breakers.allows('provider/east')).toBe(false)
    pass(29_999)
    expect(breakers.allows('provider/east')).toBe(false)
    pass(1)
    expect(breakers.allows('provider/east')).toBe(true)
    expect(breakers.allows('provider/east')).toBe(false)
    breakers.note('provider/east', true)
    expect(breakers.allows('provider/east')).toBe(true)
    breakers.note('provider/east', true)
    expect(breakers.status()[0]?.state).toBe('half-open')
    breakers.note('provider/east', true)
    expect(changes).toEqual(['provider/east open', 'provider/east half-open', 'provider/east closed'])
    expect(breakers.status()[0]).toMatchObject({ failures: 0, trips: 1, retryInMs: 0, by: null })
  })

  it('P60 a success between failures starts the count anew, and a failure while half open opens it again', () => {
    const { breakers, fail, pass } = rig()
    fail(4)
    breakers.note('provider/east', true)
    fail(4)
    expect(breakers.status()[0]?.state).toBe('closed')
    fail(1)
    pass(30_000)
    breakers.allows('provider/east')
    fail(1)
    expect(breakers.status()[0]).toMatchObject({ state: 'open', trips: 2, retryInMs: 30_000, by: 'own' })
  })

  it('P60 providers, connections and tracks have one each', () => {
    const { breakers, fail } = rig()
    fail(5, 'track/7')
    expect(breakers.allows('track/7')).toBe(false)
    expect(breakers.allows('track/8')).toBe(true)
    expect(breakers.allows('provider/east')).toBe(true)
  })

  it('P60 what two others saw die is not tried by the next one', () => {
    const { breakers } = rig()
    breakers.hear([against('bo'), against('cy')])
    expect(breakers.status()[0]).toMatchObject({ key: 'provider/east', state: 'open', by: 'others' })
  })

  it('P60 one participant alone holds nothing open, however many pages it has; with a failure of ours it does', () => {
    const { breakers, fail } = rig()
    breakers.hear([against('mallory'), against('mallory')])
    expect(breakers.allows('provider/east')).toBe(true)
    fail(1)
    breakers.hear([against('bo')])
    expect(breakers.allows('provider/east')).toBe(false)
  })

  it('P60 others cannot hold it open against a success of ours, and not again right after they did', () => {
    const { breakers, pass } = rig()
    breakers.note('provider/east', true)
    breakers.hear([against('bo'), against('cy')])
    expect(breakers.allows('provider/east')).toBe(true)
    pass(60_000)
    breakers.hear([against('bo'), against('cy')])
    expect(breakers.allows('provider/east')).toBe(false)
    pass(30_000)
    expect(breakers.allows('provider/east')).toBe(true)
    for (let count = 0; count < 3; count += 1) breakers.note('provider/east', true)
    breakers.hear([against('bo'), against('cy')])
    expect(breakers.allows('provider/east')).toBe(true)
  })

  it('P60 what is said of a provider that nobody configured is not kept', () => {
    const { breakers } = rig()
    breakers.hear([against('bo', 'nowhere'), against('cy', 'nowhere')])
    expect(breakers.status()).toEqual([])
  })

  it('P60 a test that never reports back holds up the next one for ten seconds only', () => {
    const { breakers, fail, pass } = rig()
    fail(5)
    pass(30_000)
    breakers.allows('provider/east')
    pass(9_999)
    expect(breakers.allows('provider/east')).toBe(false)
    pass(1)
    expect(breakers.allows('provider/east')).toBe(true)
  })

  it('resets one or all, and forgets what was noted longest ago', () => {
    const { breakers, fail } = rig()
    fail(5)
    fail(5, 'track/7')
    breakers.reset('track/7')
    expect(breakers.status().map(({ state }) => state)).toEqual(['open', 'closed'])
    breakers.reset()
    expect(breakers.allows('provider/east')).toBe(true)
    for (let id = 0; id < 300; id += 1) breakers.note(`connection/${id}`, false)
    expect(breakers.status()).toHaveLength(128)
  })
})
