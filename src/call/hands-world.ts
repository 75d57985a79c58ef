/** What the hands of recovery get of a running call, and no more: see `repair/world.ts`. */
import { isHoldfastError } from '../errors.js'
import type { TrackSource } from '../providers/provider.js'
import type { HandsWorld, LiveConnection } from '../repair/world.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { replaceConnection } from './replacement.js'
import type { Switching } from './switching.js'

/** What {@link createHandsWorld} needs beside the core. */
export interface HandsWorldOptions {
  readonly switching: Pick<Switching, 'request'>
  /** The repair loop has the own path in hand. */
  isPathRepairing(): boolean
  isOver(incidentId: string): boolean
  /** A device was plugged in. */
  onPlugged(): void
  /** The app's own way to a device; null: the browser's. */
  readonly reacquire: ((source: TrackSource) => Promise<MediaStreamTrack | null>) | null
}

/** Asks between pages travel on a topic that no provider id can be. */
const ASK_TOPIC = '$hands'
const REASON = 'what was tried for one participant did not help'

/** Makes it; `close()` takes its listeners off. */
export function createHandsWorld(core: CallCore, options: HandsWorldOptions): HandsWorld & { close(): void } {
  const relayed = new Set<string>()
  const lost = watchLoss(core)
  const { clock, document, local, events } = core
  return {
    clock,
    connections: () => connectionsOf(core, relayed),
    expected: () => core.reading?.expected ?? new Map(),
    local,
    wasLost: (track) => lost.tracks.has(track),
    hasRelay: core.options.iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url))),
    hasLinks: () => document.links.length > 0,
    isOver: options.isOver,
    isOnline: () => core.network.isOnline,
    async replaceConnection(id, isRelayOnly, signal) {
      const old = core.pool.entries().find((entry) => entry.id === id)
      if (old === undefined) throw new TypeError('no such connection')
      const isGivenUp = (): boolean => signal.aborted || options.isPathRepairing()
      const fresh = await replaceConnection(core, old, isRelayOnly, isGivenUp)
      if (isRelayOnly) relayed.add(fresh.id)
      return fresh.id
    },
    async switchProvider() {
      const next = core.reading?.next ?? null
      if (next !== null) await options.switching.request(next, REASON)
    },
    async renewToken(provider) {
      return (await core.options.token(provider)) !== undefined
    },
    rebuildLinks() {
      document.checkLinks()
      document.resync()
    },
    askUser: (request) => events.emit('user-action-needed', request),
    onQuality: (step) => events.emit('quality-changed', { step }),
    reacquire: options.reacquire,
    onReacquired: (source, track) => events.emit('device-reacquired', { source, track }),
    onPlugged: options.onPlugged,
    asks: document.channel(ASK_TOPIC),
    close: lost.stop,
  }
}

/** The one that carries the call first, then the others that are up. */
function connectionsOf(core: CallCore, relayed: ReadonlySet<string>): readonly LiveConnection[] {
  const current = core.reading?.current?.id
  return core.pool
    .entries()
    .flatMap((entry) => liveOf(entry, relayed))
    .sort((one, other) => Number(other.id === current) - Number(one.id === current))
}

function liveOf(
  { id, provider, connection }: PoolEntry,
  relayed: ReadonlySet<string>,
): readonly LiveConnection[] {
  if (connection === null) return []
  const { capabilities } = provider
  return [{ id, provider: provider.id, capabilities, connection, isRelayOnly: relayed.has(id) }]
}

/** Tracks that the browser ended; what the app stops itself fires nothing. */
function watchLoss({ events, local }: CallCore): { readonly tracks: WeakSet<MediaStreamTrack>; stop(): void } {
  const tracks = new WeakSet<MediaStreamTrack>()
  const stop = events.on('warning', (error) => {
    if (!isHoldfastError(error, 'media-ended')) return
    for (const { source, track } of local.tracks()) if (source === error.details.source) tracks.add(track)
  })
  return { tracks, stop }
}
