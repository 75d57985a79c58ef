/**
 * Stable remote streams: the app binds `peer.stream` once; switches swap tracks inside it. Tracks of several
 * connections stand side by side; per source one is shown. After `prefer()` each source of each peer moves on
 * its own as soon as its media from the preferred connection has really arrived; the old track stays until
 * then, even when its connection is gone, so that people see the last picture and not a black tile.
 */
import type { Clock } from '../clock.js'
import type { RemoteTrack } from '../providers/provider.js'
import { type ArrivalFactory, watchArrival } from './arrival.js'
import type { FlipReport } from './flip.js'
import {
  advance,
  discard,
  type Entry,
  mainEntry,
  needsLook,
  newMove,
  noteSwap,
  onMedia,
  type PeerMedia,
  retireEntry,
  show,
} from './peer-media.js'

export type { FlipReport } from './flip.js'

/** The remote side of a call's media. `connectionId` is the pool's name for one connection attempt. */
export interface RemoteMedia {
  /**
   * The one stream of a participant; made at first mention and kept for the life of the call. Media that a
   * server mixed together (`peer` null) is in the stream of the peer named {@link MIXED_PEER}.
   */
  streamOf(peer: string): MediaStream
  /** Tells of a track; it is shown at once if nothing of that source is shown, else when `prefer` asks for it. */
  addTrack(connectionId: string, track: RemoteTrack): void
  removeTrack(connectionId: string, trackId: string): void
  /**
   * From now on media of this connection is wanted; each peer flips on its own when its media has arrived, at
   * once and not at the best moment while `isUrgent`.
   */
  prefer(connectionId: string, isUrgent?: boolean): void
  /** Drops all tracks of a connection that has been left. */
  dropConnection(connectionId: string): void
  /**
   * Whether media of each named peer and source arrives from this connection (frames or packets seen). A source
   * that sent nothing while others did is not waited for until it is heard.
   */
  isFlowing(connectionId: string, expected: ReadonlyMap<string, readonly string[]>): boolean
  /** Connection whose media is shown for this peer (its video, else its sound); null when nothing is. */
  connectionOf(peer: string): string | null
  /** Whether media of this kind (`audio`, `video`) of this peer ever arrived on a track that stands; undefined: of nobody. */
  hasCome(peer: string, kind: string): boolean | undefined
  /** Looks for arrivals at once; call it from the worker's ticks, because hidden tabs get few timers. */
  look(): void
  removePeer(peer: string): void
  close(): void
}

/** What {@link createRemoteMedia} needs. */
export interface RemoteMediaOptions {
  readonly clock: Clock
  /** Called once per peer and move, and once when a peer's first media has arrived. */
  readonly onFlip: (report: FlipReport) => void
  /** Called after the tracks of any stream changed. */
  readonly onChange: () => void
  /** Whether nothing will come from a connection any more: then the next picture need not be waited for. */
  readonly isLostForGood?: (connectionId: string) => boolean
  /** Seams for tests. */
  readonly newStream?: () => MediaStream
  readonly arrivals?: ArrivalFactory
}

/** Peer name of media that the provider mixes together. */
export const MIXED_PEER = ''

/** Arrivals are looked for this often while a flip is open: well below one frame at 30 fps. */
const LOOK_INTERVAL_MS = 20
/** After this long without an arrival a look every 250 ms is enough: the peer may be muted. */
const EAGER_LOOK_MS = 10_000
const LAZY_LOOK_INTERVAL_MS = 250
/** A flow that was silent for longer does not count; muted cameras still send a frame a second. */
const FLOW_STALE_MS = 3_000
/** A last picture without successor is taken away after this time: by then it misleads. */
const GHOST_LIMIT_MS = 10_000

interface Hall {
  readonly options: RemoteMediaOptions
  readonly peers: Map<string, PeerMedia>
  /** Also of those who left: a page that bound the stream of somebody who comes back sees them again. */
  readonly streams: Map<string, MediaStream>
  preferred: string | null
  isUrgent: boolean
  cancelLook: (() => void) | null
  isClosed: boolean
}

/** Makes the remote side of a call's media; nothing runs until the first track is told. */
export function createRemoteMedia(options: RemoteMediaOptions): RemoteMedia {
  const hall: Hall = {
    options,
    peers: new Map(),
    streams: new Map(),
    preferred: null,
    isUrgent: false,
    cancelLook: null,
    isClosed: false,
  }
  const inspect = (): void => lookAtAll(hall)
  return {
    streamOf: (peer) => peerOf(hall, peer).stream,
    addTrack: (connectionId, track) => addTrack(hall, connectionId, track),
    removeTrack(connectionId, trackId) {
      retire(hall, (entry) => entry.connectionId === connectionId && entry.remote.id === trackId)
    },
    prefer(connectionId, isUrgent = false) {
      hall.preferred = connectionId
      hall.isUrgent = isUrgent
      inspect()
    },
    dropConnection: (connectionId) => retire(hall, (entry) => entry.connectionId === connectionId),
    isFlowing: (connectionId, expected) => isFlowing(hall, connectionId, expected),
    connectionOf: (peer) => mainEntry(hall.peers.get(peer))?.connectionId ?? null,
    hasCome: (peer, kind) =>
      hall.peers
        .get(peer)
        ?.entries.some((entry) => entry.arrival.firstAtMs !== null && entry.remote.track.kind === kind),
    look: inspect,
    removePeer(peer) {
      const media = hall.peers.get(peer)
      if (!media) return
      for (const entry of media.entries) discard(media, entry)
      hall.peers.delete(peer)
      options.onChange()
    },
    close() {
      hall.isClosed = true
      hall.cancelLook?.()
      for (const media of hall.peers.values()) for (const entry of [...media.entries]) discard(media, entry)
      hall.peers.clear()
    },
  }
}

