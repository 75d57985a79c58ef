/**
 * `call.recovery` as an app has it: states, counts, kinds and every control, in whole calls in virtual time. What the
 * desk does by itself is in recovery-desk.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
// Loaded ahead: on a busy machine the import takes longer than the virtual time of a test.
import '../../../src/call/experience.js'
import '../../../src/call/recovery-desk.js'
import '../../../src/call/recovery-guard.js'
import type { CallCore } from '../../../src/call/core.js'
import type { RecoveryOptions } from '../../../src/call/recovery-contract.js'
import type { Alert } from '../../../src/health/alert.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

let room: NodeCalls
let count = 0

beforeEach(() => {
  count += 1
  room = nodeCalls(`controls-${count}`)
})
afterEach(() => room.close())

async function ada(recovery: RecoveryOptions = {}): Promise<NodeCall> {
  const [one] = await Promise.all([room.open('ada', { recovery }), room.open('bob')])
  await room.until('ada is live with bob', () => one.state === 'live' && one.last.peers.length === 1)
  await room.settled(one.session.recovery())
  await room.settled(one.session.experience())
  await room.run(40)
  return one
}

function deskOf({ session }: NodeCall) {
  const { recovery } = session.core
  if (recovery === null) throw new Error('no desk')
  return recovery
}

/** The app's own strategy `tool`, whose runs end when the test says how. */
function toolbox() {
  const runs: { readonly signal: AbortSignal; succeed(): void; fail(): void }[] = []
  const strategy = {
    ...{ id: 'tool', reach: 'me' as const, timeoutMs: 60_000, proof: 'action' as const },
    handles: ['frame-corruption' as const],
    run: ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<void>((resolve, reject) => {
        runs.push({ signal, succeed: () => resolve(), fail: () => reject(new Error('it broke')) })
      }),
  }
  return { runs, strategies: [strategy] }
}

const mildLoss: Alert = {
  ...{ id: 1, kind: 'packet-loss', about: { type: 'peer', id: 'bob', media: 'video' }, severity: 'low' },
  ...{ sinceMs: 0, value: 0.02, unit: 'ratio', evidence: [], cause: null },
  blame: { culprit: 'path', participant: null, confidence: 0.7, evidence: [] },
}

/** Runs `tool` by hand until it is under way. */
async function begun(call: NodeCall, runs: readonly unknown[]): Promise<string> {
  const before = runs.length
  const id = await deskOf(call).api.trigger({ strategy: 'tool' })
  await room.until('it runs', () => runs.length > before)
  return id
}

const stateOf = (call: NodeCall, id: string) =>
  deskOf(call)
    .status()
    .active.find((one) => one.id === id)?.state

async function latest(call: NodeCall): Promise<string | undefined> {
  return (await deskOf(call).api.history({ limit: 1 }))[0]?.outcome
}

