/**
 * Gets a device again that went away: the very device that the app had handed in, or what the app itself gives. Not
 * while its source is muted (a camera light that comes on by itself is the worst kind of repair), not what the app
 * stopped, never a screen, and only where no prompt would come up.
 */
import type { LocalTrack, TrackSource } from '../providers/provider.js'
import { DONE, type Hand, refuse } from './hand.js'
import type { HandsWorld } from './world.js'

/** Devices that a page can ask for by itself. */
type Device = 'camera' | 'microphone'

/** How a device stands; see `Abilities.device`. */
export type DeviceState = 'fine' | 'lost' | 'muted' | 'needs-person'

/** Devices of a call. */
export interface Devices {
  stateOf(media: 'audio' | 'video' | null): DeviceState
  readonly reacquire: Hand
  /** Stops what was got here and nobody else holds. */
  close(): void
}

/** A device that was just plugged in is listed some moments before it can be opened. */
const SETTLE_MS = 300

/** Makes them; asks the browser what it permits, without a prompt. */
export function createDevices(world: HandsWorld): Devices {
  const permitted = watchPermissions()
  const stopWatching = watchPlugs(world.onPlugged)
  const own = new Set<MediaStreamTrack>()

  const lostOf = (media: 'audio' | 'video' | null): readonly LocalTrack[] =>
    world.local
      .tracks()
      .filter(({ track, source }) => isDevice(source) && (media === null || track.kind === media))
      .filter(({ track }) => track.readyState === 'ended')

  const stateOf = (media: 'audio' | 'video' | null): DeviceState => {
    const lost = lostOf(media)
    if (lost.length === 0) return 'fine'
    const open = lost.filter(({ source }) => !world.local.isMuted(source))
    if (open.length === 0) return 'muted'
    const canAsk = open.some(
      ({ track, source }) =>
        world.wasLost(track) && (world.reacquire !== null || permitted.has(source as Device)),
    )
    return canAsk ? 'lost' : 'needs-person'
  }

  const acquire = async (local: LocalTrack): Promise<MediaStreamTrack | null> => {
    const track = await (world.reacquire?.(local.source) ?? sameDevice(world, local.track))
    if (track !== null && world.reacquire === null) own.add(track)
    return track
  }

  return {
    stateOf,
    reacquire: {
      async act({ target: { media }, signal }) {
        const lost = lostOf(media).filter(
          ({ track, source }) => world.wasLost(track) && !world.local.isMuted(source),
        )
        if (lost.length === 0) return refuse('device-works')
        for (const local of lost) {
          const track = await acquire(local)
          if (track === null) return refuse('device-missing')
          // Muted or replaced by the app in the meantime, or nobody waits any more: it is not wanted.
          const isCurrent = world.local.tracks().some((one) => one.track === local.track)
          if (signal.aborted || !isCurrent || world.local.isMuted(local.source)) {
            if (own.delete(track)) track.stop()
            return refuse('no-longer-wanted')
          }
          world.local.replace(local.source, track)
          world.onReacquired(local.source, track)
        }
        return DONE
      },
    },
    close() {
      // These are ours: the app was told of them, and may have handed them to nobody else.
      for (const track of own) track.stop()
      permitted.stop()
      stopWatching()
    },
  }
}

function isDevice(source: TrackSource): source is Device {
  return source === 'camera' || source === 'microphone'
}

/** The device behind a track that ended, as soon as it is there; null where it is not found in time. */
async function sameDevice({ clock }: HandsWorld, ended: MediaStreamTrack): Promise<MediaStreamTrack | null> {
  const { mediaDevices } = navigator
  const { deviceId } = ended.getSettings()
  if (deviceId === undefined) return null
  const isThere = async (): Promise<boolean> =>
    (await mediaDevices.enumerateDevices()).some((device) => device.deviceId === deviceId)
  if (!(await isThere())) return null
  await new Promise<void>((resolve) => void clock.after(SETTLE_MS, resolve))
  const wish = { ...ended.getConstraints(), deviceId: { exact: deviceId } }
  const stream = await mediaDevices.getUserMedia(ended.kind === 'audio' ? { audio: wish } : { video: wish })
  return stream.getTracks()[0] ?? null
}

/** Calls back when a device is there that was not; one that goes fires the same event. */
function watchPlugs(onPlugged: () => void): () => void {
  const devices = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices
  if (devices?.addEventListener === undefined) return () => undefined
  let known: ReadonlySet<string> | null = null
  const look = async (): Promise<void> => {
    const before = known
    const there = await devices.enumerateDevices().catch(() => [])
    known = new Set(there.map(({ kind, deviceId }) => `${kind} ${deviceId}`))
    if (before !== null && [...known].some((one) => !before.has(one))) onPlugged()
  }
  const listener = (): void => void look()
  listener()
  devices.addEventListener('devicechange', listener)
  return () => devices.removeEventListener('devicechange', listener)
}

/** What may be opened without a prompt, kept up to date by the browser. */
function watchPermissions(): { has(device: Device): boolean; stop(): void } {
  const granted = new Set<Device>()
  const listening = new AbortController()
  for (const device of ['camera', 'microphone'] as const) {
    const query = typeof navigator === 'undefined' ? undefined : navigator.permissions?.query
    query
      ?.call(navigator.permissions, { name: device as PermissionName })
      .then((status) => {
        const note = (): void =>
          void (status.state === 'granted' ? granted.add(device) : granted.delete(device))
        note()
        status.addEventListener('change', note, { signal: listening.signal })
      })
      // A browser without this name cannot promise that no prompt comes up.
      .catch(() => undefined)
  }
  return { has: (device) => granted.has(device), stop: () => listening.abort() }
}
