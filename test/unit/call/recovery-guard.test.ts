import { afterEach, describe, expect, it } from 'vitest'
import { warningOf } from '../../../src/call/alarm-watch.js'
import { createGuard, type Guard } from '../../../src/call/recovery-guard.js'
import { isDoubtful, standbyOf } from '../../../src/call/standby.js'
import { HoldfastError } from '../../../src/errors.js'
import type { HealthReport } from '../../../src/health/report.js'
import type { Risk } from '../../../src/health/risk.js'
import { standbyOf as plainStandbyOf } from '../../../src/script-tag/plain-standby.js'
import { createFakeCore, type FakeCore, participantOf, readingOf } from '../../support/fake-core.js'

let guards: Guard[] = []
afterEach(() => {
  for (const guard of guards) guard.stop()
  guards = []
})

function guarded(standby: 'cold' | 'warm' | 'hot' = 'warm'): { core: FakeCore; guard: Guard } {
  const core = createFakeCore({ standby })
  const guard = createGuard(core)
  core.guard = guard
  guards.push(guard)
  return { core, guard }
}

/** A connect to `provider` that fails, seen by one refresh before and one after. */
function failConnect(
  core: FakeCore,
  guard: Guard,
  provider: string,
  error: HoldfastError | null = new HoldfastError('provider-media'),
): void {
  const entry = core.pool.add(provider, { state: 'connecting' })
  guard.refresh(readingOf(core))
  entry.state = 'failed'
  entry.error = error
  guard.refresh(readingOf(core))
  void core.pool.close(entry)
}

const settled = (core: FakeCore) =>
  readingOf(core, { current: core.pool.entries()[0] ?? core.pool.add('east'), isFlowing: true, now: 5000 })

