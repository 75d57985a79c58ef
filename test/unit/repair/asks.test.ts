/** What pages grant each other, and what strangers cannot make them do. */
import { describe, expect, it } from 'vitest'
import { grantAsks } from '../../../src/repair/asks.js'
import { fakeWorld } from '../../support/fake-world.js'

const KEY_FRAME = { v: 1, type: 'key-frame', provider: 'east', source: 'camera' } as const

describe('asks', () => {
  it('a key frame is made for who is here, at most one a second', async () => {
    const world = fakeWorld()
    world.receive('bea', 'camera')
    grantAsks(world)
    for (let tries = 0; tries < 50; tries += 1) world.hear('bea', KEY_FRAME)
    expect(world.asked).toEqual(['key-frame camera'])
    await world.pass(1_000)
    world.hear('bea', KEY_FRAME)
    expect(world.asked).toHaveLength(2)
  })

  it('another codec is used, and given up again', async () => {
    const world = fakeWorld()
    world.receive('bea', 'camera')
    const camera = world.send('camera')
    grantAsks(world)
    const codec = { v: 1, type: 'codec', provider: 'east', source: 'camera' } as const
    world.hear('bea', { ...codec, avoid: 'video/VP8' })
    await world.pass(50)
    expect(camera.encoding.codec).toEqual({ mimeType: 'video/VP9' })
    world.hear('bea', { ...codec, avoid: null })
    await world.pass(50)
    expect(camera.encoding).not.toHaveProperty('codec')
  })

  it('strangers, garbage and other providers are ignored, and nothing is heard after the end', () => {
    const world = fakeWorld()
    const stop = grantAsks(world)
    world.hear('bea', KEY_FRAME)
    world.receive('bea', 'camera')
    for (const message of [
      null,
      7,
      {},
      { ...KEY_FRAME, source: 'microphone' },
      { ...KEY_FRAME, provider: 'west' },
    ])
      world.hear('bea', message)
    expect(world.asked).toEqual([])
    stop()
    world.hear('bea', KEY_FRAME)
    expect(world.asked).toEqual([])
  })
})
