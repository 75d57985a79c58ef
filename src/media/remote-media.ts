/**
 * Stable remote streams: the app binds `peer.stream` once; switches swap tracks inside it. Tracks of several
 * connections stand side by side; per source one is shown. After `prefer()` each source of each peer moves on
 * its own as soon as its media from the preferred connection has really arrived; the old track stays until
 * then, even when its connection is gone, so that people see the last picture and not a black tile.
 */
import type { Clock } from '../clock.js'
import type { RemoteTrack, TrackSource } from '../providers/provider.js'
import { type Arrival, type ArrivalFactory, watchArrival } from './arrival.js'
import { gapOf, isMoveOver, type Move, shouldSwap } from './flip.js'

/** How one participant's media moved over to another connection. */
export interface FlipReport {
  readonly peer: string
  readonly from: string | null
  readonly to: string
  /** Between the last media of the old and the first of the new connection; null when there was no old one. */
  readonly gapMs: number | null
}

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
  /** From now on media of this connection is wanted; each peer flips on its own when its media has arrived. */
  prefer(connectionId: string): void
  /** Drops all tracks of a connection that has been left. */
  dropConnection(connectionId: string): void
  /** Whether media of each named peer and source arrives from this connection (frames or packets seen). */
  isFlowing(connectionId: string, expected: ReadonlyMap<string, readonly string[]>): boolean
  /** Connection whose media is shown for this peer (its video, else its sound); null when nothing is. */
  connectionOf(peer: string): string | null
  /** When media of this peer last arrived from the connection that is shown; null when none ever did. */
  lastMediaAtMs(peer: string): number | null
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

interface Entry {
  readonly connectionId: string
  readonly remote: RemoteTrack
  readonly arrival: Arrival
  readonly addedAtMs: number
  /** Set when it was taken away while shown: the last picture stays until a successor arrives. */
  goneAtMs: number | null
}

interface PeerMedia {
  readonly name: string
  readonly stream: MediaStream
  readonly shown: Map<TrackSource, Entry>
  /** All tracks, oldest first. */
  entries: Entry[]
  move: Move | null
}

interface Hall {
  readonly options: RemoteMediaOptions
  readonly peers: Map<string, PeerMedia>
  preferred: string | null
  cancelLook: (() => void) | null
  isClosed: boolean
}

/** Makes the remote side of a call's media; nothing runs until the first track is told. */
export function createRemoteMedia(options: RemoteMediaOptions): RemoteMedia {
  const hall: Hall = { options, peers: new Map(), preferred: null, cancelLook: null, isClosed: false }
  const inspect = (): void => lookAtAll(hall)
  return {
    streamOf: (peer) => peerOf(hall, peer).stream,
    addTrack: (connectionId, track) => addTrack(hall, connectionId, track),
    removeTrack(connectionId, trackId) {
      retire(hall, (entry) => entry.connectionId === connectionId && entry.remote.id === trackId)
    },
    prefer(connectionId) {
      hall.preferred = connectionId
      inspect()
    },
    dropConnection: (connectionId) => retire(hall, (entry) => entry.connectionId === connectionId),
    isFlowing: (connectionId, expected) => isFlowing(hall, connectionId, expected),
    connectionOf: (peer) => mainEntry(hall.peers.get(peer))?.connectionId ?? null,
    lastMediaAtMs: (peer) => lastMediaAtMs(hall.peers.get(peer)),
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
  const stream = hall.options.newStream?.() ?? new MediaStream()
  const media: PeerMedia = { name, stream, shown: new Map(), entries: [], move: null }
  if (!hall.isClosed) hall.peers.set(name, media)
  return media
}

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
    media.move ??= newMove(null, connectionId, clock.now())
    noteSwap(media.move, entry, null, clock.now())
    onChange()
  }
  arrival.watch()
  lookAtAll(hall)
}

const isSlot =
  (connectionId: string, id: string) =>
  (entry: Entry): boolean =>
    entry.connectionId === connectionId && entry.remote.id === id

