/**
 * Everything we publish: camera and microphone in one publication that exists from the first moment, with or
 * without tracks, and a shared screen in a second one that exists while there is a screen. Two, because WHIP
 * cannot renegotiate and RFC 9725 servers need not take more than one m-line of a kind.
 */
import { HoldfastError } from '../../errors.js'
import type { Announcements } from '../announcements.js'
import type { ConnectionCore } from '../connection-core.js'
import { followSending, iceSignal } from '../peer-connection.js'
import type { JoinRequest, LocalTrack, PeerConnectionEntry, TrackSource } from '../provider.js'
import type { WhipContext } from './context.js'
import { type PublicationEntry, writeEntry } from './entry.js'
import { openPublication, type Publication } from './publication.js'
import { placeAt } from './settings.js'
import { DEVICES, type Stash } from './stash.js'

/** Our publications over the life of a connection. */
export interface Publishing {
  /** The first publication has offered itself to the server. */
  readonly offered: Promise<void>
  /** Media can flow on the first publication. */
  readonly connected: Promise<void>
  readonly peerConnections: readonly PeerConnectionEntry[]
  publish(tracks: readonly LocalTrack[]): Promise<void>
  setSendCap(source: TrackSource, maxBps: number | null): Promise<void>
  requestKeyFrame(source: string): Promise<void>
  restartIce(): Promise<void>
  close(): Promise<void>
}

/** What {@link startPublishing} needs. */
export interface PublishingOptions {
  readonly context: WhipContext
  readonly core: ConnectionCore
  readonly join: JoinRequest
  readonly announcements: Announcements
  readonly stash: Stash
  /** A name for a publication that nobody used before. */
  readonly freshName: () => string
}

const SCREEN: readonly TrackSource[] = ['screen-audio', 'screen']

/** Starts with the tracks of the join request. */
export function startPublishing(options: PublishingOptions): Publishing {
  const { context, core, join, announcements } = options
  const caps = new Map<TrackSource, number>()
  const announce = (): void => {
    if (core.scope.aborted) return
    const told = all().filter(({ isAccepted }) => isAccepted !== null)
    const entry = writeEntry(
      told.map((one) => entryOf(options, one)),
      context.settings,
    )
    // Before the server has answered: it waits for who publishes, or others ask it again in a moment. Not beside
    // another connection of ours, whose media they would leave for one that may come to nothing.
    const isUnsure = told.some(({ isAccepted }) => !isAccepted)
    announcements.show(core, join.directory, entry, isUnsure)
  }
  const devices = openOne(options, caps, DEVICES, only(DEVICES, join.tracks), announce)
  const screen = createScreenShare((tracks) => openOne(options, caps, SCREEN, tracks, announce))
  const all = (): Publication[] => [devices, ...(screen.publication ? [screen.publication] : [])]

  const holderOf = (source: string): Publication =>
    all().find(({ outgoing }) => outgoing.sources.includes(source as TrackSource)) ?? devices

  const publish = async (tracks: readonly LocalTrack[]): Promise<void> => {
    if (core.scope.aborted) throw new HoldfastError('closed')
    try {
      await Promise.all([devices.outgoing.set(only(DEVICES, tracks)), screen.set(only(SCREEN, tracks))])
    } finally {
      announce()
    }
  }
  let queue: Promise<void> = Promise.resolve()
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = queue.then(task)
    queue = done.catch(reportedByCaller)
    return done
  }
  if (only(SCREEN, join.tracks).length > 0)
    void enqueue(() => devices.connected.then(() => publish(join.tracks))).catch(reportedByCaller)

  return {
    offered: devices.offered,
    connected: devices.connected,
    get peerConnections() {
      return all().map(({ stream, pc }) => ({ id: `send/${stream}`, pc, role: 'send' as const, peer: null }))
    },
    publish: (tracks) => enqueue(() => publish(tracks)),
    async setSendCap(source, maxBps) {
      if (maxBps === null) caps.delete(source)
      else caps.set(source, maxBps)
      await Promise.all(all().map(({ outgoing }) => outgoing.refreshCaps()))
    },
    requestKeyFrame: (source) => holderOf(source).outgoing.requestKeyFrame(source),
    async restartIce() {
      await Promise.all(all().map((publication) => publication.restartIce()))
    },
    async close() {
      announcements.withdraw(core)
      await Promise.all(all().map((publication) => publication.close()))
    },
  }
}

/** The second publication: there while there is something to share. */
function createScreenShare(open: (tracks: readonly LocalTrack[]) => Publication): {
  readonly publication: Publication | null
  set(tracks: readonly LocalTrack[]): Promise<void>
} {
  let publication: Publication | null = null
  return {
    get publication() {
      return publication
    },
    async set(tracks) {
      if (tracks.length === 0) {
        const old = publication
        publication = null
        await old?.close()
        return
      }
      if (publication) return publication.outgoing.set(tracks)
      publication = open(tracks)
      try {
        await publication.connected
      } catch (error) {
        void publication.close()
        publication = null
        throw error
      }
    },
  }
}

function only(sources: readonly TrackSource[], tracks: readonly LocalTrack[]): LocalTrack[] {
  return tracks.filter(({ source }) => sources.includes(source))
}

function reportedByCaller(): void {
  // The same promise was given to whoever asked; a screen that cannot be had at the start is asked for again
  // with the next `publish()`.
}

function openOne(
  { context, core, join, freshName, stash }: PublishingOptions,
  caps: ReadonlyMap<TrackSource, number>,
  sources: readonly TrackSource[],
  tracks: readonly LocalTrack[],
  onStage: () => void,
): Publication {
  const session = freshName()
  const stream = `${join.peer}.${session}`
  return openPublication(context, {
    url: placeAt(context.settings.publishUrl, { room: join.room, peer: join.peer, stream }),
    stream,
    session,
    sources,
    tracks,
    caps,
    ready: sources === DEVICES ? stash.take('send') : null,
    // The others may subscribe while our own ICE and DTLS are still under way.
    onStage,
    onState(state) {
      core.signal(iceSignal('send', state))
      if (sources === DEVICES) followSending(core, state)
    },
  })
}

function entryOf({ context, join }: PublishingOptions, publication: Publication): PublicationEntry {
  const { stream, session, outgoing } = publication
  const url = placeAt(context.settings.subscribeUrl, { room: join.room, peer: join.peer, stream })
  return { url, session, sources: outgoing.sources, active: outgoing.active }
}
