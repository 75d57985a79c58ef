import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptStart } from '../../../src/call/attempts.js'
import { createFakeCore } from '../../support/fake-core.js'

const start: AttemptStart = {
  incident: 'provider-outage',
  strategy: 'switch-provider',
  initiator: 'ana',
  reason: 'east failed',
  from: 'east',
  to: 'west',
  lineage: null,
  epoch: null,
}

describe('attempts', () => {
  it('P21 an attempt says kind, who, trigger, from, to, outcome and duration', () => {
    const { attempts, clock, written } = createFakeCore()
    attempts.begin(start)
    clock.advance(1234)
    attempts.amend({ epoch: 7, lineage: 'lineage' })
    attempts.noteGap(90)
    attempts.noteGap(40)
    attempts.settle('succeeded')
    expect(written.at(-1)).toMatchObject({
      ...start,
      epoch: 7,
      lineage: 'lineage',
      room: 'room',
      durationMs: 1234,
      mediaGapMs: 90,
      outcome: 'succeeded',
    })
  })

  it('P21 an attempt of long names and ids still takes at most 500 bytes', () => {
    const { attempts, written } = createFakeCore()
    attempts.begin({
      ...start,
      initiator: crypto.randomUUID(),
      reason: 'east failed: its socket closed and its media stopped, as two others see it too.',
      from: 'p'.repeat(24),
      to: 'q'.repeat(24),
      lineage: `2.${'a'.repeat(22)}.1234.${'b'.repeat(22)}`,
      epoch: 1235,
    })
    attempts.noteGap(12_345)
    attempts.settle('succeeded')
    expect(new TextEncoder().encode(JSON.stringify(written.at(-1))).length).toBeLessThanOrEqual(500)
  })

  it('a gap that was over before anybody agreed belongs to the attempt that follows it', () => {
    const { attempts, clock } = createFakeCore()
    attempts.noteGap(90)
    clock.advance(100)
    attempts.begin(start)
    expect(attempts.current?.mediaGapMs).toBe(90)
    attempts.begin(start)
    expect(attempts.current?.mediaGapMs).toBeNull()
    attempts.settle('succeeded')
    attempts.noteGap(70)
    clock.advance(5000)
    attempts.begin(start)
    expect(attempts.current?.mediaGapMs).toBeNull()
  })

  it('P22 is written when it begins and when it ends, under one id, so that a crash between the two is seen', () => {
    const { attempts, written } = createFakeCore()
    attempts.begin(start)
    attempts.settle('failed')
    expect(written.map(({ outcome }) => outcome)).toEqual(['in-progress', 'failed'])
    expect(new Set(written.map(({ id }) => id)).size).toBe(1)
  })

  it('a new attempt cancels the one before, and settling without one does nothing', () => {
    const { attempts, written, fired } = createFakeCore()
    expect(attempts.settle('succeeded')).toBeNull()
    attempts.begin(start)
    attempts.begin({ ...start, to: 'mesh' })
    expect(written.map(({ to, outcome }) => `${to} ${outcome}`)).toEqual([
      'west in-progress',
      'west cancelled',
      'mesh in-progress',
    ])
    expect(fired).toEqual(['attempt cancelled'])
  })

  it('P22 whatever is done to it, an attempt ends exactly once and never without having begun', () => {
    const acts = fc.constantFrom('begin', 'succeeded', 'failed', 'cancelled', 'gap', 'wait')
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 30 }), (done) => {
        const { attempts, clock, written } = createFakeCore()
        for (const act of done) {
          if (act === 'begin') attempts.begin(start)
          else if (act === 'gap') attempts.noteGap(5)
          else if (act === 'wait') clock.advance(50)
          else attempts.settle(act)
        }
        const open = new Set<string>()
        const ended = new Set<string>()
        for (const { id, outcome, durationMs } of written) {
          expect(ended.has(id)).toBe(false)
          if (outcome === 'in-progress') {
            expect(open.size).toBe(0)
            open.add(id)
          } else {
            expect(open.delete(id)).toBe(true)
            expect(durationMs).toBeGreaterThanOrEqual(0)
            ended.add(id)
          }
        }
        expect(open.size).toBe(attempts.current === null ? 0 : 1)
      }),
    )
  })
})
