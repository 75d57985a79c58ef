/**
 * The pool of live and dying attachments to providers. It opens, publishes, silences and closes; it decides
 * nothing: `connection-plan.ts` says what should be there. Several connections may exist side by side, also
 * two to one provider while a repair runs beside the broken one.
 */
import type { Clock } from '../clock.js'
import { HoldfastError, isHoldfastError } from '../errors.js'
import type { ProviderSignal } from '../health/verdict.js'
import type {
  Connection,
  ConnectionState,
  Directory,
  JoinRequest,
  LocalTrack,
  Provider,
  RemoteTrack,
} from '../providers/provider.js'

/** Longer than every healthy connect that was measured (at most 1.6 s), short enough to try the next one. */
const CONNECT_TIMEOUT_MS = 8000

/** One attachment, or the attempt at one. */
export interface PoolEntry {
  readonly id: string
  readonly provider: Provider
  readonly openedAtMs: number
  connection: Connection | null
  state: ConnectionState
  /** Whether our tracks are (to be) published on it. */
  isPublishing: boolean
  /** Why it failed, once it did. */
  error: HoldfastError | null
}

/** What happens in the pool; every callback may be followed by a new plan. */
export interface PoolCallbacks {
  onChange(entry: PoolEntry): void
  onTrack(entry: PoolEntry, track: RemoteTrack): void
  onTrackEnded(entry: PoolEntry, trackId: string): void
  onSignal(entry: PoolEntry, signal: ProviderSignal): void
  onWarning(error: HoldfastError): void
}

/** The pool. */
export interface ConnectionPool {
  entries(): readonly PoolEntry[]
  open(provider: Provider, isPublishing: boolean): PoolEntry
  /** Publishes or silences; a muted track stays muted either way. */
  setPublishing(entry: PoolEntry, isPublishing: boolean): void
  /** The local tracks changed: every publishing connection follows. */
  republish(): void
  close(entry: PoolEntry): Promise<void>
  closeAll(): Promise<void>
}

/** Makes an empty pool; `join` gives everything a provider needs except tracks and signal. */
export function createConnectionPool(options: {
  readonly clock: Clock
  readonly join: (
    provider: Provider,
    entryId: string,
  ) => Omit<JoinRequest, 'tracks' | 'signal' | 'directory'> & { readonly directory: Directory }
  readonly tracks: () => readonly LocalTrack[]
  readonly callbacks: PoolCallbacks
}): ConnectionPool {
  const { clock, callbacks } = options
  const entries = new Map<string, PoolEntry>()
  const controllers = new Map<string, AbortController>()
  const publishing = new Map<string, { isRunning: boolean; isStale: boolean }>()
  let opened = 0

  const wantedTracks = (entry: PoolEntry): readonly LocalTrack[] => (entry.isPublishing ? options.tracks() : [])

  const fail = (entry: PoolEntry, cause: unknown): void => {
    if (entry.state === 'closed' || !entries.has(entry.id)) return
    entry.state = 'failed'
    entry.error = toProviderError(cause, entry.provider.id)
    callbacks.onChange(entry)
  }

  const listen = (entry: PoolEntry, connection: Connection): void => {
    connection.on('status', (status) => {
      if (entry.state === 'closed') return
      entry.state = status.state
      if (status.state === 'failed' || status.state === 'closed')
        entry.error = toProviderError(status.cause ?? status.reason, entry.provider.id)
      // A connection that the provider closed is as useless as a failed one; only close() makes it `closed`.
      if (status.state === 'closed') entry.state = 'failed'
      callbacks.onChange(entry)
    })
    connection.on('track', (track) => callbacks.onTrack(entry, track))
    connection.on('track-ended', ({ id }) => callbacks.onTrackEnded(entry, id))
    connection.on('signal', (signal) => callbacks.onSignal(entry, signal))
  }

  const publish = async (entry: PoolEntry): Promise<void> => {
    const progress = publishing.get(entry.id) ?? { isRunning: false, isStale: false }
    publishing.set(entry.id, progress)
    progress.isStale = true
    if (progress.isRunning || entry.connection === null) return
    progress.isRunning = true
    try {
      while (progress.isStale && entry.connection !== null && entry.state !== 'closed') {
        progress.isStale = false
        await entry.connection.publish(wantedTracks(entry))
      }
    } catch (cause) {
      if (entry.state === 'connected') callbacks.onWarning(toProviderError(cause, entry.provider.id))
      fail(entry, cause)
    } finally {
      progress.isRunning = false
    }
  }

  const connect = async (entry: PoolEntry, controller: AbortController): Promise<void> => {
    const cancelTimeout = clock.after(CONNECT_TIMEOUT_MS, () =>
      controller.abort(new HoldfastError('provider-timeout', { details: { provider: entry.provider.id } })),
    )
    try {
      const tracks = wantedTracks(entry)
      const join = options.join(entry.provider, entry.id)
      const connection = await entry.provider.connect({ ...join, tracks, signal: controller.signal })
      if (entry.state === 'closed') {
        await connection.leave()
        return
      }
      entry.connection = connection
      listen(entry, connection)
      entry.state = connection.status.state
      for (const track of connection.tracks.values()) callbacks.onTrack(entry, track)
      callbacks.onChange(entry)
      if (!isSameList(tracks, wantedTracks(entry))) await publish(entry)
    } catch (cause) {
      fail(entry, cause)
    } finally {
      cancelTimeout()
    }
  }

  const close = async (entry: PoolEntry): Promise<void> => {
    if (!entries.delete(entry.id)) return
    entry.state = 'closed'
    controllers.get(entry.id)?.abort(new HoldfastError('closed'))
    controllers.delete(entry.id)
    publishing.delete(entry.id)
    callbacks.onChange(entry)
    try {
      await entry.connection?.leave()
    } catch (cause) {
      callbacks.onWarning(toProviderError(cause, entry.provider.id))
    }
  }

  return {
    entries: () => [...entries.values()],
    open(provider, isPublishing) {
      opened += 1
      const entry: PoolEntry = {
        id: `${provider.id}-${opened}`,
        provider,
        openedAtMs: clock.now(),
        connection: null,
        state: 'connecting',
        isPublishing,
        error: null,
      }
      const controller = new AbortController()
      entries.set(entry.id, entry)
      controllers.set(entry.id, controller)
      void connect(entry, controller)
      callbacks.onChange(entry)
      return entry
    },
    setPublishing(entry, isPublishing) {
      if (entry.isPublishing === isPublishing) return
      entry.isPublishing = isPublishing
      void publish(entry)
    },
    republish() {
      for (const entry of entries.values()) if (entry.isPublishing) void publish(entry)
    },
    close,
    async closeAll() {
      await Promise.all([...entries.values()].map(close))
    },
  }
}

function isSameList(a: readonly LocalTrack[], b: readonly LocalTrack[]): boolean {
  return a.length === b.length && a.every((one, index) => one.track === b[index]?.track)
}

function toProviderError(cause: unknown, provider: string): HoldfastError {
  if (isHoldfastError(cause)) return cause
  return new HoldfastError('provider-network', { cause, details: { provider } })
}
