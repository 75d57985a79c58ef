/**
 * A provider without a network, for tests and in-page demos: participants of one page or process meet in a
 * {@link MemoryHub}. It behaves like a server-based provider with a socket, so that kill, hang and refusal
 * can be shown without one.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { attemptConnect } from './connect-attempt.js'
import { type ConnectionCore, connectionOf, createConnectionCore } from './connection-core.js'
import type { HubMember, MemoryHub } from './memory/hub.js'
import type { HubListener } from './memory/room.js'
import type { Capabilities, Connection, JoinRequest, LocalTrack, Provider } from './provider.js'

export { createMemoryHub, type MemoryHub, type MemoryHubOptions } from './memory/hub.js'

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** Where the participants meet; share one among them. */
  readonly hub: MemoryHub
  /** Default `memory`. */
  readonly id?: string
  /** Default 5 s. */
  readonly connectTimeoutMs?: number
  /** Default: the platform's clock. */
  readonly clock?: Clock
}

/** Long against any sane `delayMs`, short against a person's patience. */
const CONNECT_TIMEOUT_MS = 5_000

/** As large as a data channel message may be everywhere. */
const DATA_MAX_BYTES = 16_384

const CAPABILITIES: Capabilities = {
  media: 'sendrecv',
  identity: 'native',
  concurrent: true,
  stats: 'none',
  data: { maxBytes: DATA_MAX_BYTES, isBinary: true, isDirect: true },
  iceRestart: false,
  keyFrame: 'none',
  sendCap: 'none',
  resubscribe: true,
  server: true,
}

/**
 * Makes the adapter.
 *
 * @example
 * ```ts
 * const hub = createMemoryHub()
 * const east = memory({ id: 'east', hub })
 * hub.kill() // everybody's connection tells `socket-closed` and fails
 * ```
 */
export function memory(options: MemoryOptions): Provider {
  const clock = options.clock ?? systemClock()
  return {
    id: options.id ?? 'memory',
    kind: 'memory',
    capabilities: CAPABILITIES,
    connect: (join) =>
      attemptConnect({
        signal: join.signal,
        limitMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        clock,
        run: (scope) => enter(options.hub, clock, join, scope),
        discard: (late) => void late.leave(),
      }),
  }
}

async function enter(hub: MemoryHub, clock: Clock, join: JoinRequest, scope: AbortSignal): Promise<Connection> {
  await join.token()
  scope.throwIfAborted()
  let member: HubMember | null = null
  const core = createConnectionCore({ clock, release: () => member?.exit() })
  member = await hub.wire.enter(join.room, join.peer, listenerOf(core))
  const attached = member
  attached.publish(join.tracks)
  core.toState('connected')
  return connectionOf(core, {
    publish: async (tracks: readonly LocalTrack[]) => {
      if (!core.scope.aborted) attached.publish(tracks)
    },
    resubscribe: async (peer: string) => {
      if (!core.scope.aborted) attached.resubscribe(peer)
    },
    probe: (limitMs: number) => probe(hub, clock, core, limitMs),
    send: async (bytes: Uint8Array, to?: string) => {
      if (bytes.byteLength > DATA_MAX_BYTES)
        throw new HoldfastError('provider-unsupported', { details: { maxBytes: DATA_MAX_BYTES } })
      if (!core.scope.aborted) attached.send(bytes, to)
    },
  })
}

function listenerOf(core: ConnectionCore): HubListener {
  // One participant may be in the room twice for a moment; it is absent when its last member has gone.
  const keys = new Map<string, Set<string>>()
  return {
    onMember(key, peer, isPresent) {
      const present = keys.get(peer) ?? new Set()
      keys.set(peer, present)
      if (isPresent) present.add(key)
      else present.delete(key)
      core.setPeer(peer, present.size > 0, isPresent ? undefined : 'left')
    },
    onTrack: (publication) => core.addTrack(publication),
    onTrackEnded: (id) => core.endTrack(id),
    onData: (from, bytes) => core.deliver(from, bytes),
    onSocketClosed() {
      core.signal({ type: 'socket-closed' })
      core.toState('failed', { reason: 'server' })
    },
  }
}

async function probe(hub: MemoryHub, clock: Clock, core: ConnectionCore, limitMs: number): Promise<boolean> {
  const startedAtMs = clock.now()
  const hasAnswered =
    hub.state !== 'down' &&
    (await new Promise<boolean>((resolve) => {
      const cancel = clock.after(limitMs, () => resolve(false))
      void hub.wire.ping().then(() => {
        cancel()
        resolve(true)
      })
    }))
  core.signal(
    hasAnswered
      ? { type: 'probe-answered', rttMs: clock.now() - startedAtMs }
      : { type: 'probe-timeout', limitMs },
  )
  return hasAnswered
}