/** Add before remove: measured equal to the other order in Chromium, and the element never lacks a track. */
function show(media: PeerMedia, entry: Entry): void {
  const old = media.shown.get(entry.remote.source)
  media.shown.set(entry.remote.source, entry)
  media.stream.addTrack(entry.remote.track)
  if (old && old.remote.track !== entry.remote.track) media.stream.removeTrack(old.remote.track)
}

function onMedia(hall: Hall, media: PeerMedia, entry: Entry, atMs: number, isFrame: boolean): void {
  const moved = media.move?.moved.get(entry.remote.source)
  const isShown = media.shown.get(entry.remote.source) === entry
  if (moved && isShown && moved.newFirstAtMs === null && atMs >= moved.swappedAtMs) moved.newFirstAtMs = atMs
  advance(hall, media, isShown && isFrame ? entry : null)
}

function newMove(from: string | null, to: string, startedAtMs: number): Move {
  return { from, to, startedAtMs, open: new Set(), moved: new Map(), lastSwapAtMs: null }
}

function noteSwap(move: Move, entry: Entry, old: Entry | null, nowMs: number): void {
  const { source, track } = entry.remote
  const kind = track.kind === 'video' ? 'video' : 'audio'
  // Sound needs no wait for a further packet: the buffer was already playing into nothing.
  const newFirstAtMs = kind === 'audio' && entry.arrival.firstAtMs !== null ? nowMs : null
  move.open.delete(source)
  move.moved.set(source, {
    kind,
    oldLastAtMs: old?.arrival.lastAtMs ?? null,
    swappedAtMs: nowMs,
    newFirstAtMs,
  })
  move.lastSwapAtMs = nowMs
}

/** Newest track of this source on the preferred connection; else, if the shown one is gone, any that arrived. */
function wantedFor(hall: Hall, media: PeerMedia, source: TrackSource): Entry | null {
  const alive = media.entries.filter((entry) => entry.remote.source === source && entry.goneAtMs === null)
  const preferred = alive.filter((entry) => entry.connectionId === hall.preferred)
  if (preferred.length > 0) return preferred.at(-1) ?? null
  if (media.shown.get(source)?.goneAtMs == null) return null
  return alive.filter((entry) => entry.arrival.firstAtMs !== null).at(-1) ?? null
}

/** Moves what may move; `atFrameOf` is the shown entry whose frame is being delivered. */
function advance(hall: Hall, media: PeerMedia, atFrameOf: Entry | null): void {
  const nowMs = hall.options.clock.now()
  let hasChanged = false
  for (const [source, shown] of [...media.shown]) {
    const wanted = wantedFor(hall, media, source)
    if (!wanted || wanted === shown) continue
    openMove(media, shown, wanted, nowMs)
    shown.arrival.watch()
    wanted.arrival.watch()
    const isDue = shouldSwap({
      nowMs,
      kind: shown.remote.track.kind === 'video' ? 'video' : 'audio',
      wantedFirstAtMs: wanted.arrival.firstAtMs,
      shownLastAtMs: shown.arrival.lastAtMs,
      isShownGone: shown.goneAtMs !== null,
      isAtShownFrame: atFrameOf === shown,
    })
    if (!isDue) continue
    show(media, wanted)
    if (media.move) noteSwap(media.move, wanted, shown, nowMs)
    if (shown.goneAtMs !== null) discard(media, shown)
    hasChanged = true
  }
  if (hasChanged) hall.options.onChange()
  settle(hall, media, nowMs)
}

function openMove(media: PeerMedia, shown: Entry, wanted: Entry, nowMs: number): void {
  const isOther = media.move !== null && media.move.to !== wanted.connectionId
  if (media.move === null || isOther)
    media.move = newMove(shown.connectionId, wanted.connectionId, nowMs)
  if (!media.move.moved.has(wanted.remote.source)) media.move.open.add(wanted.remote.source)
}

