import { describe, expect, it } from 'vitest'
import { createPoolKeeper, type PoolKeeper } from '../../../src/call/pool-keeper.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'

const NOBODY: ReadonlySet<string> = new Set()

function keeping(standby: 'cold' | 'warm' | 'hot' = 'cold'): { core: FakeCore; keeper: PoolKeeper } {
  const core = createFakeCore({ standby })
  return {
    core,
    keeper: createPoolKeeper(
      () => core,
      () => undefined,
    ),
  }
}

describe('the pool keeper', () => {
  it('connects to a candidate beside the current connection and says when it is ready', () => {
    const { core, keeper } = keeping()
    const current = core.pool.add('east')
    const facts = { current, candidates: ['west'] }
    keeper.apply(readingOf(core, facts), NOBODY)
    expect(core.pool.asked).toEqual(['open west media'])
    expect(core.wishes).toEqual(['warm west unknown'])
    const [, west] = core.pool.entries()
    if (west) west.state = 'connected'
    keeper.apply(readingOf(core, facts), NOBODY)
    keeper.apply(readingOf(core, facts), NOBODY)
    expect(core.wishes).toEqual(['warm west unknown', 'warm west ready'])
  })

  it('a standby is not ready before it also publishes', () => {
    const { core, keeper } = keeping()
    const current = core.pool.add('east')
    core.pool.add('west', { isPublishing: false })
    const reading = readingOf(core, { current, candidates: ['west'] })
    keeper.apply(reading, new Set(['west-2']))
    expect(core.wishes).toEqual(['warm west unknown'])
    keeper.apply(reading, NOBODY)
    expect(core.pool.asked).toEqual(['publish west-2'])
    expect(core.wishes).toEqual(['warm west unknown', 'warm west ready'])
  })

  it('reports a candidate that failed, so that nobody waits for it', () => {
    const { core, keeper } = keeping()
    const current = core.pool.add('east')
    core.sight.connectFailed('west')
    core.pool.add('west', { state: 'failed' })
    keeper.apply(readingOf(core, { current, candidates: ['west'] }), NOBODY)
    expect(core.wishes).toEqual(['warm west failed'])
  })

  it('says nothing against a provider while one connection to it works', () => {
    const { core, keeper } = keeping()
    core.pool.add('east')
    const second = core.pool.add('east', { state: 'failed' })
    keeper.callbacks.onChange(second)
    expect(core.sight.of('east')).toBe('unknown')
    expect(core.sight.blocked().size).toBe(0)
  })

  it('remembers a provider that cannot be reached and does not dial it in a loop', () => {
    const { core, keeper } = keeping()
    const failed = core.pool.add('west', { state: 'failed' })
    keeper.callbacks.onChange(failed)
    expect(core.sight.of('west')).toBe('unreachable')
    const current = core.pool.add('east')
    keeper.apply(readingOf(core, { current, candidates: ['west'] }), NOBODY)
    expect(core.pool.asked).toEqual(['close west-1'])
  })

  it('prefers the media of the current connection once it is connected, and once only', () => {
    const { core, keeper } = keeping()
    const current = core.pool.add('east', { state: 'connecting' })
    keeper.apply(readingOf(core, { current }), NOBODY)
    expect(core.remote.preferred).toEqual([])
    current.state = 'connected'
    keeper.apply(readingOf(core, { current }), NOBODY)
    keeper.apply(readingOf(core, { current }), NOBODY)
    expect(core.remote.preferred).toEqual(['east-1'])
    expect(core.currentEntryId).toBe('east-1')
  })

  it('P06 leaves in place what a repair has put there since the reading, though the broken one says connected', () => {
    const { core, keeper } = keeping()
    const broken = core.pool.add('east')
    const reading = readingOf(core, { current: broken })
    keeper.apply(reading, NOBODY)
    const fresh = core.pool.add('east')
    core.currentEntryId = fresh.id
    keeper.apply(reading, new Set([broken.id]))
    expect(core.currentEntryId).toBe(fresh.id)
    expect(core.remote.preferred).toEqual([broken.id])
  })

  it('shows a standby while the agreed provider is failing, and goes back when it was a false alarm', () => {
    const { core, keeper } = keeping('hot')
    const current = core.pool.add('east')
    core.pool.add('west')
    const reading = readingOf(core, { current, next: 'west' })
    keeper.apply(reading, NOBODY)
    core.sight.note('east', 'suspect')
    keeper.apply(reading, NOBODY)
    keeper.apply(reading, NOBODY)
    expect(core.remote.preferred).toEqual(['east-1', 'west-2 at once'])
    core.sight.note('east', 'ok')
    keeper.apply(reading, NOBODY)
    expect(core.remote.preferred).toEqual(['east-1', 'west-2 at once', 'east-1'])
  })

  it('never touches what a repair holds', () => {
    const { core, keeper } = keeping()
    const broken = core.pool.add('east', { state: 'failed' })
    core.pool.add('east', { state: 'connecting' })
    keeper.apply(readingOf(core, { current: broken }), new Set(['east-1', 'east-2']))
    expect(core.pool.asked).toEqual([])
  })

  it('takes the media of a closed connection away and tells of flips by provider', () => {
    const { core, keeper } = keeping()
    const told: unknown[] = []
    core.events.on('stream-flipped', (event) => told.push(event))
    keeper.onFlip({ peer: 'ana', from: 'east-1', to: 'west-2', gapMs: 60 })
    expect(told).toEqual([{ peer: 'ana', from: 'east', to: 'west', gapMs: 60 }])
    expect(core.shownOn.get('ana')).toBe('west-2')
    keeper.callbacks.onChange(core.pool.add('east', { state: 'closed' }))
    expect(core.remote.dropped).toEqual(['east-1'])
  })
})

