/** Sound and picture brought together again: who is ahead waits. */
import { describe, expect, it } from 'vitest'
import { GENTLE_DRIFT_MS, MEDIUM_DRIFT_MS } from '../../../src/recovery/strategy-guards.js'
import { resyncGentle, resyncMedium } from '../../../src/repair/resync.js'
import { type FakeWorld, fakeWorld, targetOf } from '../../support/fake-world.js'

function drifting(soundAheadMs: number) {
  const world = fakeWorld()
  const sound = world.receive('bea', 'microphone')
  const picture = world.receive('bea', 'camera')
  sound.counts.playoutAtMs = 1_000 + soundAheadMs
  picture.counts.playoutAtMs = 1_000
  return { world, sound, picture }
}

function contextOf(world: FakeWorld, kind: 'sync-loss' | 'buffer-overflow' | 'packet-loss' = 'sync-loss') {
  const target = targetOf({ peer: 'bea', media: 'video', kind })
  return { world, target, live: world.live, signal: new AbortController().signal }
}

describe('resync', () => {
  it('P58 closes a drift below 100 ms in steps too small to be heard', async () => {
    const { world, sound, picture } = drifting(GENTLE_DRIFT_MS - 20)
    const run = resyncGentle.act(contextOf(world))
    await world.pass(25)
    expect(sound.jitterBufferTarget).toBe(70)
    await world.pass(400)
    expect(sound.jitterBufferTarget).toBeGreaterThan(70)
    await world.pass(2_000)
    await run
    expect(sound.jitterBufferTarget).toBe(130)
    expect(picture.jitterBufferTarget).toBeNull()
  })

  it('P58 closes one below a second at once, by the buffer of who is ahead', async () => {
    const { world, sound, picture } = drifting(-(MEDIUM_DRIFT_MS - 200))
    await resyncMedium.act(contextOf(world))
    expect(picture.jitterBufferTarget).toBe(250 + 800)
    expect(sound.jitterBufferTarget).toBe(250)
    await resyncMedium.undo?.(contextOf(world))
    expect([sound.jitterBufferTarget, picture.jitterBufferTarget]).toEqual([null, null])
  })

  it('drains buffers that grew, and deepens them where packets come late', async () => {
    const { world, sound } = drifting(0)
    sound.jitterBufferTarget = 4_000
    const run = resyncMedium.act(contextOf(world, 'buffer-overflow'))
    await world.pass(25)
    expect(sound.jitterBufferTarget).toBe(0)
    await world.pass(500)
    await run
    expect(sound.jitterBufferTarget).toBeNull()
    await resyncMedium.act(contextOf(world, 'packet-loss'))
    expect(sound.jitterBufferTarget).toBe(250)
  })

  it('does nothing that it cannot measure', async () => {
    const world = fakeWorld()
    world.receive('bea', 'camera')
    expect(await resyncGentle.act(contextOf(world))).toEqual({ refused: 'not-measured' })
  })
})
