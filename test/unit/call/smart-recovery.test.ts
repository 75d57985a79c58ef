/**
 * The method is picked by what is foretold and by how it turned out before, and then run by the hands that repair.
 * What was learned from repairs is in experience.test.ts and repair-loop.test.ts.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { createGuard, type Guard } from '../../../src/call/recovery-guard.js'
import { createRemedy } from '../../../src/call/remedy.js'
import type { Alert } from '../../../src/health/alert.js'
import type { HealthReport } from '../../../src/health/report.js'
import type { RiskLevel } from '../../../src/health/risk.js'
import type { Connection } from '../../../src/providers/provider.js'
import type { Hands } from '../../../src/repair/hands.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'
import { healthRig } from '../../support/health-rig.js'

/** What was feared would have come by then. */
const SCORED_MS = 11_000
/** Longer than a scored action is kept. */
const CALM_MS = 25_000

describe('what is foretold', () => {
  let guard: Guard | null = null
  afterEach(() => guard?.stop())

  it('P17 critical risk alone picks a method and runs it, before anything has happened', () => {
    const { run, foretell } = foretold()
    foretell('critical')
    expect(run).toEqual(['quality-down east-1'])
  })

  it('P17 the method that did not avert what was foretold gives way to the other', () => {
    const { run, core, foretell, says } = foretold()
    for (let time = 0; time < 8; time += 1) {
      foretell('critical')
      says.alerts = run.at(-1) === 'quality-down east-1' ? [frozen] : [slow]
      core.clock.advance(SCORED_MS)
      says.alerts = []
      foretell('low')
      core.clock.advance(CALM_MS)
    }
    expect(run[0]).toBe('quality-down east-1')
    expect(run.slice(-2)).toEqual(['ice-restart east-1', 'ice-restart east-1'])
  })

  it('P23 a round trip of 620 ms alone, before any risk is foretold, has the better method run', () => {
    const { run, core, says } = foretold()
    says.alerts = [
      alertOf({
        ...slow,
        about: { type: 'connection', id: core.reading?.current?.id ?? '', media: null },
        severity: 'low',
        value: 320,
      }),
    ]
    core.clock.advance(1000)
    expect(run).toEqual([])
    says.alerts = says.alerts.map((one) => ({ ...one, severity: 'medium' as const, value: 620 }))
    core.clock.advance(1000)
    expect(run).toEqual(['quality-down east-1'])
  })

  it('P16 gradual degradation: a path that gets slower second by second is relieved before any picture stands', () => {
    const { run, core, says } = foretold()
    const rig = healthRig().run(15_000)
    const found = new Set<string>()
    for (let second = 0; second < 30 && run.length === 0; second += 1) {
      rig.own.rttMs += 40
      rig.run(1000)
      says.alerts = rig.alerts()
      for (const { kind } of says.alerts) found.add(kind)
      core.clock.advance(1000)
    }
    expect(run).toEqual(['quality-down east-1'])
    expect(rig.own.rttMs).toBeLessThan(800)
    expect([...found]).toEqual(['high-rtt'])
  })

  it('P17 nothing is run for a risk while automatic recovery is off', () => {
    const { run, core, foretell } = foretold()
    Object.assign(core.options, { automatic: false })
    foretell('critical')
    expect(run).toEqual([])
  })

  /** A call whose own path to `east` can be given less to carry, or a new way. */
  function foretold() {
    const core = createFakeCore()
    guard = createGuard(core)
    core.guard = guard
    const nothing = async (): Promise<void> => undefined
    const connection = { setSendCap: nothing, restartIce: nothing } as Partial<Connection> as Connection
    core.reading = readingOf(core, { current: core.pool.add('east', { connection }) })
    const run: string[] = []
    const hands: Partial<Hands> = {
      run: async (strategy, { connectionId }) => {
        run.push(`${strategy} ${connectionId}`)
        return { outcome: 'succeeded', why: 'done', ranMs: 1, gapMs: null }
      },
    }
    guard.remedy = createRemedy(core, () => hands as Hands)
    const says = healthOf(core)
    const foretell = (level: RiskLevel): void => {
      says.level = level
      core.clock.advance(1000)
    }
    return { core, run, foretell, says }
  }
})

function healthOf(core: FakeCore): { level: RiskLevel; alerts: readonly Alert[] } {
  const said: { level: RiskLevel; alerts: readonly Alert[] } = { level: 'low', alerts: [] }
  const signals = [{ signal: 'round-trip', share: 1 }]
  core.desk = {
    latest: () => ({ atMs: core.clock.now(), alerts: said.alerts }) as unknown as HealthReport,
    latestRisk: () => ({
      atMs: core.clock.now(),
      risks: [
        {
          ...{ about: { type: 'connection', id: core.reading?.current?.id ?? '' }, risk: 90, leadMs: null },
          ...{ level: said.level, signals },
        },
      ],
      changes: [],
    }),
  } as unknown as NonNullable<FakeCore['desk']>
  return said
}

const frozen = alertOf({ kind: 'freeze', severity: 'high' })
const slow = alertOf({ kind: 'high-rtt', severity: 'medium' })

function alertOf(facts: Partial<Alert>): Alert {
  return {
    ...{ id: 1, kind: 'freeze', about: { type: 'peer', id: 'bob', media: 'video' }, severity: 'high' },
    ...{ sinceMs: 0, value: 0.4, unit: 'ratio', evidence: [], cause: null },
    blame: { culprit: 'path', participant: null, confidence: 0.7, evidence: ['decoder-drops-frames'] },
    ...facts,
  } as Alert
}