describe('the standby', () => {
  const settled = (core: FakeCore) => {
    const current = core.pool.add('east')
    core.clock.advance(1501)
    return readingOf(core, { current, isFlowing: true })
  }

  it.each([
    ['cold', []],
    ['warm', ['open west silent']],
    ['hot', ['open west media']],
  ] as const)('%s asks for %j', (standby, asked) => {
    const { core, keeper } = keeping(standby)
    keeper.apply(settled(core), NOBODY)
    expect(core.pool.asked).toEqual(asked)
  })

  it('is built with media as soon as the agreed provider is suspected, whatever was asked for', () => {
    const { core, keeper } = keeping('cold')
    core.sight.note('east', 'suspect')
    keeper.apply(settled(core), NOBODY)
    expect(core.pool.asked).toEqual(['open west media'])
  })

  it('waits until the current connection has settled, so that it does not compete with a join', () => {
    const { core, keeper } = keeping('warm')
    const current = core.pool.add('east')
    core.clock.advance(1400)
    keeper.apply(readingOf(core, { current, isFlowing: true }), NOBODY)
    core.clock.advance(200)
    keeper.apply(readingOf(core, { current, isFlowing: false }), NOBODY)
    expect(core.pool.asked).toEqual([])
  })

  it('stays open through a moment without media', () => {
    const { core, keeper } = keeping('warm')
    keeper.apply(settled(core), NOBODY)
    const [current] = core.pool.entries()
    keeper.apply(readingOf(core, { current: current ?? null, isFlowing: false }), NOBODY)
    expect(core.pool.asked).toEqual(['open west silent'])
  })

  it('scouts the other providers one by one when the agreed one is dead and none is believed to work', () => {
    const { core, keeper } = keeping('cold')
    const current = core.pool.add('east', { state: 'failed' })
    core.sight.note('east', 'dead')
    keeper.apply(readingOf(core, { current, next: null }), NOBODY)
    expect(core.pool.asked).toEqual(['open west media'])
    core.sight.connectFailed('west')
    keeper.apply(readingOf(core, { current, next: null }), NOBODY)
    expect(core.pool.asked).toContain('open mesh media')
  })
})