describe('the guard of a call', () => {
  it('P60 five failed connects hold a standby back for 30 s, and it is tried again after', () => {
    const { core, guard } = guarded()
    core.pool.add('east')
    for (let count = 0; count < 5; count += 1) failConnect(core, guard, 'west')
    expect(guard.breakers.status()).toMatchObject([
      { key: 'provider/east' },
      { key: 'provider/west', state: 'open' },
    ])
    expect(standbyOf(core, settled(core))).toBeNull()
    expect(guard.repairHoldMs('west')).toBe(2500)
    core.clock.advance(30_000)
    expect(standbyOf(core, settled(core))).toEqual({ provider: 'west', want: 'silent' })
  })

  it('P60 what fails while we are offline is nobody‘s failure', () => {
    const { core, guard } = guarded()
    core.network.isOnline = false
    for (let count = 0; count < 9; count += 1) failConnect(core, guard, 'west')
    expect(guard.holdMs('west')).toBe(0)
  })

  it('P24 what failed over the old network is tried at once over the new one', () => {
    const { core, guard } = guarded()
    for (let count = 0; count < 5; count += 1) failConnect(core, guard, 'west')
    expect(guard.holdMs('west')).toBe(30_000)
    core.clock.advance(1000)
    core.network.changedAtMs = core.clock.now()
    guard.refresh(readingOf(core))
    expect(guard.holdMs('west')).toBe(0)
  })

  it('P60 what others saw die is not dialled here, but the last one left is', () => {
    const { core, guard } = guarded()
    core.pool.add('east')
    const sight = { west: 'dead', mesh: 'dead' } as const
    const participants = new Map(['bo', 'cy'].map((id) => [id, participantOf(id, { sight })]))
    guard.refresh(readingOf(core, { participants }))
    expect(guard.holdMs('west')).toBe(30_000)
    expect(standbyOf(core, settled(core))).toBeNull()
    core.sight.note('east', 'dead')
    expect(standbyOf(core, { ...settled(core), next: null })).toEqual({ provider: 'west', want: 'media' })
  })

  it('P60 a provider under suspicion is fled whatever a breaker says of the next one', () => {
    const { core, guard } = guarded()
    for (let count = 0; count < 5; count += 1) failConnect(core, guard, 'west')
    core.sight.note('east', 'suspect')
    expect(standbyOf(core, settled(core))).toEqual({ provider: 'west', want: 'media' })
    expect(isDoubtful('suspect')).toBe(true)
  })

  it('P33 P36 a refusal with Retry-After starts one workflow, and the provider is left alone for so long', async () => {
    const { core, guard } = guarded()
    const error = new HoldfastError('provider-server', { details: { status: 503, retryAfterMs: 7000 } })
    failConnect(core, guard, 'west', error)
    failConnect(core, guard, 'west', error)
    expect(guard.workflows.status()).toMatchObject([
      { id: 'rate-limit', subject: 'west', state: 'in-progress' },
    ])
    expect(guard.workflows.metrics.duplicates).toBe(1)
    core.clock.advance(6000)
    expect(guard.holdMs('west')).toBeGreaterThan(0)
  })

  it('P33 the agreed provider gets no workflow, but its wish is known to the repair', () => {
    const { core, guard } = guarded()
    failConnect(core, guard, 'east', new HoldfastError('provider-full', { details: { retryAfterMs: 3000 } }))
    expect(guard.workflows.status()).toEqual([])
    expect(guard.holdMs('east')).toBe(3000)
    failConnect(core, guard, 'east', new HoldfastError('provider-full', { details: { retryAfterMs: 9e9 } }))
    expect(guard.holdMs('east')).toBe(120_000)
    expect(guard.repairHoldMs('east')).toBe(10_000)
  })

  it('P18 critical risk of the agreed provider has the standby carry media, until it has been calm for long', () => {
    const { core } = guarded('cold')
    const current = core.pool.add('east')
    const health = fakeHealth(core)
    core.reading = readingOf(core, { current })
    health.level = 'critical'
    core.clock.advance(1000)
    expect(standbyOf(core, settled(core))).toEqual({ provider: 'west', want: 'media' })
    health.level = 'low'
    core.clock.advance(25_000)
    expect(standbyOf(core, settled(core))).toBeNull()
  })

  it('P13 acts on our own connection by the remedy that it was given, and takes less sent back after', () => {
    const { core, guard } = guarded()
    const setSendCap = async () => undefined
    const connection = { setSendCap } as unknown as NonNullable<ReturnType<typeof core.pool.add>['connection']>
    const current = core.pool.add('east', { connection })
    const health = fakeHealth(core, ['round-trip'])
    const done: string[] = []
    guard.remedy = {
      isFree: () => true,
      begin: (action, id) => done.push(`${action} ${id}`),
      end: (action) => done.push(`no more ${action}`),
    }
    core.reading = readingOf(core, { current })
    health.level = 'critical'
    core.clock.advance(1000)
    health.level = 'low'
    core.clock.advance(25_000)
    expect(done).toEqual([`quality-down ${current.id}`, 'no more quality-down'])
    expect(guard.prevention.tally().needless).toBeGreaterThan(0)
  })

  it('P34 each incident has a policy of its own, and a jittered first retry', () => {
    const { guard } = guarded()
    const first = guard.policy()
    expect(first.nextDelayMs(1)).toBeGreaterThanOrEqual(360)
    expect(first.nextDelayMs(1)).toBeLessThanOrEqual(400)
    expect(guard.policy()).not.toBe(first)
  })

  it('P51 an alarm is a warning with what was measured', () => {
    const warning = warningOf({ kind: 'failure-rate', value: 0.9, limit: 0.8, unit: 'ratio' })
    expect(warning).toMatchObject({ code: 'recovery-alarm', details: { kind: 'failure-rate', value: 0.9 } })
  })

  it('the script tag has the same standby where nothing is held and nothing threatens', () => {
    for (const standby of ['cold', 'warm', 'hot'] as const) {
      const core = createFakeCore({ standby })
      const current = core.pool.add('east')
      const readings = [
        readingOf(core, { current }),
        readingOf(core, { current, isFlowing: true, now: 5000 }),
        readingOf(core, { current, next: null }),
        readingOf(core, { current, agreed: null }),
      ]
      for (const sight of ['ok', 'suspect', 'dead'] as const) {
        core.sight.note('east', sight)
        for (const reading of readings) expect(plainStandbyOf(core, reading)).toEqual(standbyOf(core, reading))
      }
    }
  })
})

/** Health that says what the test wants of both the connection and the provider. */
function fakeHealth(core: FakeCore, signals: readonly string[] = []): { level: Risk['level'] } {
  const said: { level: Risk['level'] } = { level: 'low' }
  const risks = (): Risk[] =>
    [
      { type: 'connection', id: core.reading?.current?.id ?? '' } as const,
      { type: 'provider', id: 'east' } as const,
    ].map((about) => ({
      about,
      risk: 50,
      level: said.level,
      leadMs: null,
      signals: signals.map((signal) => ({ signal, share: 1 })),
    }))
  core.desk = {
    latest: () => ({ atMs: core.clock.now(), alerts: [] }) as unknown as HealthReport,
    latestRisk: () => ({ atMs: core.clock.now(), risks: risks(), changes: [] }),
  } as unknown as NonNullable<FakeCore['desk']>
  return said
}
