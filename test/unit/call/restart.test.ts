import { beforeEach, describe, expect, it } from 'vitest'
import type { PoolEntry } from '../../../src/call/connections.js'
import { createRepairLoop, type RepairLoop } from '../../../src/call/repair-loop.js'
import { canRestartIce } from '../../../src/call/restart.js'
import type { Switching } from '../../../src/call/switching.js'
import type { EvidenceKey } from '../../../src/health/verdict.js'
import type { Connection } from '../../../src/providers/provider.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'

let core: FakeCore
let current: PoolEntry
let repairs: RepairLoop

const isBroken = (...evidence: EvidenceKey[]): void => {
  const verdict = { connectionId: current.id, state: 'dead', blame: 'path', silentForMs: 2000 } as const
  core.verdicts.set(current.id, { ...verdict, evidence: ['inbound-flat', 'others-fine', ...evidence] })
}
const refresh = (): void => repairs.refresh(readingOf(core, { current }))

beforeEach(() => {
  core = createFakeCore()
  current = core.pool.add('east')
  current.connection = { restartIce: async () => undefined } as Partial<Connection> as Connection
  repairs = createRepairLoop(core, { flee: () => undefined } as Partial<Switching> as Switching)
})

describe('a restart of ICE', () => {
  it('is tried where the server answers', () => {
    isBroken()
    expect(canRestartIce(core, current)).toBe(true)
    refresh()
    expect(core.attempts.current).toMatchObject({ strategy: 'ice-restart' })
  })

  it('P24 is not asked of a server that no longer answers: a new connection is begun at once', () => {
    isBroken('probe-timeout')
    expect(canRestartIce(core, current)).toBe(false)
    refresh()
    expect(core.attempts.current).toMatchObject({ strategy: 'reconnect' })
  })

  it('P24 is not waited for once the server stops answering', () => {
    isBroken()
    refresh()
    core.clock.advance(300)
    isBroken('probe-timeout')
    refresh()
    expect(core.attempts.last).toMatchObject({ strategy: 'ice-restart', outcome: 'failed' })
    core.clock.advance(400)
    refresh()
    expect(core.attempts.current).toMatchObject({ strategy: 'reconnect' })
  })

  it('is never tried on a connection that has failed or cannot', () => {
    current.state = 'failed'
    expect(canRestartIce(core, current)).toBe(false)
    current.state = 'connected'
    current.connection = {} as Connection
    expect(canRestartIce(core, current)).toBe(false)
    expect(canRestartIce(core, null)).toBe(false)
  })
})
