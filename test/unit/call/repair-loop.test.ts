import { beforeEach, describe, expect, it } from 'vitest'
import type { PoolEntry } from '../../../src/call/connections.js'
import type { Experience } from '../../../src/call/experience.js'
import type { Reading } from '../../../src/call/reading.js'
import { createRepairLoop, type RepairLoop } from '../../../src/call/repair-loop.js'
import type { Switching } from '../../../src/call/switching.js'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import type { Connection } from '../../../src/providers/provider.js'
import { createFakeCore, type FakeCore, participantOf, readingOf } from '../../support/fake-core.js'

let core: FakeCore
let repairs: RepairLoop
let current: PoolEntry
let fled: string[]

const refresh = (facts: Partial<Reading> = {}): void => repairs.refresh(readingOf(core, { current, ...facts }))

const verdict = (facts: Partial<ConnectionVerdict>): ConnectionVerdict => ({
  connectionId: current.id,
  state: 'dead',
  blame: 'path',
  evidence: ['inbound-flat', 'others-fine'],
  silentForMs: 2000,
  ...facts,
})

const company = new Map([['bob', participantOf('bob')]])
const unheard = new Map([['bob', { ...participantOf('bob'), silentForMs: 1_600 }]])

beforeEach(() => {
  core = createFakeCore()
  fled = []
  const switching: Switching = {
    request: async () => undefined,
    flee: (from, to) => fled.push(`${from} to ${to}`),
    onCommitted: () => undefined,
    refresh: () => undefined,
    stop: () => undefined,
  }
  repairs = createRepairLoop(core, switching)
  current = core.pool.add('east')
})

