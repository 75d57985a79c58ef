/** The ladder of quality: down in steps, never below sound, up again by itself. */
import { describe, expect, it } from 'vitest'
import { createQuality, QUALITY_STEPS, stepOf } from '../../../src/repair/quality.js'
import { fakeWorld, targetOf } from '../../support/fake-world.js'

const NEVER = new AbortController().signal

function contextOf(world: ReturnType<typeof fakeWorld>) {
  return { world, target: targetOf(), live: world.live, signal: NEVER }
}

describe('quality', () => {
  it('goes down a step at a time until the incident is over, and leaves tracks and sound alone', async () => {
    const world = fakeWorld()
    const camera = world.send('camera')
    const sound = world.send('microphone')
    const quality = createQuality(world)
    const run = quality.down.act(contextOf(world))
    await world.pass(5_000)
    world.over.add('i1')
    await world.pass(5_000)
    await run
    expect(quality.step).toBe(2)
    expect(world.asked.filter((one) => one.startsWith('cap'))).toEqual([
      'cap camera 600000',
      'cap camera 350000',
    ])
    expect(camera.encoding).toMatchObject({ active: true, scaleResolutionDownBy: 2 })
    expect(sound.encoding).toEqual({ active: true })
    expect(world.own.every(({ track }) => track.enabled && track.readyState === 'live')).toBe(true)
  })

  it('takes one step at a time for all incidents of one trouble, and comes back when all of them are over', async () => {
    const world = fakeWorld()
    world.send('camera')
    const quality = createQuality(world)
    const runs = ['i1', 'i2', 'i3'].map((incidentId) =>
      quality.down.act({ ...contextOf(world), target: targetOf({ incidentId }) }),
    )
    await world.pass(2_000)
    expect(quality.step).toBe(1)
    await world.pass(4_000)
    expect(quality.step).toBe(2)
    world.over.add('i2')
    await world.pass(60_000)
    await Promise.all(runs)
    expect(quality.step).toBe(QUALITY_STEPS - 1)
    for (const id of ['i1', 'i3']) world.over.add(id)
    await world.pass(20_000)
    expect(quality.step).toBe(QUALITY_STEPS - 2)
  })

  it('stops above sound alone, which is a strategy of its own', async () => {
    const world = fakeWorld()
    const camera = world.send('camera')
    const quality = createQuality(world)
    const run = quality.down.act(contextOf(world))
    await world.pass(30_000)
    await run
    expect(quality.step).toBe(QUALITY_STEPS - 1)
    await quality.audioOnly.act(contextOf(world))
    expect(camera.encoding.active).toBe(false)
    await quality.audioOnly.undo?.(contextOf(world))
    expect(camera.encoding.active).toBe(true)
  })

  it('comes back up by itself when it is over, later when that was too early', async () => {
    const world = fakeWorld()
    const camera = world.send('camera')
    const quality = createQuality(world)
    await quality.to(1)
    await world.pass(20_000)
    expect(quality.step).toBe(0)
    expect(camera.encoding).toEqual({ active: true, scaleResolutionDownBy: 1 })
    world.over.add('i1')
    await quality.audioOnly.act(contextOf(world))
    await world.pass(20_000)
    expect(quality.step).toBe(QUALITY_STEPS)
    await world.pass(20_000)
    expect(quality.step).toBe(QUALITY_STEPS - 1)
  })

  it('stays down while the incident lasts', async () => {
    const world = fakeWorld()
    world.send('camera')
    const quality = createQuality(world)
    await quality.audioOnly.act(contextOf(world))
    await world.pass(60_000)
    expect(quality.step).toBe(QUALITY_STEPS)
  })

  it('follows to new connections', async () => {
    const world = fakeWorld()
    const quality = createQuality(world)
    await quality.to(3)
    const camera = world.send('camera')
    quality.refresh()
    await world.pass(100)
    expect(camera.encoding).toMatchObject({ maxFramerate: 15 })
  })

  it('keeps a screen readable: slower before smaller', () => {
    expect(stepOf('screen', 2)).toEqual({ maxBps: 600_000, maxFps: 8 })
    expect(stepOf('camera', 2)).toEqual({ maxBps: 350_000, scaleDownBy: 2 })
  })
})
