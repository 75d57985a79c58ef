/** The recovery desk in whole calls keeps calm: what goes by itself, what stays, and what moves nobody. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../../../src/health/alert.js'
import type { Attempt } from '../../../src/history/attempt.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

let room: NodeCalls
let count = 0

beforeEach(() => {
  count += 1
  room = nodeCalls(`calm-${count}`)
})
afterEach(() => room.close())

const MINE = { type: 'me', id: '', media: 'audio' } as const
const alert = (facts: Partial<Alert>): Alert => ({
  ...{ id: 1, kind: 'packet-loss', severity: 'medium', sinceMs: 0, value: 0.1, unit: 'ratio' },
  about: { type: 'peer', id: 'bob', media: 'video' },
  ...{ evidence: [], cause: null },
  blame: { culprit: 'path', participant: null, confidence: 0.7, evidence: [] },
  ...facts,
})

const strategy = {
  id: 'tool',
  handles: ['packet-loss' as const],
  reach: 'me' as const,
  timeoutMs: 2000,
  run: async () => undefined,
}

/** Ada with Bob in one call, her desk and her experience loaded. */
async function ada(): Promise<NodeCall> {
  const [one] = await Promise.all([
    room.open('ada', { recovery: { strategies: [strategy] } }),
    room.open('bob'),
  ])
  await room.until('ada is live with bob', () => one.state === 'live' && one.last.peers.length === 1)
  await room.settled(one.session.recovery())
  await room.settled(one.session.experience())
  await room.run(40)
  return one
}

const strategiesOf = (call: NodeCall): string[] =>
  call.moments.flatMap(({ event, name }) =>
    name === 'recovered' || name === 'recovery-failed' ? [(event as Attempt).strategy] : [],
  )

describe('the desk keeps calm:', () => {
  it('a burst of loss that is over within seconds is left alone', async () => {
    const call = await ada()
    call.emit('alert-raised', alert({}))
    await room.until('it is explained', () => call.last.recovery.active[0]?.explanation != null)
    expect(call.last.recovery.active[0]?.explanation?.key).toBe('packet-loss.may-pass')
    await room.run(2000)
    call.emit('alert-cleared', alert({}))
    await room.run(400)
    expect(strategiesOf(call)).toEqual([])
    expect(call.last.recovery.active).toEqual([])
  })

  it('loss that stays is acted on after three seconds, although nothing else happens in the call', async () => {
    const call = await ada()
    const raisedAtMs = room.clock.now()
    call.emit('alert-raised', alert({}))
    await room.until('somebody acts', () => call.last.recovery.active.some(({ tries }) => tries > 0))
    expect(room.clock.now() - raisedAtMs).toBeGreaterThanOrEqual(3000)
    expect(room.clock.now() - raisedAtMs).toBeLessThan(6000)
  })

  it('a lost device is one incident, however many detectors see it, and is asked for once', async () => {
    const call = await ada()
    const lost = { about: MINE, severity: 'high' } as const
    call.emit('alert-raised', alert({ ...lost, id: 1, kind: 'dead-device' }))
    call.emit('alert-raised', alert({ ...lost, id: 2, kind: 'silent-microphone' }))
    await room.run(2000)
    call.emit('alert-cleared', alert({ ...lost, id: 1, kind: 'dead-device' }))
    call.emit('alert-cleared', alert({ ...lost, id: 2, kind: 'silent-microphone' }))
    await room.run(2000)
    call.emit('alert-raised', alert({ ...lost, id: 3, kind: 'dead-device' }))
    await room.run(2000)
    expect(call.last.recovery.active).toHaveLength(1)
    expect(call.moments.filter(({ name }) => name === 'user-action-needed')).toHaveLength(1)
  })

  it('whatever detectors say of one person, a device or a token, the call stays where it is', async () => {
    const call = await ada()
    const blame = { culprit: 'provider' as const, participant: null, confidence: 1, evidence: [] }
    const grave = { severity: 'critical', blame } as const
    call.emit('alert-raised', alert({ ...grave, id: 1, kind: 'auth-failure', about: MINE }))
    call.emit('alert-raised', alert({ ...grave, id: 2, kind: 'dead-device', about: MINE }))
    call.emit('alert-raised', alert({ ...grave, id: 3, kind: 'timeout' }))
    await room.run(20_000)
    expect(call.last.provider).toBe('east')
    expect(strategiesOf(call)).not.toContain('switch-provider')
  })
})
