/**
 * Our own tracks by source. They belong to the app: nothing here stops one, and only an explicit unmute ever
 * sets `enabled` back to true. Muting is remembered per source, not per track, so it survives a device
 * change, a new connection and a repair.
 */
import { HoldfastError } from '../errors.js'
import type { LocalTrack, TrackSource } from '../providers/provider.js'

/** What {@link createLocalMedia} calls back. */
export interface LocalMediaOptions {
  /** A device went away or the person stopped sharing; the track stays until the app replaces it. */
  readonly onEnded: (source: TrackSource) => void
  /** After tracks or mutes changed. */
  readonly onChange: () => void
}

/** The local side of a call's media. What no track can be is refused with `invalid-options` before anything changes. */
export interface LocalMedia {
  /** Holds exactly these tracks from now on; a MediaStream gives its camera and microphone. */
  publish(media: MediaStream | readonly LocalTrack[]): void
  /** What adapters publish; the same array while unchanged. */
  tracks(): readonly LocalTrack[]
  /** Swaps the device behind a source, or adds it; a muted source stays muted. */
  replace(source: TrackSource, track: MediaStreamTrack): void
  /** Mutes or unmutes; remembered for a source that has no track yet. */
  setMuted(source: TrackSource, isMuted: boolean): void
  isMuted(source: TrackSource): boolean
  /** Muted sources in a stable order. */
  muted(): readonly TrackSource[]
  /** Sources that are published, muted ones too, in a stable order. */
  publishing(): readonly TrackSource[]
  /** Lets go of the tracks without stopping them. */
  close(): void
}

/** The order in which sources are listed everywhere. */
const SOURCES: readonly TrackSource[] = ['camera', 'microphone', 'screen', 'screen-audio']

/** Makes the local side of a call's media. */
export function createLocalMedia(options: LocalMediaOptions): LocalMedia {
  const bySource = new Map<TrackSource, LocalTrack>()
  const mutedSources = new Set<TrackSource>()
  const listening = new Map<TrackSource, AbortController>()
  let list: readonly LocalTrack[] = []

  const hold = (local: LocalTrack): void => {
    const before = bySource.get(local.source)
    const isSame = before?.track === local.track
    bySource.set(local.source, local)
    // An app may mute by `enabled` itself: that counts, and a device change must not undo it.
    if (!local.track.enabled || before?.track.enabled === false) mutedSources.add(local.source)
    // Before anybody sees the track: a frame of a muted camera must never leave.
    if (mutedSources.has(local.source)) local.track.enabled = false
    if (isSame) return
    listening.get(local.source)?.abort()
    const controller = new AbortController()
    listening.set(local.source, controller)
    const onEnded = (): void => options.onEnded(local.source)
    local.track.addEventListener('ended', onEnded, { signal: controller.signal })
  }
  const release = (source: TrackSource): void => {
    listening.get(source)?.abort()
    listening.delete(source)
    bySource.delete(source)
  }
  const changed = (): void => {
    list = SOURCES.flatMap((source) => bySource.get(source) ?? [])
    options.onChange()
  }

  return {
    publish(media) {
      const next = localTracksOf(media)
      for (const source of [...bySource.keys()])
        if (!next.some((local) => local.source === source)) release(source)
      for (const local of next) hold(local)
      changed()
    },
    tracks: () => list,
    replace(source, track) {
      requireTrack(source, track)
      hold({ ...bySource.get(source), source, track })
      changed()
    },
    setMuted(source, isMuted) {
      requireSource(source)
      // What is missing must not count as "unmute".
      if (typeof isMuted !== 'boolean') throw refused('isMuted', 'must be true or false')
      if (isMuted) mutedSources.add(source)
      else mutedSources.delete(source)
      const local = bySource.get(source)
      if (local) local.track.enabled = !isMuted
      changed()
    },
    isMuted: (source) => mutedSources.has(source),
    muted: () => SOURCES.filter((source) => mutedSources.has(source)),
    publishing: () => list.map((local) => local.source),
    close() {
      for (const source of [...bySource.keys()]) release(source)
      list = []
    },
  }
}

/**
 * The tracks of what an app hands to `publish()`: of a MediaStream its first camera and microphone.
 *
 * @throws HoldfastError `invalid-options` for anything that is neither a stream nor a list of tracks.
 */
export function localTracksOf(media: MediaStream | readonly LocalTrack[]): readonly LocalTrack[] {
  if (!isStream(media)) {
    if (!Array.isArray(media)) throw refused('media', 'must be a MediaStream or a list of tracks')
    for (const local of media) requireTrack(local?.source, local?.track)
    return media
  }
  const [video] = media.getVideoTracks()
  const [audio] = media.getAudioTracks()
  const tracks: LocalTrack[] = []
  if (video) tracks.push({ track: video, source: 'camera' })
  if (audio) tracks.push({ track: audio, source: 'microphone' })
  return tracks
}

function isStream(media: MediaStream | readonly LocalTrack[]): media is MediaStream {
  return typeof (media as Partial<MediaStream> | null)?.getVideoTracks === 'function'
}

function requireTrack(source: TrackSource, track: MediaStreamTrack | null | undefined): void {
  requireSource(source)
  if (typeof track?.enabled !== 'boolean') throw refused('track', 'must be a MediaStreamTrack')
}

function requireSource(source: TrackSource): void {
  if (!SOURCES.includes(source)) throw refused('source', `must be one of ${SOURCES.join(', ')}`)
}

function refused(field: string, rule: string): HoldfastError {
  return new HoldfastError('invalid-options', { message: `"${field}" ${rule}.`, details: { field } })
}