describe('a recovery', () => {
  it('P38 is idle, in progress, then succeeded, failed or cancelled, and always shown as that', async () => {
    const { runs, strategies } = toolbox()
    const call = await ada({ strategies })
    call.emit('alert-raised', mildLoss)
    await room.until('it waits', () => deskOf(call).status().active.length === 1)
    expect(deskOf(call).status()).toMatchObject({ state: 'idle', active: [{ state: 'idle', tries: 0 }] })
    call.emit('alert-cleared', mildLoss)
    for (const [end, outcome] of [
      ['succeed', 'succeeded'],
      ['fail', 'failed'],
    ] as const) {
      const id = await begun(call, runs)
      expect(stateOf(call, id)).toBe('in-progress')
      expect(await latest(call)).toBe('in-progress')
      await room.run(40)
      expect(call.last.recovery).toMatchObject({ state: 'in-progress', current: { strategy: 'tool' } })
      runs.at(-1)?.[end]()
      await room.until('it is over', () => call.last.recovery.state === 'idle')
      expect(await latest(call)).toBe(outcome)
      await deskOf(call).api.cancel()
    }
    const id = await begun(call, runs)
    await deskOf(call).api.cancel(id)
    await room.until('it is broken off', () => call.last.recovery.state === 'idle')
    expect(runs.at(-1)?.signal.aborted).toBe(true)
    expect(await latest(call)).toBe('cancelled')
    expect(stateOf(call, id)).toBeUndefined()
  })

  it('P45 is counted by how it ended, and the last failure is told', async () => {
    const { runs, strategies } = toolbox()
    const call = await ada({ strategies })
    expect(deskOf(call).status()).toMatchObject({
      counts: { incidents: 0, succeeded: 0, failed: 0, cancelled: 0 },
      lastFailure: null,
    })
    await begun(call, runs)
    runs.at(-1)?.succeed()
    await room.until('one succeeded', () => deskOf(call).status().counts.succeeded === 1)
    await begun(call, runs)
    runs.at(-1)?.fail()
    await room.until('one failed', () => deskOf(call).status().counts.failed === 1)
    expect(deskOf(call).status().lastFailure).toMatchObject({
      incident: 'frame-corruption',
      atMs: expect.any(Number),
    })
    const id = await begun(call, runs)
    await deskOf(call).api.cancel(id)
    await room.until('one was broken off', () => deskOf(call).status().counts.cancelled === 1)
    call.emit('alert-raised', mildLoss)
    await room.run(40)
    expect(deskOf(call).status().counts.incidents).toBe(1)
  })

  it('P37 is an emergency where somebody says so, and runs while all others are stopped', async () => {
    const { runs, strategies } = toolbox()
    const call = await ada({ strategies })
    await deskOf(call).api.setEmergency(true)
    const later = await deskOf(call).api.schedule({ strategy: 'tool', inMs: 100 })
    await room.run(400)
    expect(later).not.toBe('')
    expect(runs).toHaveLength(0)
    await deskOf(call).api.trigger({ strategy: 'tool', isEmergency: true })
    await room.until('the emergency runs', () => runs.length === 1)
    expect(
      deskOf(call)
        .status()
        .active.map(({ kind, state }) => `${kind} ${state}`),
    ).toContain('emergency in-progress')
  })
})

describe('the controls', () => {
  it('P35 breakers are shown and closed by hand', async () => {
    const call = await ada()
    const { breakers } = deskOf(call).api
    for (let failure = 0; failure < 5; failure += 1)
      (call.session.core as CallCore).guard?.breakers.note('provider/west', false)
    expect(await breakers.status()).toContainEqual(
      expect.objectContaining({ key: 'provider/west', state: 'open' }),
    )
    await breakers.reset('provider/west')
    expect((await breakers.status()).filter(({ state }) => state !== 'closed')).toEqual([])
  })

  it('P35 explanations in memory are cleared, and what is stored stays', async () => {
    const { runs, strategies } = toolbox()
    const call = await ada({ strategies })
    const { api } = deskOf(call)
    const id = await begun(call, runs)
    expect(await api.explain(id)).toMatchObject({ strategy: 'tool' })
    runs.at(-1)?.succeed()
    await room.until('it is over', () => call.last.recovery.state === 'idle')
    await api.cache.clear()
    expect(await api.explain(id)).toBeNull()
    expect(await latest(call)).toBe('succeeded')
  })

  it('P35 the store is looked for again, and says where it is kept', async () => {
    const call = await ada()
    expect(await deskOf(call).api.store.reconnect()).toBe('memory')
  })

  it('P35 status says what is open, done and planned, as an app reads it', async () => {
    const { strategies } = toolbox()
    const call = await ada({ strategies })
    const id = await deskOf(call).api.schedule({ strategy: 'tool', inMs: 60_000 })
    expect(deskOf(call).status()).toMatchObject({
      ...{ state: 'idle', isAutomatic: true, isEmergency: false, active: [], lastFailure: null },
      scheduled: [{ id, strategy: 'tool', atMs: room.clock.wallNow() + 60_000 }],
    })
  })

  it('P63 code of the app that hangs is given up in time, and stopped when the app says so', async () => {
    const call = await ada()
    const { api } = deskOf(call)
    const seen: AbortSignal[] = []
    const hang = (signal: AbortSignal) => {
      seen.push(signal)
      return new Promise<never>(() => undefined)
    }
    const late = room.settled(api.run(hang, { attemptsMax: 2, timeoutMs: 200 }))
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, true])
    const stop = new AbortController()
    const stopped = api.run(hang, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(room.settled(stopped)).rejects.toThrow('enough')
    expect(seen).toHaveLength(3)
  })
})
