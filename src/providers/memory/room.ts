/**
 * One room of the pretended server. Tracks are handed across by copy (a clone where the track can be cloned),
 * because a real remote track is never the sender's own object.
 */
import type { LocalTrack, TrackSource } from '../provider.js'

/** What a member hears from the hub. @internal */
export interface HubListener {
  onMember(key: string, peer: string, isPresent: boolean): void
  onTrack(publication: Publication): void
  onTrackEnded(id: string): void
  onData(from: string, bytes: Uint8Array): void
  onSocketClosed(): void
}

/** A track as one receiver sees it. @internal */
export interface Publication {
  readonly id: string
  readonly peer: string
  readonly source: TrackSource
  readonly track: MediaStreamTrack
}

/** One member of a room. @internal */
export interface Seat {
  readonly key: string
  readonly peer: string
  readonly listener: HubListener
  readonly published: Map<TrackSource, { readonly id: string; readonly track: MediaStreamTrack }>
  /** Copies this member received, by publication id. */
  readonly received: Map<string, MediaStreamTrack>
}

/** Members of one room, and a counter for ids. @internal */
export interface HubRoom {
  readonly seats: Set<Seat>
  counter: number
}

/** Makes a seat that is not in the room yet. @internal */
export function openSeat(room: HubRoom, peer: string, listener: HubListener): Seat {
  room.counter += 1
  return { key: `${peer}#${room.counter}`, peer, listener, published: new Map(), received: new Map() }
}

/** Takes a seat into the room: everybody hears of everybody. @internal */
export function seatIn(room: HubRoom, seat: Seat): void {
  for (const other of room.seats) {
    other.listener.onMember(seat.key, seat.peer, true)
    seat.listener.onMember(other.key, other.peer, true)
    for (const [source, { id, track }] of other.published) show(seat, other, source, id, track)
  }
  room.seats.add(seat)
}

/** Afterwards the seat publishes exactly these tracks. @internal */
export function publishIn(room: HubRoom, seat: Seat, tracks: readonly LocalTrack[]): void {
  if (!room.seats.has(seat)) return
  const wanted = new Map(tracks.map(({ source, track }) => [source, track]))
  for (const [source, { id, track }] of seat.published) {
    if (wanted.get(source) === track) continue
    seat.published.delete(source)
    for (const other of othersIn(room, seat)) hide(other, id)
  }
  for (const [source, track] of wanted) {
    if (seat.published.has(source)) continue
    room.counter += 1
    const id = `${seat.key}/${source}/${room.counter}`
    seat.published.set(source, { id, track })
    for (const other of othersIn(room, seat)) show(other, seat, source, id, track)
  }
}

/** Takes a participant's tracks away from a seat and shows them as other copies under other ids. @internal */
export function reshowIn(room: HubRoom, seat: Seat, peer: string): void {
  for (const other of othersIn(room, seat))
    for (const [source, { id, track }] of other.peer === peer ? other.published : []) {
      hide(seat, id)
      room.counter += 1
      show(seat, other, source, `${id}~${room.counter}`, track)
    }
}

/** Sends bytes to one participant or to all others. @internal */
export function sendIn(room: HubRoom, seat: Seat, bytes: Uint8Array, to: string | undefined): void {
  for (const other of othersIn(room, seat))
    if (to === undefined || other.peer === to) other.listener.onData(seat.peer, bytes.slice())
}

/** Takes a seat out of the room; the others see its tracks end and it go. @internal */
export function unseatFrom(room: HubRoom, seat: Seat): void {
  if (!room.seats.delete(seat)) return
  for (const copy of seat.received.values()) copy.stop()
  for (const other of room.seats) {
    for (const { id } of seat.published.values()) hide(other, id)
    other.listener.onMember(seat.key, seat.peer, false)
  }
}

/** Media of a hung or dead server stands still: the copies go dark and silent. @internal */
export function setFlowing(seats: readonly Seat[], isFlowing: boolean): void {
  for (const seat of seats) for (const copy of seat.received.values()) copy.enabled = isFlowing
}

function othersIn(room: HubRoom, seat: Seat): Seat[] {
  return [...room.seats].filter((other) => other !== seat)
}

function show(to: Seat, from: Seat, source: TrackSource, id: string, track: MediaStreamTrack): void {
  const copy = copyOf(track)
  to.received.set(id, copy)
  to.listener.onTrack({ id, peer: from.peer, source, track: copy })
}

function hide(to: Seat, publication: string): void {
  for (const [id, copy] of [...to.received]) {
    if (!isCopyOf(id, publication)) continue
    to.received.delete(id)
    copy.stop()
    to.listener.onTrackEnded(id)
  }
}

/** A copy that was received anew has the publication's id and a number. */
function isCopyOf(id: string, publication: string): boolean {
  return id === publication || id.startsWith(`${publication}~`)
}

// Fake tracks in Node may be plain objects; those that cannot be cloned get a twin with its own life.
function copyOf(track: MediaStreamTrack): MediaStreamTrack {
  if (typeof track.clone === 'function') return track.clone()
  const twin = { ...(track as MediaStreamTrack), enabled: true, readyState: 'live' as MediaStreamTrackState }
  return Object.assign(twin, {
    stop: () => {
      twin.readyState = 'ended'
    },
  })
}
