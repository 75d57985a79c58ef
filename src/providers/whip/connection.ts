/**
 * One WHIP connection: publishes at once, subscribes to whoever the directory names, watches the server. The
 * three run side by side from the first moment, because joining is as fast as its slowest chain of waits.
 */
import type { Clock } from '../../clock.js'
import type { Announcements } from '../announcements.js'
import { type ConnectionCore, connectionOf, createConnectionCore } from '../connection-core.js'
import type { PeerConnectionFactory } from '../peer-connection.js'
import type { Connection, JoinRequest, LocalTrack, TrackSource } from '../provider.js'
import type { WhipContext } from './context.js'
import { readEntry } from './entry.js'
import type { FeedSource } from './feed.js'
import { createForesight, type Foresight } from './foresight.js'
import { type Liveness, watchLiveness } from './liveness.js'
import { type Publishing, startPublishing } from './publishing.js'
import { createSpares } from './receiving.js'
import { type Place, placeAt, type WhipSettings } from './settings.js'
import { openStash } from './stash.js'
import { createSubscriber, type Subscriber } from './subscriber.js'

/** What {@link startConnection} needs beside the join request. */
export interface ConnectionParts {
  readonly settings: WhipSettings
  /** Of this participant in this room. */
  readonly announcements: Announcements
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly openPeerConnection: PeerConnectionFactory
  readonly freshName: () => string
}

/** More participants than an SFU call can show: what a flooded directory can make us open at most. */
const PEERS_MAX = 64

/** Connects; rejects when publishing cannot be had or the scope aborts. */
export async function startConnection(
  parts: ConnectionParts,
  join: JoinRequest,
  scope: AbortSignal,
): Promise<Connection> {
  const closers: (() => Promise<void> | void)[] = []
  const core = createConnectionCore({
    clock: parts.clock,
    release: async () => {
      await Promise.all(closers.map((close) => close()))
    },
  })
  const giveUp = (): void => void core.leave()
  scope.addEventListener('abort', giveUp, { once: true })
  try {
    const context = contextOf(parts, join, core)
    const { announcements, freshName } = parts
    const stash = openStash(context)
    closers.push(stash.release)
    const publishing = startPublishing({ context, core, join, announcements, stash, freshName })
    closers.push(() => publishing.close())
    const spares = createSpares(context, stash)
    const foresight = createForesight({ context, spares, room: join.room, peer: join.peer })
    closers.push(foresight.close, spares.close)
    const roster = followDirectory({ context, spares, foresight }, core, join)
    closers.push(() => roster.close())
    const liveness = startLiveness(context, core, join, foresight)
    // Our own offer goes first: the server works on it meanwhile.
    void publishing.offered.then(() => spares.fill((join.expectedPeers?.() ?? 0) - core.peers.size))
    const connection = assemble(context, core, publishing, roster, liveness)
    join.onOpening?.(connection)
    await publishing.connected
    scope.throwIfAborted()
    core.toState('connected')
    stash.fillLater(() => core.peers.size)
    return connection
  } catch (error) {
    giveUp()
    throw error
  } finally {
    scope.removeEventListener('abort', giveUp)
  }
}

function contextOf(parts: ConnectionParts, join: JoinRequest, core: ConnectionCore): WhipContext {
  let token: Promise<string | undefined> | null = null
  const bearer = (isRenewal: boolean): Promise<string | undefined> => {
    if (isRenewal || !token) token = join.token()
    return token
  }
  const { settings, clock, openPeerConnection } = parts
  const seat = { fetch: parts.fetch, clock, bearer }
  return { settings, seat, clock, ice: join, openPeerConnection, scope: core.scope }
}

/** The subscriptions to everybody in the directory. */
interface Roster {
  readonly subscribers: readonly Subscriber[]
  resubscribe(peer: string): void
  close(): Promise<void>
}

function followDirectory(source: FeedSource, core: ConnectionCore, join: JoinRequest): Roster {
  const peers = new Map<string, Map<string, Subscriber>>()
  const subscribers = (): Subscriber[] => [...peers.values()].flatMap((own) => [...own.values()])

  const followPeer = (peer: string, value: unknown): void => {
    const entries = readEntry(value, source.context.settings)
    if (entries === null || (!peers.has(peer) && peers.size >= PEERS_MAX)) return
    const own = peers.get(peer) ?? new Map<string, Subscriber>()
    peers.set(peer, own)
    core.setPeer(peer, true)
    const names = new Set<string>()
    for (const entry of entries) {
      const name = `${peer}/${entry.sources.join('+')}`
      names.add(name)
      const subscriber = own.get(name) ?? createSubscriber(source, core, peer, name)
      own.set(name, subscriber)
      subscriber.update(entry)
    }
    for (const [name, subscriber] of own)
      if (!names.has(name)) {
        own.delete(name)
        void subscriber.close()
      }
  }

  const follow = (): void => {
    if (core.scope.aborted) return
    const entries = join.directory.entries()
    for (const [peer, own] of peers)
      if (!entries.has(peer)) {
        peers.delete(peer)
        core.setPeer(peer, false, 'left')
        for (const subscriber of own.values()) void subscriber.close()
      }
    for (const [peer, value] of entries) if (peer !== join.peer) followPeer(peer, value)
  }

  const unsubscribe = join.directory.subscribe(follow)
  follow()
  return {
    get subscribers() {
      return subscribers()
    },
    resubscribe(peer) {
      for (const subscriber of peers.get(peer)?.values() ?? []) subscriber.renew()
    },
    async close() {
      unsubscribe()
      await Promise.all(subscribers().map((subscriber) => subscriber.close()))
    },
  }
}

function startLiveness(
  context: WhipContext,
  core: ConnectionCore,
  join: JoinRequest,
  foresight: Foresight,
): Liveness {
  const { settings, seat, clock, scope } = context
  const place: Place = { room: join.room, peer: join.peer, stream: join.peer }
  return watchLiveness({
    seat,
    clock,
    scope,
    eventsUrl: settings.eventsUrl === null ? null : placeAt(settings.eventsUrl, place),
    health:
      settings.healthUrl === null
        ? { url: placeAt(settings.publishUrl, place), method: 'HEAD' }
        : { url: placeAt(settings.healthUrl, place), method: 'GET' },
    onSignal: (signal) => core.signal(signal),
    onEvent: foresight.hear,
  })
}

function assemble(
  context: WhipContext,
  core: ConnectionCore,
  publishing: Publishing,
  roster: Roster,
  liveness: Liveness,
): Connection {
  return connectionOf(core, {
    publish: (tracks: readonly LocalTrack[]) => publishing.publish(tracks),
    probe: (limitMs: number) => liveness.probe(limitMs),
    resubscribe: async (peer: string) => roster.resubscribe(peer),
    requestKeyFrame: (source: string) => publishing.requestKeyFrame(source),
    setSendCap: (source: TrackSource, maxBps: number | null) => publishing.setSendCap(source, maxBps),
    peerConnections: () =>
      core.scope.aborted
        ? []
        : [
            ...publishing.peerConnections,
            ...roster.subscribers.flatMap((subscriber) => subscriber.peerConnections),
          ],
    ...(context.settings.canRestartIce ? { restartIce: () => publishing.restartIce() } : {}),
  })
}
