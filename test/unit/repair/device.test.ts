/** Devices that are got again, and all the cases in which they are not. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDevices } from '../../../src/repair/device.js'
import { fakeTrack } from '../../support/fake-track.js'
import { type FakeWorld, fakeWorld, targetOf } from '../../support/fake-world.js'

function lose(world: FakeWorld, source: 'camera' | 'microphone' | 'screen'): void {
  world.send(source)
  const { track } = world.own.find((one) => one.source === source) ?? fakeTrack(source)
  Object.assign(track, { readyState: 'ended', getSettings: () => ({ deviceId: 'usb' }) })
  world.lost.add(track)
}

function contextOf(world: FakeWorld) {
  const target = targetOf({ kind: 'device-failure', media: 'video' })
  return { world, target, live: world.live, signal: new AbortController().signal }
}

function browser(devices: readonly string[], state: 'granted' | 'prompt' = 'granted') {
  const got = fakeTrack('camera').track
  const getUserMedia = vi.fn(async () => ({ getTracks: () => [got] }))
  vi.stubGlobal('navigator', {
    permissions: { query: async () => ({ state, addEventListener: () => undefined }) },
    mediaDevices: {
      enumerateDevices: async () => devices.map((deviceId) => ({ deviceId })),
      getUserMedia,
    },
  })
  return { got, getUserMedia }
}

describe('devices', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('gets the very device of the app again, publishes it and says so', async () => {
    const { got, getUserMedia } = browser(['usb'])
    const world = fakeWorld()
    lose(world, 'camera')
    const devices = createDevices(world)
    await world.pass(50)
    expect(devices.stateOf('video')).toBe('lost')
    const run = devices.reacquire.act(contextOf(world))
    await world.pass(1_000)
    expect(await run).toEqual({})
    expect(getUserMedia).toHaveBeenCalledWith({ video: { deviceId: { exact: 'usb' } } })
    expect(world.own[0]?.track).toBe(got)
    expect(world.asked).toEqual(['publish camera', 'reacquired camera'])
    devices.close()
    expect(got.readyState).toBe('ended')
  })

  it.each([
    ['while it is muted', (world: FakeWorld) => world.muted.add('camera'), 'muted'],
    ['when the app stopped it itself', (world: FakeWorld) => world.lost.clear(), 'needs-person'],
  ])('is not got again %s', async (_, change, state) => {
    const { getUserMedia } = browser(['usb'])
    const world = fakeWorld()
    lose(world, 'camera')
    change(world)
    const devices = createDevices(world)
    await world.pass(50)
    expect(devices.stateOf('video')).toBe(state)
    expect(await devices.reacquire.act(contextOf(world))).toEqual({ refused: 'device-works' })
    expect(getUserMedia).not.toHaveBeenCalled()
  })

  it('never a screen, and never where a prompt would come up', async () => {
    const { getUserMedia } = browser(['usb'], 'prompt')
    const world = fakeWorld()
    lose(world, 'camera')
    lose(world, 'screen')
    const devices = createDevices(world)
    await world.pass(50)
    expect(devices.stateOf('video')).toBe('needs-person')
    expect(getUserMedia).not.toHaveBeenCalled()
  })

  it('stops what comes after the person has muted meanwhile', async () => {
    const { got } = browser(['usb'])
    const world = fakeWorld()
    lose(world, 'camera')
    const devices = createDevices(world)
    await world.pass(50)
    const run = devices.reacquire.act(contextOf(world))
    world.muted.add('camera')
    await world.pass(1_000)
    expect(await run).toEqual({ refused: 'no-longer-wanted' })
    expect(got.readyState).toBe('ended')
    expect(world.asked).toEqual([])
  })

  it('P54 tells of a device that is plugged in, and not of one that goes', async () => {
    const ids = ['usb']
    const events = new EventTarget()
    const enumerateDevices = async () => ids.map((deviceId) => ({ deviceId, kind: 'videoinput' }))
    vi.stubGlobal('navigator', { mediaDevices: Object.assign(events, { enumerateDevices }) })
    const world = fakeWorld()
    const devices = createDevices(world)
    await world.pass(50)
    const change = async (): Promise<readonly string[]> => {
      events.dispatchEvent(new Event('devicechange'))
      await world.pass(50)
      return world.asked
    }
    ids.pop()
    expect(await change()).toEqual([])
    ids.push('usb')
    expect(await change()).toEqual(['plugged'])
    expect(await change()).toEqual(['plugged'])
    devices.close()
    ids.push('other')
    expect(await change()).toEqual(['plugged'])
  })

  it('takes what the app gives, and leaves it to the app to stop', async () => {
    const { getUserMedia } = browser([])
    const { track } = fakeTrack('camera')
    const world = fakeWorld({ reacquire: async () => track })
    lose(world, 'camera')
    const devices = createDevices(world)
    expect(devices.stateOf('video')).toBe('lost')
    const run = devices.reacquire.act(contextOf(world))
    await world.pass(100)
    await run
    devices.close()
    expect(track.readyState).toBe('live')
    expect(getUserMedia).not.toHaveBeenCalled()
  })
})
