/** Keeps a connection's tracks equal to what an adapter has: what went ends before what came is shown. */
import type { ConnectionCore } from './connection-core.js'
import type { RemoteTrack } from './provider.js'

/** Shows exactly these tracks, by id. */
export type TrackDisplay = (wanted: ReadonlyMap<string, RemoteTrack>) => void

/** Makes a display of its own set of tracks in the core. */
export function createTrackDisplay(core: ConnectionCore): TrackDisplay {
  const shown = new Map<string, RemoteTrack>()
  return (wanted) => {
    for (const [id, track] of shown)
      if (wanted.get(id)?.track !== track.track) {
        shown.delete(id)
        core.endTrack(id)
      }
    for (const [id, track] of wanted)
      if (!shown.has(id)) {
        shown.set(id, track)
        core.addTrack(track)
      }
  }
}
