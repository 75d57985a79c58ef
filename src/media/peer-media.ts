/**
 * The media of one participant: every track known of it, which one is shown per source, and the move from one
 * connection to another while it runs. All changes to the stable stream happen here.
 */
import type { Clock } from '../clock.js'
import type { RemoteTrack, TrackSource } from '../providers/provider.js'
import type { Arrival } from './arrival.js'
import { type FlipReport, gapOf, isMoveOver, type Move, shouldSwap } from './flip.js'

/** What all participants' media share. */
export interface Stage {
  readonly options: {
    readonly clock: Clock
    readonly onFlip: (report: FlipReport) => void
    readonly onChange: () => void
    /** Nothing will come from this connection any more. */
    readonly isLostForGood?: (connectionId: string) => boolean
  }
  /** Connection whose media is wanted. */
  readonly preferred: string | null
  /** The connection shown so far is failing. */
  readonly isUrgent: boolean
}

/** One track of one connection. */
export interface Entry {
  readonly connectionId: string
  readonly remote: RemoteTrack
  readonly arrival: Arrival
  readonly addedAtMs: number
  /** Set when it was taken away while shown: the last picture stays until a successor arrives. */
  goneAtMs: number | null
}

/** One participant. */
export interface PeerMedia {
  readonly name: string
  readonly stream: MediaStream
  readonly shown: Map<TrackSource, Entry>
  /** Published, but nothing comes: e.g. a microphone that the browser keeps suspended. */
  readonly silent: Set<string>
  /** All tracks, oldest first. */
  entries: Entry[]
  move: Move | null
}

/**
 * Remove before add, in one task: Firefox' element stays with the old picture for good when the new track came first,
 * and both orders are measured equal in Chromium. It also ignores a track whose id the stream already has, and servers
 * name tracks alike (Janus: by m-line).
 */
export function show(media: PeerMedia, entry: Entry): void {
  const old = media.shown.get(entry.remote.source)
  media.shown.set(entry.remote.source, entry)
  const { track } = entry.remote
  const outgoing = old && old.remote.track !== track ? old.remote.track : null
  if (outgoing) media.stream.removeTrack(outgoing)
  media.stream.addTrack(track)
}

/** Takes in that media of an entry arrived, and moves what may move. */
export function onMedia(stage: Stage, media: PeerMedia, entry: Entry, atMs: number, isFrame: boolean): void {
  const moved = media.move?.moved.get(entry.remote.source)
  const isShown = media.shown.get(entry.remote.source) === entry
  if (media.move && moved && isShown && moved.newFirstAtMs === null && atMs >= moved.swappedAtMs) {
    moved.newFirstAtMs = atMs
    media.move.open.delete(entry.remote.source)
    media.move.lastSwapAtMs ??= atMs
  }
  advance(stage, media, isShown && isFrame ? entry : null)
}

/** A move that begins now. */
export function newMove(from: string | null, to: string, startedAtMs: number): Move {
  return { from, to, startedAtMs, open: new Set(), moved: new Map(), lastSwapAtMs: null }
}

/** Notes in a move that a source has been swapped. */
export function noteSwap(move: Move, entry: Entry, old: Entry | null, nowMs: number): void {
  const { source, track } = entry.remote
  const kind = track.kind === 'video' ? 'video' : 'audio'
  const hasMedia = entry.arrival.firstAtMs !== null
  move.moved.set(source, {
    kind,
    oldLastAtMs: old?.arrival.lastAtMs ?? null,
    swappedAtMs: nowMs,
    // Sound needs no wait for a further packet: the buffer was already playing into nothing.
    newFirstAtMs: kind === 'audio' && hasMedia ? nowMs : null,
  })
  // A track that was put in ahead has moved when its first media is there.
  if (!hasMedia) return
  move.open.delete(source)
  move.lastSwapAtMs = nowMs
}

/** Newest track of this source on the preferred connection; else, if the shown one is gone, any that arrived. */
function wantedFor(stage: Stage, media: PeerMedia, source: TrackSource): Entry | null {
  const alive = media.entries.filter((entry) => entry.remote.source === source && entry.goneAtMs === null)
  const preferred = alive.filter((entry) => entry.connectionId === stage.preferred)
  if (preferred.length > 0) return preferred.at(-1) ?? null
  if (media.shown.get(source)?.goneAtMs == null) return null
  return alive.filter((entry) => entry.arrival.firstAtMs !== null).at(-1) ?? null
}

