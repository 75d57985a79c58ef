/** Tracks as plain objects, for tests in Node: only what adapters may touch. */
import type { LocalTrack, TrackSource } from '../../src/providers/provider.js'

/** Makes one; `stop()` ends it, nothing else does. */
export function fakeTrack(source: TrackSource): LocalTrack {
  const track = {
    id: crypto.randomUUID(),
    kind: source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video',
    enabled: true,
    muted: false,
    readyState: 'live' as MediaStreamTrackState,
    getConstraints: () => ({}),
    stop() {
      track.readyState = 'ended'
    },
  }
  return { track: track as unknown as MediaStreamTrack, source }
}
