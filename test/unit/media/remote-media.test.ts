import { describe, expect, it } from 'vitest'
import { remoteRig } from '../../support/remote-rig.js'

describe('remote media', () => {
  it('takes the old picture away before it puts the new one in: Firefox shows the first track that it got', () => {
    const { media, remote, frame, shown, crowded, advance } = remoteRig()
    const [east, west] = [remote('ann', 'camera', 'one'), remote('ann', 'camera', 'two')]
    media.addTrack('east', east)
    media.addTrack('west', west)
    frame(east)
    media.prefer('west')
    frame(west)
    advance(1_000)
    expect(shown('ann')).toEqual([west.track])
    expect(crowded).toEqual([])
  })

  it('keeps one stream per peer for the life of the call', () => {
    const { media, remote } = remoteRig()
    const stream = media.streamOf('ann')
    media.addTrack('east', remote('ann', 'camera'))
    media.prefer('west')
    media.dropConnection('east')
    expect(media.streamOf('ann')).toBe(stream)
  })

  it('shows the first track of a source at once, and a second one only when its media came', () => {
    const { media, remote, shown, frame, advance } = remoteRig()
    const [east, west] = [remote('ann', 'camera'), remote('ann', 'camera')]
    media.addTrack('east', east)
    media.addTrack('west', west)
    frame(east)
    media.prefer('west')
    expect(shown('ann')).toEqual([east.track])
    advance(10)
    frame(west)
    expect(shown('ann')).toEqual([east.track])
    advance(10)
    frame(east)
    expect(shown('ann')).toEqual([west.track])
  })

  it('flips each peer on its own and reports once per peer with its gap', () => {
    const { media, remote, flips, frame, advance } = remoteRig()
    const tracks = ['ann', 'bob'].map((peer) => [remote(peer, 'camera'), remote(peer, 'camera')] as const)
    for (const [east] of tracks) {
      media.addTrack('east', east)
      frame(east)
    }
    flips.length = 0
    media.prefer('west')
    const [ann] = tracks
    if (!ann) return
    media.addTrack('west', ann[1])
    frame(ann[1])
    advance(5)
    frame(ann[0])
    advance(30)
    frame(ann[1])
    expect(flips).toEqual([{ peer: 'ann', from: 'east', to: 'west', gapMs: 30 }])
    expect(media.connectionOf('bob')).toBe('east')
  })

  it('keeps the last picture of a dropped connection until the new one comes', () => {
    const { media, remote, shown, frame, advance } = remoteRig()
    const [east, west] = [remote('ann', 'camera'), remote('ann', 'camera')]
    media.addTrack('east', east)
    frame(east)
    media.prefer('west')
    media.dropConnection('east')
    expect(shown('ann')).toEqual([east.track])
    advance(400)
    media.addTrack('west', west)
    frame(west)
    expect(shown('ann')).toEqual([west.track])
  })

  it('takes a last picture away when no successor comes', () => {
    const { media, remote, shown, frame, advance, open } = remoteRig()
    const east = remote('ann', 'camera')
    media.addTrack('east', east)
    frame(east)
    media.prefer('west')
    media.dropConnection('east')
    advance(11_000)
    expect(shown('ann')).toEqual([])
    advance(500)
    expect(open()).toBe(0)
  })

  it('takes a track away at once when its publisher stopped it', () => {
    const { media, remote, shown, frame } = remoteRig()
    const screen = remote('ann', 'screen')
    media.prefer('east')
    media.addTrack('east', screen)
    frame(screen)
    media.removeTrack('east', screen.id)
    expect(shown('ann')).toEqual([])
  })

  it('moves to the newer track of a peer who came back on the same connection, without a report', () => {
    const { media, remote, shown, frame, flips, advance } = remoteRig()
    const [old, fresh] = [remote('ann', 'camera', 'one'), remote('ann', 'camera', 'two')]
    media.prefer('east')
    media.addTrack('east', old)
    frame(old)
    flips.length = 0
    advance(1_000)
    media.addTrack('east', fresh)
    frame(fresh)
    frame(fresh)
    expect(shown('ann')).toEqual([fresh.track])
    expect(flips).toEqual([])
  })

  it('says that media flows only where it came and still comes', () => {
    const { media, remote, frame, advance } = remoteRig()
    const [camera, microphone] = [remote('ann', 'camera'), remote('ann', 'microphone')]
    const expected = new Map([['ann', ['camera', 'microphone']]])
    media.addTrack('east', camera)
    media.addTrack('east', microphone)
    frame(camera)
    expect(media.isFlowing('east', expected)).toBe(false)
    frame(microphone)
    expect(media.isFlowing('east', expected)).toBe(true)
    expect(media.isFlowing('west', expected)).toBe(false)
    advance(4_000)
    expect(media.isFlowing('east', expected)).toBe(false)
  })

  it('says of whom what media ever came, by kind', () => {
    const { media, remote, frame, advance } = remoteRig()
    const [camera, microphone] = [remote('ann', 'camera'), remote('ann', 'microphone')]
    media.addTrack('east', camera)
    media.addTrack('east', microphone)
    frame(camera)
    advance(10_000)
    const kinds = (peer: string) => ['video', 'audio'].filter((kind) => media.hasCome(peer, kind))
    expect([kinds('ann'), kinds('ben')]).toEqual([['video'], []])
    frame(microphone)
    expect(kinds('ann')).toEqual(['video', 'audio'])
  })

  it('does not wait for a source that was silent while others were heard', () => {
    const { media, remote, frame, advance, flips } = remoteRig()
    const expected = new Map([['ann', ['microphone', 'camera']]])
    const onEast = remote('ann', 'camera')
    const microphone = remote('ann', 'microphone')
    media.prefer('east')
    for (const track of [onEast, microphone]) media.addTrack('east', track)
    for (let second = 0; second < 5; second += 1) {
      frame(onEast)
      expect(media.isFlowing('east', expected)).toBe(second >= 4)
      advance(1_000)
    }
    const onWest = remote('ann', 'camera')
    for (const track of [onWest, remote('ann', 'microphone')]) media.addTrack('west', track)
    media.prefer('west', true)
    expect(media.isFlowing('west', expected)).toBe(false)
    flips.length = 0
    for (let frames = 0; frames < 3; frames += 1) frame(onWest)
    expect(media.isFlowing('west', expected)).toBe(true)
    expect(flips).toMatchObject([{ peer: 'ann', to: 'west' }])
    // Heard once, it is waited for like any other.
    frame(microphone)
    expect(media.isFlowing('east', expected)).toBe(true)
    expect(media.isFlowing('west', expected)).toBe(false)
  })

  it('takes nobody for silent when nothing arrives at all', () => {
    const { media, remote, frame, advance } = remoteRig()
    const [camera, microphone] = [remote('ann', 'camera'), remote('ann', 'microphone')]
    const expected = new Map([['ann', ['camera', 'microphone']]])
    for (const track of [camera, microphone]) media.addTrack('east', track)
    for (const track of [camera, microphone]) frame(track)
    for (let second = 0; second < 10; second += 1) {
      advance(1_000)
      media.isFlowing('east', expected)
    }
    expect(media.isFlowing('east', expected)).toBe(false)
  })

  it('leaves no timer behind when closed or when nothing is awaited', () => {
    const { media, remote, frame, advance, open } = remoteRig()
    const east = remote('ann', 'camera')
    media.prefer('east')
    media.addTrack('east', east)
    frame(east)
    frame(east)
    advance(2_000)
    expect(open()).toBe(0)
    media.addTrack('east', remote('bob', 'camera'))
    expect(open()).toBe(1)
    media.close()
    expect(open()).toBe(0)
  })
})
