/**
 * Who can be reached in the mesh: seats learned from the directory and from hellos, one link each. Messages of
 * other lives of a participant (an earlier page load) and to other seats of ours are ignored.
 */
import type { Clock } from '../../clock.js'
import type { Json } from '../../json.js'
import type { JoinRequest, TrackSource } from '../provider.js'
import type { OpenLink } from './attempt.js'
import { createRemoteSeat, type RemoteSeat } from './remote-seat.js'
import type { WantedTrack } from './slots.js'
import { type MeshEntry, type MeshMessage, parseEntry, parseMessage, WIRE_VERSION } from './wire.js'

/** Options of {@link createRoster}. */
export interface RosterOptions {
  readonly join: JoinRequest
  /** Random name of this connection. */
  readonly seat: string
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly openLink: OpenLink
  readonly wanted: () => ReadonlyMap<TrackSource, WantedTrack>
  /** A seat came up, went down, or shows something else. */
  readonly onChange: (seat: RemoteSeat) => void
  /** A participant's seat said goodbye or is no longer listed. */
  readonly onGone: (seat: RemoteSeat) => void
  readonly onBytes: (from: string, bytes: Uint8Array) => void
  readonly onState: (seat: string, state: RTCPeerConnectionState) => void
}

/** See the file's comment. */
export interface Roster {
  seats(): readonly RemoteSeat[]
  /** Starts listening and reaches for everybody listed. */
  start(): void
  /** Says goodbye and closes every link. */
  close(): void
}

/** A mesh of more is beyond any uplink; the limit only bounds what strangers can make us open. */
const SEATS_MAX = 32

/** Goodbyes are remembered for as long as their messages can be under way; more are strangers' noise. */
const DEPARTED_MAX = 256

/** Two connections side by side are a reconnect; a third may be on its way out. */
const SEATS_PER_PEER_MAX = 3

interface RosterState {
  readonly options: RosterOptions
  readonly seats: Map<string, RemoteSeat>
  /** Seats that said goodbye; messages of theirs still on the way must not bring them back. */
  readonly departed: Set<string>
}

/** Makes the roster. */
export function createRoster(options: RosterOptions): Roster {
  const { join } = options
  const state: RosterState = { options, seats: new Map(), departed: new Set() }
  const undo: (() => void)[] = []
  return {
    seats: () => [...state.seats.values()],
    start() {
      undo.push(
        join.directory.subscribe(() => readDirectory(state)),
        join.channel.subscribe((peer, value) => onMessage(state, peer, value)),
      )
      readDirectory(state)
    },
    close() {
      for (const stop of undo.splice(0)) stop()
      join.channel.send(null, { v: WIRE_VERSION, type: 'bye', from: options.seat, to: null })
      for (const seat of state.seats.values()) seat.close()
      state.seats.clear()
    },
  }
}

function readDirectory(state: RosterState): void {
  const { join } = state.options
  for (const peer of join.directory.entries().keys()) {
    const entry = listed(join, peer)
    if (!entry || peer === join.peer || state.seats.has(entry.seat)) continue
    open(state, peer, entry.seat, entry.session)?.start()
  }
  // A living link is kept when only the notice board lost the entry; one that is down is given up.
  for (const seat of [...state.seats.values()])
    if (!seat.isUp && listed(join, seat.peer)?.session !== seat.session) remove(state, seat)
}

function onMessage(state: RosterState, peer: string, value: Json): void {
  const { join, seat: own } = state.options
  const message = parseMessage(value)
  if (!message || peer === join.peer || (message.to !== null && message.to !== own)) return
  const known = state.seats.get(message.from)
  // A seat belongs to the participant who opened it; others cannot speak for it.
  const seat = known?.peer === peer ? known : null
  if (message.type === 'hello') onHello(state, peer, message)
  else if (message.type === 'lane') seat?.onLane(message.attempt, message.n, message.body)
  else if (message.type === 'ack') seat?.onAck(message.attempt, message.n)
  else if (seat) remove(state, seat)
  if (message.type === 'bye' && (seat || !known)) depart(state, message.from)
}

function onHello(state: RosterState, peer: string, hello: Extract<MeshMessage, { type: 'hello' }>): void {
  // Who is not listed yet, or with another session, is an earlier life or will say hello again.
  if (listed(state.options.join, peer)?.session !== hello.session) return
  open(state, peer, hello.from, hello.session)?.onHello(hello.dead)
}

function open(state: RosterState, peer: string, id: string, session: string): RemoteSeat | null {
  const { options, seats } = state
  const known = seats.get(id)
  if (known) return known.peer === peer ? known : null
  if (id === options.seat || state.departed.has(id) || seats.size >= SEATS_MAX) return null
  for (const other of seatsOf(state, peer)) if (other.session !== session) remove(state, other)
  if (seatsOf(state, peer).length >= SEATS_PER_PEER_MAX) return null
  const { join } = options
  const address = { v: WIRE_VERSION, from: options.seat, to: id }
  const seat = createRemoteSeat({
    peer,
    seat: id,
    session,
    isInitiator: `${join.peer}\n${options.seat}` < `${peer}\n${id}`,
    connectTimeoutMs: options.connectTimeoutMs,
    clock: options.clock,
    openLink: options.openLink,
    wanted: options.wanted,
    send: (message) =>
      join.channel.send(
        peer,
        message.type === 'hello'
          ? { ...address, ...message, session: join.session }
          : { ...address, ...message },
      ),
    onChange() {
      if (!seats.has(id)) return
      options.onChange(seat)
      if (!seat.isUp && listed(join, peer)?.session !== session) remove(state, seat)
    },
    onBytes: (bytes) => options.onBytes(peer, bytes),
    onState: (change) => options.onState(id, change),
  })
  seats.set(id, seat)
  return seat
}

function remove(state: RosterState, seat: RemoteSeat): void {
  if (!state.seats.delete(seat.seat)) return
  seat.close()
  state.options.onGone(seat)
}

function depart(state: RosterState, seat: string): void {
  state.departed.add(seat)
  const [oldest] = state.departed
  if (state.departed.size > DEPARTED_MAX && oldest !== undefined) state.departed.delete(oldest)
}

function seatsOf(state: RosterState, peer: string): RemoteSeat[] {
  return [...state.seats.values()].filter((seat) => seat.peer === peer)
}

function listed(join: JoinRequest, peer: string): MeshEntry | null {
  return parseEntry(join.directory.entries().get(peer) ?? null)
}