/** Moves what may move; `atFrameOf` is the shown entry whose frame is being delivered. */
export function advance(stage: Stage, media: PeerMedia, atFrameOf: Entry | null): void {
  const nowMs = stage.options.clock.now()
  let hasChanged = false
  for (const [source, shown] of [...media.shown]) {
    const wanted = wantedFor(stage, media, source)
    if (!wanted || wanted === shown) continue
    openMove(media, shown, wanted, nowMs)
    if (!stage.isUrgent) {
      shown.arrival.watch()
      wanted.arrival.watch()
    }
    // Asked only now: a look waits for the browser's network thread, and before there was nothing to move to.
    if (wanted.arrival.firstAtMs !== null && shown.arrival.firstAtMs !== null) shown.arrival.look()
    const isDue = shouldSwap({
      nowMs,
      kind: shown.remote.track.kind === 'video' ? 'video' : 'audio',
      // Over what is dead, the next track is put in ahead: browsers keep the last picture until its first frame.
      wantedFirstAtMs:
        wanted.arrival.firstAtMs ?? (stage.options.isLostForGood?.(shown.connectionId) ? 0 : null),
      shownLastAtMs: shown.arrival.lastAtMs,
      isShownGone: shown.goneAtMs !== null,
      isAtShownFrame: atFrameOf === shown,
      isUrgent: stage.isUrgent,
      wantedLastAtMs: wanted.arrival.lastAtMs,
    })
    if (!isDue) continue
    show(media, wanted)
    // Its next frame ends the gap.
    wanted.arrival.watch()
    if (media.move) noteSwap(media.move, wanted, shown, nowMs)
    if (shown.goneAtMs !== null) discard(media, shown)
    hasChanged = true
  }
  if (hasChanged) stage.options.onChange()
  settle(stage, media, nowMs)
}

function openMove(media: PeerMedia, shown: Entry, wanted: Entry, nowMs: number): void {
  const isOther = media.move !== null && media.move.to !== wanted.connectionId
  if (media.move === null || isOther) media.move = newMove(shown.connectionId, wanted.connectionId, nowMs)
  // What never sent anything has nothing to move.
  const hasMedia = shown.arrival.firstAtMs !== null || wanted.arrival.firstAtMs !== null
  if (hasMedia && !media.move.moved.has(wanted.remote.source)) media.move.open.add(wanted.remote.source)
}

function settle(stage: Stage, media: PeerMedia, nowMs: number): void {
  const move = media.move
  if (!move) {
    // A hot standby has shown that it works; following its frames further would only cost.
    for (const entry of media.entries) if (entry.arrival.firstAtMs !== null) entry.arrival.unwatch()
    return
  }
  if (!isMoveOver(move, nowMs)) return
  const hasMedia = [...media.shown.values()].some((entry) => entry.arrival.firstAtMs !== null)
  if (!hasMedia) return
  media.move = null
  for (const entry of media.entries) entry.arrival.unwatch()
  // A new track on the same connection (device change, refresh) is no flip.
  if (move.from === move.to) return
  stage.options.onFlip({ peer: media.name, from: move.from, to: move.to, gapMs: gapOf(move) })
}

/** A shown track stays as a last picture while its connection is not the preferred one or a successor waits. */
export function retireEntry(stage: Stage, media: PeerMedia, entry: Entry): void {
  const { clock, onChange } = stage.options
  if (media.shown.get(entry.remote.source) !== entry) {
    discard(media, entry)
    return
  }
  entry.goneAtMs ??= clock.now()
  const hasSuccessor = media.entries.some(
    (other) => other.goneAtMs === null && other.remote.source === entry.remote.source,
  )
  if (hasSuccessor || entry.connectionId !== stage.preferred) return
  discard(media, entry)
  onChange()
}

/** Forgets a track and takes it off the stream. */
export function discard(media: PeerMedia, entry: Entry): void {
  entry.arrival.stop()
  media.entries = media.entries.filter((other) => other !== entry)
  const { source, track } = entry.remote
  if (media.shown.get(source) === entry) media.shown.delete(source)
  else if ([...media.shown.values()].some((other) => other.remote.track.id === track.id)) return
  media.stream.removeTrack(track)
}

/** Whether arrivals must be looked for: a move is open, or a last picture waits for its successor. */
export function needsLook(stage: Stage, media: PeerMedia): boolean {
  if (media.move !== null || media.entries.some((entry) => entry.goneAtMs !== null)) return true
  return [...media.shown].some(([source, shown]) => (wantedFor(stage, media, source) ?? shown) !== shown)
}

/** What stands for a peer: its video, else its sound. */
export function mainEntry(media: PeerMedia | undefined): Entry | null {
  const shown = [...(media?.shown.values() ?? [])]
  return shown.find((entry) => entry.remote.track.kind === 'video') ?? shown[0] ?? null
}
