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
  open(provider: Provider, isPublishing: boolean, paths?: RTCIceTransportPolicy): PoolEntry
  /** Publishes or silences; a muted track stays muted either way. */
  setPublishing(entry: PoolEntry, isPublishing: boolean): void
  /** The local tracks changed: every publishing connection follows. */
  republish(): void
  close(entry: PoolEntry): Promise<void>
  closeAll(): Promise<void>
}

/** What a pool is made with; `join` gives everything a provider needs except tracks and signal. */
export interface PoolOptions {
  readonly clock: Clock
  readonly join: (provider: Provider, entryId: string) => Omit<JoinRequest, 'tracks' | 'signal'>
  readonly tracks: () => readonly LocalTrack[]
  readonly callbacks: PoolCallbacks
  /** Default: the provider's own `connect()`. */
  readonly connect?: (provider: Provider, request: JoinRequest) => Promise<Connection>
}

/** An entry with what only the pool needs to know. */
interface Held extends PoolEntry {
  readonly controller: AbortController
  isBusyPublishing: boolean
  isPublicationStale: boolean
}

interface Pool {
  readonly options: PoolOptions
  readonly entries: Map<string, Held>
  opened: number
}

/** Makes an empty pool. */
export function createConnectionPool(options: PoolOptions): ConnectionPool {
  const pool: Pool = { options, entries: new Map(), opened: 0 }
  return {
    entries: () => [...pool.entries.values()],
    open: (provider, isPublishing, paths) => open(pool, provider, isPublishing, paths),
    setPublishing(entry, isPublishing) {
      if (entry.isPublishing === isPublishing) return
      entry.isPublishing = isPublishing
      const held = pool.entries.get(entry.id)
      if (held) void publish(pool, held)
    },
    republish() {
      for (const entry of pool.entries.values()) if (entry.isPublishing) void publish(pool, entry)
    },
    close: (entry) => close(pool, entry),
    async closeAll() {
      await Promise.all([...pool.entries.values()].map((entry) => close(pool, entry)))
    },
  }
}

function open(pool: Pool, provider: Provider, isPublishing: boolean, paths?: RTCIceTransportPolicy): PoolEntry {
  pool.opened += 1
  const entry: Held = {
    id: `${provider.id}-${pool.opened}`,
    provider,
    openedAtMs: pool.options.clock.now(),
    connection: null,
    state: 'connecting',
    isPublishing,
    error: null,
    controller: new AbortController(),
    isBusyPublishing: false,
    isPublicationStale: false,
  }
  pool.entries.set(entry.id, entry)
  void connect(pool, entry, paths)
  pool.options.callbacks.onChange(entry)
  return entry
}

async function connect(pool: Pool, entry: Held, iceTransportPolicy?: RTCIceTransportPolicy): Promise<void> {
  const { clock, callbacks, join } = pool.options
  const { controller, provider } = entry
  const cancelTimeout = clock.after(CONNECT_TIMEOUT_MS, () =>
    controller.abort(new HoldfastError('provider-timeout', { details: { provider: provider.id } })),
  )
  try {
    const tracks = wantedTracks(pool, entry)
    let opening: Connection | null = null
    const onOpening = (connection: Connection): void => {
      opening = connection
      if (!isClosed(pool, entry)) showTracks(pool, entry, connection)
    }
    const request = {
      ...join(provider, entry.id),
      ...{ tracks, signal: controller.signal, onOpening },
      ...(iceTransportPolicy && { iceTransportPolicy }),
    }
    const connection = await (pool.options.connect?.(provider, request) ?? provider.connect(request))
    if (isClosed(pool, entry)) return await connection.leave()
    entry.connection = connection
    listen(pool, entry, connection)
    entry.state = connection.status.state
    if (opening !== connection) showTracks(pool, entry, connection)
    callbacks.onChange(entry)
    if (!isSameList(tracks, wantedTracks(pool, entry))) await publish(pool, entry)
  } catch (cause) {
    fail(pool, entry, cause)
  } finally {
    cancelTimeout()
  }
}

function listen(pool: Pool, entry: Held, connection: Connection): void {
  const { callbacks } = pool.options
  connection.on('status', (status) => {
    if (isClosed(pool, entry)) return
    // A connection that the provider closed is as useless as a failed one; only close() makes it `closed`.
    entry.state = status.state === 'closed' ? 'failed' : status.state
    if (entry.state === 'failed')
      entry.error = toProviderError(status.cause ?? status.reason, entry.provider.id)
    callbacks.onChange(entry)
  })
  connection.on('signal', (signal) => callbacks.onSignal(entry, signal))
}

function showTracks(pool: Pool, entry: Held, connection: Connection): void {
  const { callbacks } = pool.options
  connection.on('track', (track) => {
    if (!isClosed(pool, entry)) callbacks.onTrack(entry, track)
  })
  connection.on('track-ended', ({ id }) => callbacks.onTrackEnded(entry, id))
  for (const track of connection.tracks.values()) callbacks.onTrack(entry, track)
}

/** Follows the wanted tracks until they stand; calls made meanwhile only mark the work as stale. */
async function publish(pool: Pool, entry: Held): Promise<void> {
  entry.isPublicationStale = true
  if (entry.isBusyPublishing || entry.connection === null) return
  entry.isBusyPublishing = true
  try {
    while (entry.isPublicationStale && !isClosed(pool, entry)) {
      entry.isPublicationStale = false
      await entry.connection.publish(wantedTracks(pool, entry))
    }
    pool.options.callbacks.onChange(entry)
  } catch (cause) {
    pool.options.callbacks.onWarning(toProviderError(cause, entry.provider.id))
    fail(pool, entry, cause)
  } finally {
    entry.isBusyPublishing = false
  }
}

async function close(pool: Pool, entry: PoolEntry): Promise<void> {
  const held = pool.entries.get(entry.id)
  if (held === undefined) return
  pool.entries.delete(entry.id)
  held.state = 'closed'
  held.controller.abort(new HoldfastError('closed'))
  pool.options.callbacks.onChange(held)
  try {
    await held.connection?.leave()
  } catch (cause) {
    pool.options.callbacks.onWarning(toProviderError(cause, held.provider.id))
  }
}

function fail(pool: Pool, entry: Held, cause: unknown): void {
  if (isClosed(pool, entry)) return
  entry.state = 'failed'
  entry.error = toProviderError(cause, entry.provider.id)
  pool.options.callbacks.onChange(entry)
}

function isClosed(pool: Pool, entry: Held): boolean {
  return !pool.entries.has(entry.id)
}

function wantedTracks(pool: Pool, entry: Held): readonly LocalTrack[] {
  return entry.isPublishing ? pool.options.tracks() : []
}

function isSameList(a: readonly LocalTrack[], b: readonly LocalTrack[]): boolean {
  return a.length === b.length && a.every((one, index) => one.track === b[index]?.track)
}

/** Whether a connection is being made beside another one: media is on its way there. */
export function isMovingOver(pool: ConnectionPool): boolean {
  const entries = pool.entries()
  return entries.length > 1 && entries.some(({ state }) => state === 'connecting')
}

function toProviderError(cause: unknown, provider: string): HoldfastError {
  if (isHoldfastError(cause)) return cause
  return new HoldfastError('provider-network', { cause, details: { provider } })
}