describe("this participant's own path", () => {
  it('is repaired here: a second connection beside the broken one, and nobody is asked to move', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh()
    expect(core.pool.asked).toEqual(['open east media'])
    expect(fled).toEqual([])
    expect(core.attempts.current).toMatchObject({ strategy: 'reconnect', from: 'east', to: 'east' })
    expect([...repairs.keptEntries].sort()).toEqual(['east-1', 'east-2'])
  })

  it('tries an ICE restart first where the connection can do it, and reconnects after four seconds without media', () => {
    let restarts = 0
    const restartIce = async (): Promise<void> => {
      restarts += 1
    }
    current.connection = { restartIce } as Partial<Connection> as Connection
    core.verdicts.set(current.id, verdict({}))
    refresh()
    expect(restarts).toBe(1)
    expect(core.pool.asked).toEqual([])
    core.clock.advance(4001)
    refresh()
    expect(core.attempts.last).toMatchObject({ strategy: 'ice-restart', outcome: 'failed' })
    core.clock.advance(400)
    refresh()
    expect(restarts).toBe(1)
    expect(core.pool.asked).toEqual(['open east media'])
  })

  it('does not wait for an ICE restart that could not even be begun', async () => {
    const restartIce = (): Promise<void> => Promise.reject(new Error('nobody is connected'))
    current.connection = { restartIce } as Partial<Connection> as Connection
    core.verdicts.set(current.id, verdict({}))
    refresh()
    await Promise.resolve()
    refresh()
    expect(core.attempts.last).toMatchObject({ strategy: 'ice-restart', outcome: 'failed' })
    core.clock.advance(400)
    refresh()
    expect(core.pool.asked).toEqual(['open east media'])
  })

  it('connects anew at once when somebody is heard again, in place of what was begun while nobody was', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh({ participants: unheard })
    const begun = core.pool.entries()[1]
    if (begun) begun.state = 'connecting'
    core.clock.advance(1_500)
    refresh({ participants: unheard })
    expect(core.pool.asked).toEqual(['open east media'])
    refresh({ participants: company })
    expect(core.pool.asked).toEqual(['open east media', 'close east-2', 'open east media'])
    // What had no chance says nothing of the strategy.
    expect(core.attempts.last).toMatchObject({ strategy: 'reconnect', outcome: 'cancelled' })
  })

  it('P17 opens a second connection at once where that is known to work better, and asks with what is at stake', () => {
    const asked: unknown[] = []
    core.experience = {
      choose(question) {
        asked.push(question)
        return 'reconnect'
      },
    } as Partial<Experience> as Experience
    current.connection = { restartIce: async () => undefined } as Partial<Connection> as Connection
    core.verdicts.set(current.id, verdict({}))
    refresh()
    expect(core.pool.asked).toEqual(['open east media'])
    expect(core.attempts.current).toMatchObject({ strategy: 'reconnect' })
    expect(asked).toEqual([
      expect.objectContaining({ provider: 'east', attempts: 0, strategies: ['ice-restart', 'reconnect'] }),
    ])
  })

  it('P26 goes by fixed priority where learning has no answer', () => {
    core.experience = { choose: () => null } as Partial<Experience> as Experience
    current.connection = { restartIce: async () => undefined } as Partial<Connection> as Connection
    core.verdicts.set(current.id, verdict({}))
    refresh()
    expect(core.attempts.current).toMatchObject({ strategy: 'ice-restart' })
  })

  it('is healed when media flows on the new connection; the broken one goes once people see the new one', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh()
    const replacement = core.pool.entries().find(({ id }) => id === 'east-2')
    if (replacement) replacement.state = 'connected'
    core.remote.flowing.add('east-2')
    refresh({ expected: new Map([['bob', ['camera']]]) })
    expect(repairs.isRepairing).toBe(false)
    expect(core.currentEntryId).toBe('east-2')
    expect(core.attempts.last).toMatchObject({ strategy: 'reconnect', outcome: 'succeeded' })
    refresh({ current: replacement ?? null, isShown: false })
    expect(core.pool.asked).not.toContain('close east-1')
    refresh({ current: replacement ?? null, isShown: true })
    expect(core.pool.asked).toContain('close east-1')
  })

  it('is left alone when it heals by itself, and the spare connection is closed', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh()
    core.verdicts.set(current.id, verdict({ state: 'ok', blame: 'none', evidence: [] }))
    refresh({ isFlowing: true })
    expect(repairs.isRepairing).toBe(false)
    expect(core.pool.asked).toEqual(['open east media', 'close east-2'])
  })

  it('is retried with growing pauses', () => {
    core.verdicts.set(current.id, verdict({}))
    const startsAtMs: number[] = []
    let asked = 0
    for (let ms = 0; ms < 12_000; ms += 100) {
      refresh({ othersSights: ['ok'], participants: company })
      const opened = core.pool.asked.filter((one) => one.startsWith('open')).length
      if (opened > asked) startsAtMs.push(core.clock.now())
      asked = opened
      const spare = core.pool.entries().find(({ id }) => id !== current.id)
      if (spare) spare.state = 'failed'
      core.clock.advance(100)
    }
    const pausesMs = startsAtMs.slice(1).map((atMs, index) => atMs - (startsAtMs[index] ?? 0))
    expect(pausesMs.length).toBeGreaterThanOrEqual(4)
    expect([...pausesMs].sort((a, b) => a - b)).toEqual(pausesMs)
  })

  it('is dropped when the call moves elsewhere meanwhile', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh()
    refresh({ agreed: 'west', current: null })
    expect(repairs.isRepairing).toBe(false)
    expect(core.pool.asked).toContain('close east-2')
  })
})

