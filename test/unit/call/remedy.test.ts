import { describe, expect, it } from 'vitest'
import { createRemedy } from '../../../src/call/remedy.js'
import type { Hands } from '../../../src/repair/hands.js'
import { createFakeCore, readingOf } from '../../support/fake-core.js'

function rig() {
  const core = createFakeCore()
  core.reading = readingOf(core, { current: core.pool.add('east') })
  const runs: { readonly what: string; readonly signal: AbortSignal }[] = []
  const hands = {
    run(strategy: string, target: { readonly connectionId: string | null }, signal: AbortSignal) {
      runs.push({ what: `${strategy} ${target.connectionId}`, signal })
      return new Promise(() => undefined)
    },
  } as unknown as Hands
  return { core, runs, remedy: createRemedy(core, () => hands) }
}

describe('what prevention does to our own connection', () => {
  it('P18 takes quality down by one step, which may come back when the danger is over', () => {
    const { core, runs, remedy } = rig()
    remedy.begin('quality-down', 'east-1')
    expect(runs.map(({ what }) => what)).toEqual(['quality-down east-1'])
    core.clock.advance(2999)
    expect(runs[0]?.signal.aborted).toBe(false)
    core.clock.advance(1)
    expect(runs[0]?.signal.aborted).toBe(true)
    expect(remedy.isOver('prevention')).toBe(false)
    remedy.end('quality-down')
    expect(remedy.isOver('prevention')).toBe(true)
    expect(remedy.isOver('i7')).toBeUndefined()
  })

  it('P18 looks for a new path once, and has nothing to take back', () => {
    const { core, runs, remedy } = rig()
    remedy.begin('ice-restart', 'east-1')
    remedy.end('ice-restart')
    core.clock.advance(4000)
    expect(runs.map(({ what, signal }) => [what, signal.aborted])).toEqual([['ice-restart east-1', true]])
  })

  it('stands back while a repair or a switch is under way', () => {
    const { core, remedy } = rig()
    expect(remedy.isFree()).toBe(true)
    core.attempts.begin({
      incident: 'path-broken',
      strategy: 'ice-restart',
      initiator: 'automatic',
      reason: '',
      from: 'east',
      to: 'east',
      lineage: null,
      epoch: null,
    })
    expect(remedy.isFree()).toBe(false)
  })
})