function peerOf(hall: Hall, name: string): PeerMedia {
  const known = hall.peers.get(name)
  if (known) return known
  const stream = hall.streams.get(name) ?? hall.options.newStream?.() ?? new MediaStream()
  hall.streams.set(name, stream)
  const media: PeerMedia = { name, stream, shown: new Map(), silent: new Set(), entries: [], move: null }
  if (!hall.isClosed) hall.peers.set(name, media)
  return media
}

const isSlot =
  (connectionId: string, id: string) =>
  (entry: Entry): boolean =>
    entry.connectionId === connectionId && entry.remote.id === id

function addTrack(hall: Hall, connectionId: string, remote: RemoteTrack): void {
  if (hall.isClosed) return
  const { clock, onChange, arrivals = watchArrival } = hall.options
  const media = peerOf(hall, remote.peer ?? MIXED_PEER)
  // The same id again is the same slot with a new track behind it.
  for (const entry of media.entries.filter(isSlot(connectionId, remote.id)))
    if (entry.remote.track === remote.track) return
    else retireEntry(hall, media, entry)
  const arrival = arrivals(remote, clock, (atMs, isFrame) => onMedia(hall, media, entry, atMs, isFrame))
  const entry: Entry = { connectionId, remote, arrival, addedAtMs: clock.now(), goneAtMs: null }
  media.entries.push(entry)
  if (!media.shown.has(remote.source)) {
    show(media, entry)
    // Only the first media of a peer is reported as a flip from nothing, not a screen shared later.
    if (media.shown.size === 1) media.move ??= newMove(null, connectionId, clock.now())
    if (media.move) noteSwap(media.move, entry, null, clock.now())
    onChange()
  }
  arrival.watch()
  lookAtAll(hall)
}

function retire(hall: Hall, isMeant: (entry: Entry) => boolean): void {
  for (const media of hall.peers.values())
    for (const entry of media.entries.filter(isMeant)) retireEntry(hall, media, entry)
  lookAtAll(hall)
}

function lookAtAll(hall: Hall): void {
  if (hall.isClosed) return
  const nowMs = hall.options.clock.now()
  for (const media of hall.peers.values()) {
    for (const entry of media.entries) if (entry.arrival.firstAtMs === null) entry.arrival.look()
    if (hall.isUrgent) lookAtWanted(hall, media)
    advance(hall, media, null)
    for (const entry of media.entries)
      if (entry.goneAtMs !== null && nowMs - entry.goneAtMs > GHOST_LIMIT_MS) {
        discard(media, entry)
        hall.options.onChange()
      }
  }
  scheduleLook(hall, nowMs)
}

/** A standby's frames are not followed while it waits: asked whether it is alive before it is shown. */
function lookAtWanted(hall: Hall, media: PeerMedia): void {
  for (const entry of media.entries)
    if (entry.connectionId === hall.preferred && media.shown.get(entry.remote.source) !== entry)
      entry.arrival.look()
}

function scheduleLook(hall: Hall, nowMs: number): void {
  hall.cancelLook?.()
  hall.cancelLook = null
  let delayMs: number | null = null
  for (const media of hall.peers.values())
    for (const entry of media.entries) {
      if (entry.arrival.firstAtMs !== null && !needsLook(hall, media)) continue
      const isEager = nowMs - Math.max(entry.addedAtMs, media.move?.startedAtMs ?? 0) < EAGER_LOOK_MS
      delayMs = Math.min(delayMs ?? LAZY_LOOK_INTERVAL_MS, isEager ? LOOK_INTERVAL_MS : LAZY_LOOK_INTERVAL_MS)
    }
  if (delayMs !== null) hall.cancelLook = hall.options.clock.after(delayMs, () => lookAtAll(hall))
}

function isFlowing(
  hall: Hall,
  connectionId: string,
  expected: ReadonlyMap<string, readonly string[]>,
): boolean {
  const nowMs = hall.options.clock.now()
  const isMeant = (entry: Entry): boolean => entry.connectionId === connectionId && entry.goneAtMs === null
  const all = [...hall.peers.values()].flatMap(({ entries }) => entries.filter(isMeant))
  const newestMs = Math.max(...all.map(({ arrival }) => arrival.lastAtMs ?? 0))
  const arrives = (media: PeerMedia | undefined, source: string): boolean => {
    const entry = media?.entries.findLast((one) => isMeant(one) && one.remote.source === source)
    if (media === undefined || entry === undefined) return false
    const { addedAtMs, arrival } = entry
    const isFresh = (): boolean => arrival.lastAtMs !== null && nowMs - arrival.lastAtMs <= FLOW_STALE_MS
    // A look asks the browser's network thread and waits for it: only when the answer could change.
    if (!isFresh()) arrival.look()
    if (isFresh()) media.silent.delete(source)
    // Judged by what else the connection brings: where nothing comes at all, nobody is silent.
    else if (newestMs - (arrival.lastAtMs ?? addedAtMs) > FLOW_STALE_MS) media.silent.add(source)
    return isFresh() || media.silent.has(source)
  }
  for (const [peer, sources] of expected)
    for (const source of sources) if (!arrives(hall.peers.get(peer), source)) return false
  return true
}
