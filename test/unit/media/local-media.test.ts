import { describe, expect, it, vi } from 'vitest'
import { createLocalMedia } from '../../../src/media/local-media.js'
import type { TrackSource } from '../../../src/providers/provider.js'

/** A stand-in for a MediaStreamTrack that counts who stops it and everything `enabled` ever was. */
function fakeTrack(isEnabled = true) {
  const target = new EventTarget() as MediaStreamTrack & EventTarget
  const history: boolean[] = [isEnabled]
  const stop = vi.fn()
  Object.defineProperty(target, 'enabled', {
    get: () => history.at(-1),
    set: (value: boolean) => {
      history.push(value)
    },
  })
  Object.assign(target, { stop })
  return { track: target, history, stop, end: () => target.dispatchEvent(new Event('ended')) }
}

function begin() {
  const ended: TrackSource[] = []
  let changes = 0
  const media = createLocalMedia({
    onEnded: (source) => ended.push(source),
    onChange: () => {
      changes += 1
    },
  })
  return { media, ended, changes: () => changes }
}

describe('local media', () => {
  it('lists tracks by source and keeps the list while nothing changes', () => {
    const { media } = begin()
    const [camera, microphone] = [fakeTrack(), fakeTrack()]
    media.publish([
      { track: microphone.track, source: 'microphone' },
      { track: camera.track, source: 'camera' },
    ])
    expect(media.publishing()).toEqual(['camera', 'microphone'])
    expect(media.tracks()).toBe(media.tracks())
  })

  it('takes the camera and the microphone of a MediaStream', () => {
    const { media } = begin()
    const [video, audio] = [fakeTrack().track, fakeTrack().track]
    media.publish({ getVideoTracks: () => [video], getAudioTracks: () => [audio] } as unknown as MediaStream)
    expect(media.tracks()).toEqual([
      { track: video, source: 'camera' },
      { track: audio, source: 'microphone' },
    ])
  })

  it('keeps a muted source muted over a device change, before anybody sees the new track', () => {
    const { media } = begin()
    const [old, fresh] = [fakeTrack(), fakeTrack()]
    media.publish([{ track: old.track, source: 'microphone' }])
    media.setMuted('microphone', true)
    media.replace('microphone', fresh.track)
    expect(fresh.track.enabled).toBe(false)
    expect(media.isMuted('microphone')).toBe(true)
  })

  it('keeps a muted source muted over unpublishing and publishing again', () => {
    const { media } = begin()
    media.publish([{ track: fakeTrack().track, source: 'camera' }])
    media.setMuted('camera', true)
    media.publish([])
    const fresh = fakeTrack()
    media.publish([{ track: fresh.track, source: 'camera' }])
    expect(fresh.track.enabled).toBe(false)
  })

  it('counts a track that the app itself disabled as muted, also for the next device', () => {
    const { media } = begin()
    const [old, fresh] = [fakeTrack(), fakeTrack()]
    media.publish([{ track: old.track, source: 'camera' }])
    old.track.enabled = false
    media.replace('camera', fresh.track)
    expect(fresh.track.enabled).toBe(false)
    expect(media.muted()).toEqual(['camera'])
  })

  it('never enables a track except by an explicit unmute', () => {
    const { media } = begin()
    const tracks = [fakeTrack(false), fakeTrack(), fakeTrack()]
    const [first, second, third] = tracks
    media.publish([{ track: first?.track as MediaStreamTrack, source: 'camera' }])
    media.replace('camera', second?.track as MediaStreamTrack)
    media.publish([{ track: third?.track as MediaStreamTrack, source: 'camera' }])
    media.close()
    for (const { history } of tracks) expect(history.slice(1)).not.toContain(true)
    media.setMuted('camera', false)
    for (const { history } of tracks) expect(history.slice(1)).not.toContain(true)
  })

  it('unmutes when asked to', () => {
    const { media } = begin()
    const one = fakeTrack()
    media.publish([{ track: one.track, source: 'camera' }])
    media.setMuted('camera', true)
    media.setMuted('camera', false)
    expect(one.track.enabled).toBe(true)
    expect(media.muted()).toEqual([])
  })

  it('never stops a track', () => {
    const { media } = begin()
    const [one, two] = [fakeTrack(), fakeTrack()]
    media.publish([{ track: one.track, source: 'camera' }])
    media.replace('camera', two.track)
    media.publish([])
    media.close()
    expect(one.stop).not.toHaveBeenCalled()
    expect(two.stop).not.toHaveBeenCalled()
  })

  it('tells when a device ends, and no longer after it was replaced', () => {
    const { media, ended } = begin()
    const [old, fresh] = [fakeTrack(), fakeTrack()]
    media.publish([{ track: old.track, source: 'screen' }])
    old.end()
    expect(ended).toEqual(['screen'])
    media.replace('screen', fresh.track)
    old.end()
    expect(ended).toEqual(['screen'])
    media.close()
    fresh.end()
    expect(ended).toEqual(['screen'])
  })

  it('keeps the bitrate wish of a source over a device change', () => {
    const { media } = begin()
    media.publish([{ track: fakeTrack().track, source: 'camera', maxBitrateBps: 300_000 }])
    media.replace('camera', fakeTrack().track)
    expect(media.tracks()[0]?.maxBitrateBps).toBe(300_000)
  })

  it.each([
    ['nothing', null, 'media'],
    ['nothing at all', undefined, 'media'],
    ['an object', {}, 'media'],
    ['a list of nothing', [null], 'source'],
    ['a source that does not exist', [{ source: 'window', track: fakeTrack().track }], 'source'],
    ['a source without a track', [{ source: 'camera' }], 'track'],
    ['a stream in the place of a track', [{ source: 'camera', track: { getVideoTracks: () => [] } }], 'track'],
  ])('refuses %s, names the field and keeps what it had', (_what, media, field) => {
    const { media: local, changes } = begin()
    local.publish([{ source: 'camera', track: fakeTrack().track }])
    expect(() => local.publish(media as never)).toThrow(
      expect.objectContaining({ code: 'invalid-options', details: { field } }),
    )
    expect(local.publishing()).toEqual(['camera'])
    expect(changes()).toBe(1)
  })

  it('takes neither a mute without a value for "unmute" nor a source that does not exist', () => {
    const { media } = begin()
    media.setMuted('camera', true)
    const refusal = (field: string) => expect.objectContaining({ code: 'invalid-options', details: { field } })
    expect(() => media.setMuted('camera', undefined as never)).toThrow(refusal('isMuted'))
    expect(() => media.setMuted('x' as never, true)).toThrow(refusal('source'))
    expect(() => media.replace('camera', null as never)).toThrow(refusal('track'))
    expect(media.muted()).toEqual(['camera'])
  })
})
