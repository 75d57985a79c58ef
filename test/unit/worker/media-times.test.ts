import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.js'
import { TRACK_BITS } from '../../../src/health/layout.js'
import { createMediaTimes } from '../../../src/worker/media-times.js'
import type { SampledConnection } from '../../../src/worker/sampler.js'

/** A page with one receiver of bob's picture, whose newest frame has a stamp. */
function page() {
  let nowMs = 0
  let stamp = Number.NaN
  let looks = 0
  const clock: Clock = { now: () => nowMs, wallNow: () => nowMs, after: () => () => undefined }
  const track = { id: 'v', kind: 'video', enabled: false, muted: true, readyState: 'live' }
  const receiver = {
    track,
    getSynchronizationSources() {
      looks += 1
      return Number.isNaN(stamp) ? [] : [{ timestamp: stamp }]
    },
  }
  const pc = {
    signalingState: 'stable',
    getReceivers: () => [receiver],
    getSenders: () => [{ track: { ...track, id: 'own', readyState: 'ended' } }],
  } as unknown as RTCPeerConnection
  const source: SampledConnection = {
    ...{ connectionId: 'west-1', provider: 'west', role: 'current', hasServer: true },
    ...{ expectsInbound: true, expectsOutbound: true },
    entries: [{ id: 'pc', pc, role: 'both', peer: 'bob' }],
  }
  return {
    times: createMediaTimes(clock),
    looks: () => looks,
    pc,
    source,
    at(atMs: number, frameStamp: number) {
      nowMs = atMs
      stamp = frameStamp
    },
  }
}

describe('media times', () => {
  it('date media by the freshest look, whatever the browser counts its stamps from', () => {
    const { times, source, at } = page()
    expect(times.newestMs(source)).toBeNaN()
    at(1_000, 99_000)
    expect(times.newestMs(source)).toBe(1_000)
    at(1_250, 99_100)
    expect(times.newestMs(source)).toBe(1_100)
    const heard: [string, number][] = []
    times.newestMs(source, (peer, atMs) => heard.push([peer, atMs]))
    expect(heard).toEqual([['bob', 1_100]])
  })

  it('ask for a closer look when a moving picture stops, and not at a slide show', () => {
    const { times, source, at } = page()
    for (let look = 0; look < 6; look += 1) {
      at(look * 250, look * 250)
      expect(times.hasStopped(source)).toBe(false)
    }
    at(1_500, 1_250)
    expect(times.hasStopped(source)).toBe(false)
    at(1_600, 1_250)
    expect(times.hasStopped(source)).toBe(true)
    at(9_000, 1_250)
    expect(times.hasStopped(source)).toBe(false)
    at(9_250, 9_250)
    expect(times.hasStopped(source)).toBe(false)
    at(9_700, 9_250)
    expect(times.hasStopped(source)).toBe(false)
  })

  it('ask for a closer look also at a picture that stops in its first second', () => {
    const { times, source, at } = page()
    for (const atMs of [0, 250, 500]) {
      at(atMs, atMs)
      expect(times.hasStopped(source)).toBe(false)
    }
    at(900, 500)
    expect(times.hasStopped(source)).toBe(true)
  })

  it('tell what tracks say of themselves and how old the last frame is', () => {
    const { times, source, pc, at } = page()
    at(1_000, 500)
    times.newestMs(source)
    at(1_400, 500)
    times.newestMs(source)
    const tracks = times.tracksOf(pc)
    expect(tracks.get('v')).toEqual({ state: TRACK_BITS.disabled | TRACK_BITS.muted, sinceFrameMs: 400 })
    expect(tracks.get('own')?.state).toBe(TRACK_BITS.disabled | TRACK_BITS.muted | TRACK_BITS.ended)
    at(1_500, Number.NaN)
    times.newestMs(source)
    expect(times.tracksOf(pc).get('v')?.sinceFrameMs).toBeNaN()
  })

  it('ask a receiver once for all who want to know within a tick, and none that never brought anything', () => {
    const { times, source, pc, at, looks } = page()
    times.tracksOf(pc)
    expect(looks()).toBe(0)
    at(1_000, 500)
    times.newestMs(source)
    times.hasStopped(source)
    times.tracksOf(pc)
    expect(times.newestMs(source, undefined, 60)).toBe(1_000)
    expect(looks()).toBe(1)
    at(1_100, 600)
    expect(times.newestMs(source, undefined, 60)).toBe(1_100)
    expect(looks()).toBe(2)
  })
})
