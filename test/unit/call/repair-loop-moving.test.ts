import { beforeEach, describe, expect, it } from 'vitest'
import type { PoolEntry } from '../../../src/call/connections.js'
import type { Reading } from '../../../src/call/reading.js'
import { createRepairLoop, type RepairLoop } from '../../../src/call/repair-loop.js'
import type { Switching } from '../../../src/call/switching.js'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'

let core: FakeCore
let repairs: RepairLoop
let current: PoolEntry
let fled: string[]
let switching: Switching

const refresh = (facts: Partial<Reading> = {}): void => repairs.refresh(readingOf(core, { current, ...facts }))

const verdict = (facts: Partial<ConnectionVerdict>): ConnectionVerdict => ({
  connectionId: current.id,
  state: 'dead',
  blame: 'path',
  evidence: ['inbound-flat', 'others-fine'],
  silentForMs: 2000,
  ...facts,
})

const A_SWITCH = {
  ...{ incident: 'provider-outage', strategy: 'switch-provider', initiator: 'automatic', reason: '' },
  ...{ from: 'west', to: 'east', lineage: null, epoch: null },
}

beforeEach(() => {
  core = createFakeCore()
  fled = []
  switching = {
    request: async () => undefined,
    flee: (from, to) => fled.push(`${from} to ${to}`),
    onCommitted: () => undefined,
    refresh: () => undefined,
    stop: () => undefined,
  }
  repairs = createRepairLoop(core, switching)
  current = core.pool.add('east')
})

describe('a provider that died', () => {
  it('is not dialled again at once while it is not known where to go: that takes the machine from the way out', () => {
    core.verdicts.set(current.id, verdict({ blame: 'provider', evidence: ['socket-closed', 'inbound-flat'] }))
    refresh({ next: null })
    core.clock.advance(2_400)
    refresh({ next: null })
    expect(core.pool.asked).toEqual([])
    refresh()
    expect(fled).toEqual(['east to west'])
    expect(core.pool.asked).toEqual([])
  })

  it('is dialled again where no other is found for a while, and at once where there is no other', () => {
    core.verdicts.set(current.id, verdict({ blame: 'provider', evidence: ['socket-closed', 'inbound-flat'] }))
    refresh({ next: null })
    core.clock.advance(2_500)
    refresh({ next: null })
    expect(core.pool.asked).toEqual(['open east media'])
    const made = createFakeCore()
    const alone = { ...made, options: { ...made.options, providers: made.options.providers.slice(0, 1) } }
    const east = alone.pool.add('east')
    alone.verdicts.set(east.id, verdict({ connectionId: east.id, blame: 'provider' }))
    createRepairLoop(alone, switching).refresh(readingOf(alone, { current: east, next: null }))
    expect(alone.pool.asked).toEqual(['open east media'])
  })
})

describe('a connection that the call has just moved to', () => {
  const move = (): void => {
    core.attempts.begin(A_SWITCH)
    core.verdicts.set(current.id, verdict({ evidence: ['inbound-flat'] }))
  }

  it('is given a moment when it falls silent: everybody dials the same server, and media comes late', () => {
    move()
    refresh()
    core.clock.advance(2_400)
    refresh()
    expect(core.pool.asked).toEqual([])
    core.verdicts.set(current.id, verdict({ state: 'ok', blame: 'none', evidence: [] }))
    refresh({ isFlowing: true })
    expect(repairs.isRepairing).toBe(false)
    expect(core.pool.asked).toEqual([])
    // The switch settles its own attempt.
    expect(core.attempts.current).toMatchObject({ strategy: 'switch-provider' })
  })

  it('is repaired when it stays silent, and at once when it failed', () => {
    move()
    refresh()
    core.clock.advance(2_500)
    refresh()
    expect(core.pool.asked).toEqual(['open east media'])
    const failing = createFakeCore()
    const failed = failing.pool.add('east', { state: 'failed' })
    failing.attempts.begin(A_SWITCH)
    createRepairLoop(failing, switching).refresh(readingOf(failing, { current: failed }))
    expect(failing.pool.asked).toEqual(['open east media'])
  })
})

describe('a path that waits for its next attempt', () => {
  it('is not connected anew where it healed between two attempts', () => {
    core.verdicts.set(current.id, verdict({}))
    refresh()
    core.clock.advance(4001)
    refresh()
    expect(core.attempts.last).toMatchObject({ outcome: 'failed' })
    core.verdicts.set(current.id, verdict({ state: 'ok', blame: 'none', evidence: [] }))
    core.clock.advance(400)
    refresh({ isFlowing: true })
    expect(repairs.isRepairing).toBe(false)
    expect(core.pool.asked).toEqual(['open east media', 'close east-2'])
  })
})
