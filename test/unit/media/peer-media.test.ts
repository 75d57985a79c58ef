import { describe, expect, it } from 'vitest'
import { remoteRig } from '../../support/remote-rig.js'

describe("one peer's media over a provider that is dead", () => {
  it('puts the next picture in ahead over a dead one, and reports it when its frame is there and not before', () => {
    const { media, remote, frame, shown, lost, flips, advance } = remoteRig()
    const [sound, picture] = [remote('ann', 'microphone', 'a'), remote('ann', 'camera', 'b')]
    const [nextSound, nextPicture] = [remote('ann', 'microphone', 'c'), remote('ann', 'camera', 'd')]
    media.prefer('east')
    for (const track of [sound, picture]) {
      media.addTrack('east', track)
      frame(track)
    }
    advance(300)
    media.prefer('west')
    media.addTrack('west', nextSound)
    media.addTrack('west', nextPicture)
    expect(shown('ann')).toEqual([sound.track, picture.track])
    lost.add('east')
    advance(100)
    expect(shown('ann')).toEqual([nextSound.track, nextPicture.track])
    advance(3_000)
    expect(flips.filter(({ to }) => to === 'west')).toEqual([])
    frame(nextPicture)
    frame(nextSound)
    expect(flips.filter(({ to }) => to === 'west')).toEqual([
      { peer: 'ann', from: 'east', to: 'west', gapMs: 3_400 },
    ])
  })

  it('takes a picture that was put in ahead and never came for no part of the gap', () => {
    const { media, remote, frame, lost, flips, advance } = remoteRig()
    const [sound, picture] = [remote('ann', 'microphone', 'a'), remote('ann', 'camera', 'b')]
    media.prefer('east')
    for (const track of [sound, picture]) {
      media.addTrack('east', track)
      frame(track)
    }
    advance(300)
    lost.add('east')
    media.prefer('west')
    const next = remote('ann', 'microphone', 'c')
    media.addTrack('west', next)
    media.addTrack('west', remote('ann', 'camera', 'd'))
    advance(700)
    frame(next)
    advance(1_600)
    expect(flips.filter(({ to }) => to === 'west')).toEqual([
      { peer: 'ann', from: 'east', to: 'west', gapMs: 1_000 },
    ])
  })
})
