/**
 * The recovery desk in whole calls: a detector says something, and what follows is seen in snapshot, attempts,
 * timeline and explanations. Providers are in memory, time is virtual; what hands do to media is tested with them.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecoveryOptions } from '../../../src/call/recovery-contract.js'
import type { Auth } from '../../../src/document/admission.js'
import type { Alert } from '../../../src/health/alert.js'
import type { Attempt } from '../../../src/history/attempt.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'
import { authOf } from '../document/tokens.js'

let room: NodeCalls
let count = 0

beforeEach(() => {
  count += 1
  room = nodeCalls(`desk-${count}`)
})
afterEach(() => room.close())

const alert = (facts: Partial<Alert> = {}): Alert => ({
  id: 1,
  kind: 'frame-corruption',
  about: { type: 'peer', id: 'bob', media: 'video' },
  severity: 'high',
  sinceMs: 0,
  value: 0.4,
  unit: 'ratio',
  evidence: [],
  cause: null,
  blame: { culprit: 'path', participant: null, confidence: 0.7, evidence: ['decoder-drops-frames'] },
  ...facts,
})

/** Ada with Bob in one call, her desk loaded. */
async function ada(recovery: RecoveryOptions = {}, auth?: Auth): Promise<NodeCall> {
  const more = auth === undefined ? {} : { auth }
  const [one] = await Promise.all([room.open('ada', { recovery, ...more }), room.open('bob', more)])
  await room.until('ada is live with bob', () => one.state === 'live' && one.last.peers.length === 1)
  await room.settled(one.session.recovery())
  // Experience and guard come 1.5 s after joining.
  await room.settled(one.session.experience())
  await room.run(40)
  return one
}

/** A strategy that does what the test says. */
function tool(act: () => Promise<void>, facts: object = {}) {
  const strategy = {
    id: 'tool',
    handles: ['frame-corruption' as const],
    reach: 'me' as const,
    timeoutMs: 2000,
    proof: 'action' as const,
    run: act,
    ...facts,
  }
  return strategy
}

/** Nothing but the app's own strategy, so that a test knows what is run. */
const only = (call: NodeCall): string[] =>
  call.moments.flatMap(({ event, name }) =>
    name === 'recovered' || name === 'recovery-failed'
      ? [`${(event as Attempt).incident} ${(event as Attempt).strategy} ${(event as Attempt).outcome}`]
      : [],
  )

describe('an alert in a call', () => {
  it('becomes an incident that is repaired, proven, explained and told', async () => {
    const call = await ada()
    call.emit('alert-raised', alert())
    await room.until('a repair began', () => call.last.recovery.active.some(({ tries }) => tries > 0))
    const [active] = call.last.recovery.active
    expect(active).toMatchObject({
      incident: 'frame-corruption',
      culprit: 'path',
      kind: 'automatic',
      about: { id: 'bob' },
    })
    await room.until('an attempt ended', () => only(call).length > 0)
    call.emit('alert-cleared', alert())
    await room.until('the incident is over', () => call.last.recovery.active.length === 0)
    expect(only(call)[0]).toBe('frame-corruption rebuild-receive succeeded')
    const { last } = call.last.recovery
    const why = await call.session.core.recovery?.api.explain(last?.id ?? '')
    expect(why).toMatchObject({
      problem: 'The picture of bob is broken.',
      summary: 'Receiving bob anew.',
      severity: 'high',
      userAction: 'Nothing.',
    })
    expect(why?.cause).toContain('It is the way between (70 % sure): decoder drops frames.')
    expect(call.last.timeline.map(({ text }) => text)).toContain('Repaired: The picture of bob is broken.')
  })

  it('P44 is explained also when nothing is done', async () => {
    const call = await ada()
    call.emit('alert-raised', alert({ kind: 'packet-loss', severity: 'low' }))
    await room.until('it is explained', () => call.last.recovery.active[0]?.explanation != null)
    expect(call.last.recovery.active[0]?.explanation).toMatchObject({
      key: 'packet-loss.too-mild',
      strategy: null,
      userAction: 'Stay on this page; the call goes on by itself when it can.',
    })
    await room.run(400)
    const memory = await room.settled(call.session.experience())
    expect(await memory?.memory.explanations({})).toMatchObject([
      { key: 'packet-loss.too-mild', strategy: 'none' },
    ])
  })

  it('P44 is explained in the words of the app where it has any', async () => {
    const call = await ada({ texts: { 'nothing.too-mild': 'Das merkt niemand.' } })
    call.emit('alert-raised', alert({ kind: 'packet-loss', severity: 'low' }))
    await room.until('it is explained', () => call.last.recovery.active[0]?.explanation != null)
    expect(call.last.recovery.active[0]?.explanation?.summary).toBe('Das merkt niemand.')
  })

  it('several alerts of one thing are one incident', async () => {
    const call = await ada({ strategies: [tool(() => new Promise(() => undefined), { id: 'key-frame' })] })
    call.emit('alert-raised', alert({ id: 1, kind: 'decoder-stall' }))
    call.emit('alert-raised', alert({ id: 2, kind: 'freeze', cause: 'decoder-stall' }))
    await room.run(40)
    expect(call.last.recovery.active).toHaveLength(1)
    call.emit('alert-cleared', alert({ id: 1, kind: 'decoder-stall' }))
    await room.run(40)
    expect(call.last.recovery.active).toHaveLength(1)
  })
})

