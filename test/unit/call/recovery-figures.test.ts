import { describe, expect, it } from 'vitest'
import { figuresOf } from '../../../src/call/recovery-figures.js'
import { createGuard } from '../../../src/call/recovery-guard.js'
import type { Archive } from '../../../src/history/archive-contract.js'
import { createFakeCore } from '../../support/fake-core.js'
import { attemptOf } from '../../support/history-checks.js'

describe('the figures of recovery', () => {
  it('P52 P64 P65 adds up attempts, explanations, prevention, workflows and breakers', async () => {
    const core = createFakeCore()
    const text = { summary: 'Everybody moves.', cause: 'It failed.', userAction: 'Nothing.' }
    const explanations = async () => [
      { ...text, by: 'learned' },
      { ...text, by: 'fixed', cause: '' },
    ]
    core.archive = { explanations } as unknown as Archive
    const guard = createGuard(core)
    core.guard = guard
    guard.breakers.note('provider/west', false)
    guard.workflows.start('provider-api', 'west', 'manual')
    const figures = await figuresOf(core, [attemptOf(), attemptOf({ outcome: 'failed' })])
    expect(figures).toMatchObject({
      attempts: 2,
      successRate: 0.5,
      kpis: { explanationCompleteness: 0.5, falsePositiveRate: 0 },
      prevented: { acted: 0, averted: 0 },
      workflows: { metrics: { started: 1 }, list: [{ id: 'provider-api', kind: 'manual' }] },
    })
    const names = figures.metrics.map(({ name }) => name)
    expect(names).toContain('holdfast.recovery.breaker.trips')
    expect(figures.metrics.find(({ name }) => name.endsWith('match_ratio'))?.value).toBe(0.5)
    guard.stop()
  })

  it('before the guard is loaded, and without an archive, what is known is told', async () => {
    const { attempts, workflows, kpis } = await figuresOf(createFakeCore(), [attemptOf()])
    expect({ attempts, workflows, completeness: kpis.explanationCompleteness }).toEqual({
      attempts: 1,
      workflows: null,
      completeness: null,
    })
  })
})