describe('the provider', () => {
  it('P04 that died is left by asking everybody, not by reconnecting', () => {
    core.verdicts.set(current.id, verdict({ blame: 'provider', evidence: ['socket-closed', 'inbound-flat'] }))
    refresh()
    expect(fled).toEqual(['east to west'])
    expect(core.pool.asked).toEqual([])
    expect(core.sight.of('east')).toBe('dead')
  })

  it('is to blame after two failed reconnects when nobody is fine on it', () => {
    core.verdicts.set(current.id, verdict({}))
    for (let ms = 0; ms < 3000; ms += 100) {
      refresh({ othersSights: ['unreachable'], participants: company })
      const spare = core.pool.entries().find(({ id }) => id !== current.id)
      if (spare) spare.state = 'failed'
      core.clock.advance(100)
    }
    expect(core.sight.of('east')).toBe('dead')
    expect(fled).toContain('east to west')
  })

  it.each([
    ['as long as somebody is fine on it', ['ok'] as const, 20_000, new Map()],
    ['by a tab that hears nobody any more, for half a minute', [] as const, 28_000, new Map()],
    ['by a tab that hears nobody any more, whatever they said last', ['suspect'] as const, 28_000, unheard],
  ])('is not blamed %s', (_when, othersSights, untilMs, later) => {
    core.verdicts.set(current.id, verdict({}))
    for (let ms = 0; ms < untilMs; ms += 100) {
      refresh({ othersSights, participants: ms === 0 ? company : later })
      const spare = core.pool.entries().find(({ id }) => id !== current.id)
      if (spare) spare.state = 'failed'
      core.clock.advance(100)
    }
    expect(core.sight.of('east')).not.toBe('dead')
    expect(fled).toEqual([])
  })

  it('is never blamed where no server stands between the participants', () => {
    current = core.pool.add('mesh', { state: 'failed' })
    for (let ms = 0; ms < 40_000; ms += 100) {
      refresh({ agreed: 'mesh', othersSights: ['unreachable'] })
      const spare = core.pool.entries().find(({ id, provider }) => provider.id === 'mesh' && id !== current.id)
      if (spare) spare.state = 'failed'
      core.clock.advance(100)
    }
    expect(fled).toEqual([])
  })
})

describe('a network that changes', () => {
  const suspect = { state: 'suspect', blame: 'none', evidence: ['inbound-flat'] } as const

  it('P24 a path that falls silent right after the network changed is repaired at once', () => {
    core.verdicts.set(current.id, verdict(suspect))
    refresh()
    expect(core.attempts.current).toBeNull()
    core.clock.advance(10_000)
    core.network.changedAtMs = core.clock.now() - 600
    refresh()
    expect(core.attempts.current).toMatchObject({ incident: 'path-broken', strategy: 'reconnect' })
  })

  it('an old change explains no silence', () => {
    core.network.changedAtMs = core.clock.now()
    core.clock.advance(5001)
    core.verdicts.set(current.id, verdict(suspect))
    refresh()
    expect(core.attempts.current).toBeNull()
  })

  it('nothing is begun or given up while the browser says that there is no network', () => {
    core.network.isOnline = false
    core.verdicts.set(current.id, verdict({}))
    for (let second = 0; second < 120; second += 1) {
      core.clock.advance(1000)
      refresh({ participants: company })
    }
    expect(core.pool.asked.length).toBeLessThanOrEqual(1)
    expect(core.attempts.last).toBeNull()
    expect(core.sight.of('east')).toBe('unknown')
  })

  it('a repair that waited begins anew, with its cheapest step, as soon as the network is back', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh({ participants: company })
    core.clock.advance(4001)
    refresh({ participants: company })
    expect(core.attempts.last?.outcome).toBe('failed')
    core.network.isOnline = false
    core.clock.advance(60_000)
    refresh({ participants: company })
    const before = core.pool.asked.length
    core.network.isOnline = true
    core.network.changedAtMs = core.clock.now()
    refresh({ participants: company })
    expect(core.pool.asked.length).toBe(before + 1)
  })
})

describe('patience with the provider', () => {
  it('P60 waits between two tries as long as the guard says, and not longer', () => {
    const asked: string[] = []
    core.guard = {
      repairHoldMs(provider: string) {
        asked.push(provider)
        return 2500
      },
    } as unknown as NonNullable<FakeCore['guard']>
    core.verdicts.set(current.id, verdict({}))
    refresh()
    const [, replacement] = core.pool.entries()
    if (replacement) replacement.state = 'failed'
    refresh()
    core.clock.advance(2499)
    refresh()
    expect(core.pool.asked.filter((line) => line.startsWith('open'))).toHaveLength(1)
    core.clock.advance(1)
    refresh()
    expect(core.pool.asked.filter((line) => line.startsWith('open'))).toHaveLength(2)
    expect(asked).toEqual(['east'])
  })
})