describe('call.recovery', () => {
  const api = (call: NodeCall) => {
    const { recovery } = call.session.core
    if (recovery === null) throw new Error('no desk')
    return recovery.api
  }

  it('P35 P37 runs by hand what somebody asks for, and keeps it in the history', async () => {
    let runs = 0
    const act = async (): Promise<void> => {
      runs += 1
    }
    const call = await ada({ strategies: [tool(act)] })
    const id = await api(call).trigger({ strategy: 'tool' })
    await room.until('it ended', () => only(call).length > 0)
    expect(runs).toBe(1)
    expect(await api(call).history({ limit: 1 })).toMatchObject([
      { strategy: 'tool', initiator: 'ada', outcome: 'succeeded' },
    ])
    expect(await api(call).explain(id)).toMatchObject({ strategy: 'tool', why: 'Somebody asked for tool.' })
    expect(await api(call).stats()).toMatchObject({ succeeded: 1 })
  })

  it('P40 moves the whole call for nobody without a role', async () => {
    const call = await ada()
    await expect(api(call).trigger({ strategy: 'switch-provider' })).rejects.toMatchObject({
      code: 'recovery-forbidden',
    })
    await expect(api(call).schedule({ strategy: 'switch-provider', inMs: 10 })).rejects.toMatchObject({
      code: 'recovery-forbidden',
    })
    expect(call.last.provider).toBe('east')
  })

  it('P40 moves the whole call for somebody whose token has the role', async () => {
    const auth = authOf({ role: 'admin' })
    const call = await ada({}, auth)
    await api(call).trigger({ strategy: 'switch-provider' })
    await room.until('everybody is on west', () => call.last.provider === 'west' && call.state === 'live')
    expect(await api(call).history({ limit: 1 })).toMatchObject([{ strategy: 'switch-provider', to: 'west' }])
  })

  it('P40 is limited for scripts that loop', async () => {
    const call = await ada({ strategies: [tool(async () => undefined)] })
    const asked = Array.from({ length: 20 }, () => api(call).trigger({ strategy: 'tool' }))
    const ends = await Promise.allSettled(asked)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(12)
    expect(ends.at(-1)).toMatchObject({ reason: { code: 'recovery-limited' } })
  })

  it('P45 P53 switches automatic recovery off, and everything in an emergency', async () => {
    const call = await ada({ strategies: [tool(async () => undefined, { id: 'key-frame' })] })
    await api(call).setAutomatic(false)
    await room.run(40)
    expect(call.last.recovery.isAutomatic).toBe(false)
    call.emit('alert-raised', alert())
    await room.run(200)
    expect(only(call)).toEqual([])
    expect(call.last.recovery.active[0]?.explanation?.key).toBe('frame-corruption.automatic-off')
    await api(call).setAutomatic(true)
    await api(call).setEmergency(true)
    await room.run(200)
    expect(call.last.recovery).toMatchObject({ isEmergency: true, state: 'idle' })
    expect(only(call)).toEqual([])
    await api(call).setEmergency(false)
    await room.until('it goes on', () => only(call).length > 0)
  })

  it('P37 runs later what was scheduled, unless it was cancelled', async () => {
    let runs = 0
    const act = async (): Promise<void> => {
      runs += 1
    }
    const call = await ada({ strategies: [tool(act)] })
    const first = await api(call).schedule({ strategy: 'tool', inMs: 200 })
    await api(call).schedule({ strategy: 'tool', inMs: 400 })
    expect(call.session.core.recovery?.status().scheduled).toHaveLength(2)
    expect(await api(call).cancel(first)).toBe(1)
    await room.run(300)
    expect(runs).toBe(0)
    await room.until('the second ran', () => runs === 1)
  })

  it('P63 tries the code of an app again, and gives up with its own error', async () => {
    const call = await ada()
    let tries = 0
    const flaky = async (): Promise<string> => {
      tries += 1
      if (tries < 3) throw new Error('not yet')
      return 'done'
    }
    expect(await room.settled(api(call).run(flaky))).toBe('done')
    expect(await api(call).history()).toMatchObject([
      { strategy: 'retry', outcome: 'succeeded' },
      { strategy: 'retry', outcome: 'failed' },
    ])
    const broken = room.settled(api(call).run(() => Promise.reject(new Error('broken')), { attemptsMax: 2 }))
    await expect(broken).rejects.toThrow('broken')
  })

  it('P31 rebuilds from the log what the snapshot says, for now and for then', async () => {
    const call = await ada({ strategies: [tool(async () => undefined, { id: 'key-frame' })] })
    const before = room.clock.wallNow()
    await room.run(20)
    const compare = async (): Promise<void> => {
      const rebuilt = await api(call).replay()
      const { state, agreement, recovery } = call.last
      const { lineage, epoch, provider } = agreement
      expect(rebuilt.state).toBe(state)
      expect(rebuilt.agreement).toEqual({ lineage, epoch, provider })
      expect(rebuilt.recovery.last?.id).toBe(recovery.last?.id)
      expect(rebuilt.recovery.last?.outcome).toBe(recovery.last?.outcome)
      expect(rebuilt.recovery.current.map(({ id }) => id)).toEqual(
        recovery.current ? [recovery.current.id] : [],
      )
      expect(Object.keys(rebuilt.recovery.incidents)).toEqual(recovery.active.map(({ id }) => id))
    }
    await compare()
    call.emit('alert-raised', alert())
    await room.until('a repair began', () => call.last.recovery.state === 'in-progress')
    await compare()
    await room.until('an attempt ended', () => call.last.recovery.state === 'idle')
    await compare()
    call.emit('alert-cleared', alert())
    await room.settled(call.session.switchTo('west', 'a test'))
    await room.run(200)
    await compare()
    expect(call.last.provider).toBe('west')
    expect(await api(call).replay(before)).toMatchObject({
      state: 'live',
      agreement: { provider: 'east' },
      recovery: { last: null, incidents: {} },
    })
  })

  it('P26 says in the snapshot what it has to do without', async () => {
    const call = await room.open('ada')
    expect(call.snapshots[0]?.recovery.fallbacks).toContain('no-desk')
    await room.until('ada is live', () => call.state === 'live')
    await room.settled(call.session.recovery())
    await room.run(40)
    expect(call.last.recovery.fallbacks).toEqual(['no-worker', 'no-learning'])
  })
})