function settle(hall: Hall, media: PeerMedia, nowMs: number): void {
  const move = media.move
  if (!move || !isMoveOver(move, nowMs)) return
  const hasMedia = [...media.shown.values()].some((entry) => entry.arrival.firstAtMs !== null)
  if (!hasMedia) return
  media.move = null
  for (const entry of media.entries) entry.arrival.unwatch()
  // A new track on the same connection (device change, refresh) is no flip.
  if (move.from === move.to) return
  hall.options.onFlip({ peer: media.name, from: move.from, to: move.to, gapMs: gapOf(move) })
}

function retire(hall: Hall, isMeant: (entry: Entry) => boolean): void {
  for (const media of hall.peers.values())
    for (const entry of media.entries.filter(isMeant)) retireEntry(hall, media, entry)
  lookAtAll(hall)
}

/** A shown track stays as a last picture while its connection is not the preferred one or a successor waits. */
function retireEntry(hall: Hall, media: PeerMedia, entry: Entry): void {
  const { clock, onChange } = hall.options
  if (media.shown.get(entry.remote.source) !== entry) return discard(media, entry)
  entry.goneAtMs ??= clock.now()
  const hasSuccessor = media.entries.some(
    (other) => other.goneAtMs === null && other.remote.source === entry.remote.source,
  )
  if (hasSuccessor || entry.connectionId !== hall.preferred) return
  discard(media, entry)
  onChange()
}

function discard(media: PeerMedia, entry: Entry): void {
  entry.arrival.stop()
  media.entries = media.entries.filter((other) => other !== entry)
  if (media.shown.get(entry.remote.source) === entry) {
    media.shown.delete(entry.remote.source)
    media.stream.removeTrack(entry.remote.track)
  } else if (![...media.shown.values()].some((other) => other.remote.track === entry.remote.track)) {
    media.stream.removeTrack(entry.remote.track)
  }
}

function lookAtAll(hall: Hall): void {
  if (hall.isClosed) return
  const nowMs = hall.options.clock.now()
  for (const media of hall.peers.values()) {
    const isMoving = needsLook(hall, media)
    for (const entry of media.entries)
      if (isMoving || entry.arrival.firstAtMs === null) entry.arrival.look()
    advance(hall, media, null)
    for (const entry of media.entries)
      if (entry.goneAtMs !== null && nowMs - entry.goneAtMs > GHOST_LIMIT_MS) {
        discard(media, entry)
        hall.options.onChange()
      }
  }
  scheduleLook(hall, nowMs)
}

function needsLook(hall: Hall, media: PeerMedia): boolean {
  if (media.move !== null || media.entries.some((entry) => entry.goneAtMs !== null)) return true
  return [...media.shown].some(([source, shown]) => (wantedFor(hall, media, source) ?? shown) !== shown)
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

function mainEntry(media: PeerMedia | undefined): Entry | null {
  const shown = [...(media?.shown.values() ?? [])]
  return shown.find((entry) => entry.remote.track.kind === 'video') ?? shown[0] ?? null
}

function lastMediaAtMs(media: PeerMedia | undefined): number | null {
  let lastMs: number | null = null
  for (const entry of media?.shown.values() ?? []) {
    entry.arrival.look()
    if (entry.arrival.lastAtMs !== null) lastMs = Math.max(lastMs ?? 0, entry.arrival.lastAtMs)
  }
  return lastMs
}

function isFlowing(
  hall: Hall,
  connectionId: string,
  expected: ReadonlyMap<string, readonly string[]>,
): boolean {
  const nowMs = hall.options.clock.now()
  const arrives = (peer: string, source: string): boolean =>
    (hall.peers.get(peer)?.entries ?? []).some((entry) => {
      if (entry.connectionId !== connectionId || entry.remote.source !== source) return false
      if (entry.goneAtMs !== null) return false
      entry.arrival.look()
      return entry.arrival.lastAtMs !== null && nowMs - entry.arrival.lastAtMs <= FLOW_STALE_MS
    })
  for (const [peer, sources] of expected) for (const source of sources) if (!arrives(peer, source)) return false
  return true
}
