import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROBE_LIMIT_MS } from '../../../src/health/death.js'
import type { ProviderSignal } from '../../../src/health/verdict.js'
import { deathRig } from '../../support/death-rig.js'

const rig = deathRig

describe('provider death in time', () => {
  it('says ok once media flows, and nothing before', () => {
    const one = rig()
    one.run(1_000)
    expect(one.log.map((entry) => entry.verdict.state)).toEqual(['ok'])
  })

  it('finds a killed provider within 250 ms of its last packet', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.signal({ type: 'socket-closed' })
    one.run(1_000)
    expect(one.blame()).toBe('provider')
    expect((one.deadAt() ?? 0) - 3_000).toBeLessThanOrEqual(250)
  })

  it('finds a killed provider within 130 ms when the socket cannot be opened again', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.signal({ type: 'socket-closed' })
    one.signal({ type: 'probe-timeout', limitMs: 5 })
    one.run(1_000)
    expect(one.blame()).toBe('provider')
    expect((one.deadAt() ?? 0) - 3_000).toBeLessThanOrEqual(130)
  })

  it('finds a frozen provider within 0.85 s of the freeze, after one unanswered probe', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.run(2_000)
    expect(one.probes[0]?.request.limitMs).toBe(PROBE_LIMIT_MS)
    expect(one.blame()).toBe('provider')
    expect((one.deadAt() ?? 0) - 3_000).toBeGreaterThan(700)
    expect((one.deadAt() ?? 0) - 3_000).toBeLessThanOrEqual(850)
  })

  it('never moves the call for a socket that comes back while media flows', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.signal({ type: 'socket-closed' })
    one.run(20_000)
    expect(one.state()).toBe('suspect')
    one.signal({ type: 'socket-open' })
    one.run(500)
    expect(one.state()).toBe('ok')
    expect(one.deadAt()).toBeNull()
  })

  it('blames the path when the provider answers and others are fine', () => {
    const one = rig()
    one.run(3_000)
    one.mediaStops()
    one.run(1_500)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.run(1_500)
    expect([one.state(), one.blame()]).toEqual(['dead', 'path'])
    expect((one.deadAt() ?? 0) - 3_000).toBeLessThanOrEqual(2_400)
  })

  it('does not take an ok that others said before the trouble for their word on it', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.mediaStops()
    one.run(500)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.run(900)
    // Neither well nor in doubt: b's own path is broken, and the provider's fault is not excluded.
    one.hear([{ participant: 'b', sight: 'unreachable' }])
    one.run(800)
    expect(one.state()).toBe('suspect')
    one.run(300)
    expect([one.state(), one.blame()]).toEqual(['dead', 'provider'])
  })

  it('repairs its own path when the answer is late and others turn out to be fine', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.run(500)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.run(1_000)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.run(100)
    expect([one.state(), one.blame()]).toEqual(['dead', 'path'])
  })

  it('moves at once when somebody else is troubled too', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.run(500)
    one.hear([{ participant: 'b', sight: 'suspect' }])
    one.run(350)
    expect([one.state(), one.blame()]).toEqual(['dead', 'provider'])
  })

  it('waits for a word of the others, and blames its own network when none comes', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.hear([{ participant: 'b', sight: 'ok' }])
    one.run(100)
    one.mediaStops()
    one.run(2_300)
    expect(one.state()).toBe('suspect')
    one.run(700)
    expect([one.state(), one.blame()]).toEqual(['dead', 'path'])
  })

  it('takes word of the others for its own network only before a probe that then stays unanswered', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.run(1_990)
    // This may be the moment in which our own network came back: the probe before it proves nothing.
    one.hear([{ participant: 'b', sight: 'unreachable' }])
    one.run(500)
    expect(one.state()).toBe('suspect')
    one.run(500)
    expect([one.state(), one.blame()]).toEqual(['dead', 'provider'])
  })

  it('gives everybody more time while its own ticks come late', () => {
    const silentFor = (lateMs: number): string | undefined => {
      const one = rig()
      one.run(3_000)
      for (let round = 0; round < 3; round += 1) {
        one.jump(lateMs)
        one.run(300)
      }
      one.mediaStops()
      one.run(700)
      return one.state()
    }
    expect(silentFor(0)).toBe('suspect')
    expect(silentFor(900)).toBe('ok')
  })

  it('is ok again when media returns', () => {
    const one = rig()
    one.run(3_000)
    one.mediaStops()
    one.run(3_000)
    expect(one.state()).toBe('dead')
    one.mediaReturns()
    one.run(500)
    expect(one.state()).toBe('ok')
  })

  it('judges nobody after its own freeze, and judges again a second later', () => {
    const one = rig({ answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.jump(60_000)
    one.run(900)
    expect(one.log).toHaveLength(1)
    one.run(2_000)
    expect(one.state()).toBe('dead')
  })

  it('expects nothing before the first media, however long it takes', () => {
    const one = rig()
    one.mediaNeverComes()
    one.run(30_000)
    expect(one.deadAt()).toBeNull()
  })

  it('does not suspect anybody because the only publisher stopped publishing', () => {
    const one = rig()
    one.run(3_000)
    one.expectInbound(false)
    one.mediaStops()
    one.run(300)
    expect(one.log.map((entry) => entry.verdict.state)).toEqual(['ok'])
  })

  it('does not suspect a newly announced publisher whose media has not begun', () => {
    const one = rig()
    one.run(1_000)
    one.expectInbound(false)
    one.mediaStops()
    one.run(1_500)
    one.expectInbound(true)
    one.run(800)
    expect(one.log.map((entry) => entry.verdict.state)).toEqual(['ok'])
  })

  it('learns the rhythm of a peer who sends a frame a second', () => {
    const one = rig({ everyMs: 1_000 })
    one.run(6_000)
    const warmUp = one.log.length
    one.run(30_000)
    expect(one.log.slice(warmUp).filter((entry) => entry.verdict.state !== 'ok')).toEqual([])
    expect(one.deadAt()).toBeNull()
  })

  it('never gives blame provider to a mesh', () => {
    const one = rig({ hasServer: false, answers: () => false })
    one.run(3_000)
    one.mediaStops()
    one.signal({ type: 'socket-closed' })
    one.run(10_000)
    expect(one.log.some((entry) => entry.verdict.blame === 'provider')).toBe(false)
  })

  it('survives any order of inputs and any jump of time', () => {
    const signals = fc.constantFrom<ProviderSignal>(
      { type: 'socket-closed' },
      { type: 'socket-open' },
      { type: 'probe-answered', rttMs: 3 },
      { type: 'probe-timeout', limitMs: 500 },
      { type: 'ice', role: 'recv', state: 'failed' },
    )
    const step = fc.oneof(
      fc.record({ run: fc.nat(800) }),
      fc.record({ jump: fc.nat(100_000) }),
      fc.record({ signal: signals }),
      fc.record({ stop: fc.boolean() }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const one = rig()
        one.run(1_000)
        for (const each of steps) {
          if ('run' in each) one.run(each.run)
          else if ('jump' in each) one.jump(each.jump)
          else if ('signal' in each) one.signal(each.signal)
          else if (each.stop) one.mediaStops()
          else one.mediaReturns()
        }
        one.mediaReturns()
        one.signal({ type: 'socket-open' })
        one.signal({ type: 'ice', role: 'recv', state: 'connected' })
        one.run(4_000)
        expect(one.state()).toBe('ok')
      }),
      { numRuns: 60 },
    )
  })
})
