/** For tests of remote media: tracks whose media arrives when the test says so, and a clock that it moves. */
import type { Clock } from '../../src/clock.js'
import type { ArrivalFactory } from '../../src/media/arrival.js'
import { createRemoteMedia, type FlipReport } from '../../src/media/remote-media.js'
import type { RemoteTrack, TrackSource } from '../../src/providers/provider.js'

/** Remote media over fake tracks whose media arrives when the test says so. */
export function remoteRig() {
  let nowMs = 1_000
  let tasks: { atMs: number; task: () => void }[] = []
  const clock: Clock = {
    now: () => nowMs,
    wallNow: () => nowMs,
    after(delayMs, task) {
      const entry = { atMs: nowMs + delayMs, task }
      tasks.push(entry)
      return () => {
        tasks = tasks.filter((other) => other !== entry)
      }
    },
  }
  const arrive = new Map<MediaStreamTrack, (isFrame: boolean) => void>()
  const arrivals: ArrivalFactory = (track, _clock, onMedia) => {
    let firstAtMs: number | null = null
    let lastAtMs: number | null = null
    let isStopped = false
    arrive.set(track.track, (isFrame) => {
      if (isStopped) return
      const isFirst = firstAtMs === null
      firstAtMs ??= nowMs
      lastAtMs = nowMs
      if (isFirst || isFrame) onMedia(nowMs, isFrame)
    })
    return {
      get firstAtMs() {
        return firstAtMs
      },
      get lastAtMs() {
        return lastAtMs
      },
      look: () => undefined,
      watch: () => undefined,
      unwatch: () => undefined,
      stop: () => {
        isStopped = true
      },
    }
  }
  const newStream = (): MediaStream => {
    // As in Chromium: a stream knows its tracks by id, and ignores a second one of the same id.
    const held = new Map<string, MediaStreamTrack>()
    const stream = {
      addTrack(track: MediaStreamTrack) {
        if (held.size > 0) crowded.push(track)
        if (!held.has(track.id)) held.set(track.id, track)
      },
      removeTrack: (track: MediaStreamTrack) => held.delete(track.id),
      getTracks: () => [...held.values()],
    }
    return stream as unknown as MediaStream
  }
  /** Tracks that came while another was in the stream. */
  const crowded: MediaStreamTrack[] = []
  const flips: FlipReport[] = []
  let changes = 0
  const onChange = (): void => {
    changes += 1
  }
  const lost = new Set<string>()
  const onFlip = (flip: FlipReport) => flips.push(flip)
  const isLostForGood = (id: string) => lost.has(id)
  const media = createRemoteMedia({ clock, onFlip, onChange, newStream, arrivals, isLostForGood })
  const remote = (peer: string, source: TrackSource, id = `${peer}-${source}`): RemoteTrack => {
    const kind = source === 'microphone' ? 'audio' : 'video'
    return { id, peer, source, track: { kind, id, muted: false, readyState: 'live' } as MediaStreamTrack }
  }
  return {
    media,
    flips,
    crowded,
    lost,
    remote,
    changes: () => changes,
    frame: (track: RemoteTrack) => arrive.get(track.track)?.(true),
    shown: (peer: string) => media.streamOf(peer).getTracks(),
    advance(ms: number) {
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += 1
        for (const entry of tasks.filter((one) => one.atMs <= nowMs)) {
          tasks = tasks.filter((other) => other !== entry)
          entry.task()
        }
      }
    },
    open: () => tasks.length,
  }
}
