import { describe, expect, it } from 'vitest'
import { createWorkflowMonitor, type WorkflowMonitor } from '../../../src/call/workflow-monitor.js'
import type { WorkflowFacts } from '../../../src/recovery/workflow-specs.js'
import type { WorkflowWorld } from '../../../src/repair/workflows/steps.js'
import { manualClock } from '../document/manual-clock.js'

const CALM: WorkflowFacts = { refused: [], isStoreLost: false, corruptRows: 0 }

function rig(changes: Partial<WorkflowWorld> = {}) {
  const clock = manualClock()
  const log: string[] = []
  const facts = { current: CALM }
  const world: WorkflowWorld = {
    clock,
    hold: (provider) => log.push(`hold ${provider}`),
    release: (provider) => log.push(`release ${provider}`),
    slowDown(provider) {
      log.push(`slow ${provider}`)
      return () => log.push(`fast ${provider}`)
    },
    patienceMs: () => 4000,
    token: async (provider) => log.push(`token ${provider}`),
    store: { reconnect: async () => true, isReadable: async () => true, isMigrated: async () => true },
    cache: {
      setAside() {
        log.push('aside')
        return () => log.push('put back')
      },
      dropCorrupt: async () => log.push('drop'),
      rebuild: async () => log.push('rebuild') > 0,
    },
    ...changes,
  }
  const over: string[] = []
  const monitor: WorkflowMonitor = createWorkflowMonitor({
    world,
    clock,
    random: () => 0.5,
    facts: async () => facts.current,
    onOver: ({ id, state }) => over.push(`${id} ${state}`),
  })
  /** Lets promises settle between one look at the clock and the next. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed <= ms; passed += 500) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      if (passed < ms) clock.advance(500)
    }
  }
  return { monitor, log, over, facts, pass }
}

const refusal = (code: string, retryAfterMs: number | null = null): WorkflowFacts => ({
  ...CALM,
  refused: [{ provider: 'west', code, retryAfterMs }],
})

describe('the workflow monitor', () => {
  it('P33 a provider whose API fails is held, left alone and let in again', async () => {
    const { monitor, log, over, pass } = rig()
    monitor.look(refusal('provider-server'))
    await pass(3500)
    expect(log).toEqual(['hold west'])
    await pass(1000)
    expect(log).toEqual(['hold west', 'release west'])
    expect(over).toEqual(['provider-api succeeded'])
  })

  it('P33 a server that asks for patience is dialled less often from then on', async () => {
    const { monitor, log, pass } = rig()
    monitor.look(refusal('provider-full', 4000))
    await pass(4500)
    expect(log).toEqual(['slow west', 'hold west', 'release west'])
  })

  it('P33 a token endpoint that fails is asked again until it gives one', async () => {
    let asked = 0
    const { monitor, log, over, pass } = rig({
      token: async () => {
        asked += 1
        if (asked < 3) throw new Error('out of order')
      },
    })
    monitor.look(refusal('provider-auth'))
    await pass(3000)
    expect(asked).toBe(3)
    expect(log).toEqual(['hold west', 'release west'])
    expect(over).toEqual(['token-endpoint succeeded'])
  })

  it('P33 one that never does: what was held is let go again', async () => {
    const { monitor, log, over, pass } = rig({ token: () => Promise.reject(new Error('out of order')) })
    monitor.look(refusal('provider-auth'))
    await pass(31_000)
    expect(log).toEqual(['hold west', 'release west'])
    expect(over).toEqual(['token-endpoint failed'])
  })

  it('P36 no workflow runs twice for one subject, and others do run beside it', async () => {
    const { monitor, pass } = rig()
    monitor.look(refusal('provider-server'))
    monitor.look(refusal('provider-server'))
    expect(monitor.start('provider-api', 'west', 'manual')).toBe(false)
    expect(monitor.start('provider-api', 'mesh', 'manual')).toBe(true)
    await pass(5000)
    expect(monitor.metrics).toEqual({ started: 2, succeeded: 2, failed: 0, cancelled: 0, duplicates: 2 })
  })

  it('P36 looks every half minute at what broke without telling anybody', async () => {
    const { monitor, facts, log, pass } = rig()
    facts.current = { ...CALM, corruptRows: 3 }
    await pass(29_000)
    expect(log).toEqual([])
    await pass(2000)
    expect(log).toEqual(['aside', 'drop', 'rebuild'])
    expect(monitor.status()).toMatchObject([{ id: 'cache', kind: 'automatic', state: 'succeeded' }])
  })

  it('P33 what was learned is put back when it cannot be read anew', async () => {
    const { monitor, log, over, pass } = rig({
      cache: {
        setAside() {
          log.push('aside')
          return () => log.push('put back')
        },
        dropCorrupt: () => Promise.reject(new Error('no database')),
        rebuild: async () => false,
      },
    })
    monitor.start('cache', '', 'manual')
    await pass(1000)
    expect(log).toEqual(['aside', 'put back'])
    expect(over).toEqual(['cache failed'])
  })

  it('P36 a database that stays away is tried again later and later, and goes on in memory', async () => {
    let tries = 0
    const { monitor, facts, pass } = rig({
      store: {
        reconnect: async () => {
          tries += 1
          return false
        },
        isReadable: async () => false,
        isMigrated: async () => false,
      },
    })
    facts.current = { ...CALM, isStoreLost: true }
    await pass(330_000)
    // Every look for the first minutes, then every second and every fourth of them.
    expect(tries).toBeGreaterThanOrEqual(4)
    expect(tries).toBeLessThanOrEqual(7)
    expect(monitor.status()[0]).toMatchObject({ id: 'storage', outcomes: { memory: 'done' } })
  })

  it('cancelled: what was done is taken back, and nothing is begun after the end', async () => {
    const { monitor, log, over, pass } = rig()
    monitor.look(refusal('provider-full'))
    await pass(500)
    monitor.cancel('rate-limit')
    await pass(500)
    expect(log).toEqual(['slow west', 'hold west', 'release west', 'fast west'])
    expect(over).toEqual(['rate-limit cancelled'])
    monitor.stop()
    expect(monitor.start('cache', '', 'manual')).toBe(false)
  })
})
