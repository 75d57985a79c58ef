/**
 * Who can be reached in the mesh: seats learned from the directory and from hellos, one link each. Messages of
 * other lives of a participant (an earlier page load) and to other seats of ours are ignored.
 */
import type { Clock } from '../../clock.js'
import type { Json } from '../../json.js'
import type { JoinRequest, TrackSource } from '../provider.js'
import { createRemoteSeat, type OpenLink, type RemoteSeat } from './remote-seat.js'
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
  readonly onState: (state: RTCPeerConnectionState) => void
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

/** Two connections side by side are a reconnect; a third may be on its way out. */
const SEATS_PER_PEER_MAX = 3

/** Makes the roster. */
export function createRoster(options: RosterOptions): Roster {
  const { join } = options
  const seats = new Map<string, RemoteSeat>()
  // A seat that said goodbye may still have messages on the way; they must not bring it back.
  const departed = new Set<string>()
  const undo: (() => void)[] = []

  const send = (to: string, message: { readonly [key: string]: Json }): void =>
    join.channel.send(to, { ...message, v: WIRE_VERSION, from: options.seat })

  const remove = (seat: RemoteSeat): void => {
    if (!seats.delete(seat.seat)) return
    seat.close()
    options.onGone(seat)
  }

  const listed = (peer: string): MeshEntry | null => parseEntry(join.directory.entries().get(peer) ?? null)

  const seatsOf = (peer: string): RemoteSeat[] => [...seats.values()].filter((seat) => seat.peer === peer)

  const open = (peer: string, id: string, session: string): RemoteSeat | null => {
    const known = seats.get(id)
    if (known) return known.peer === peer ? known : null
    if (id === options.seat || departed.has(id) || seats.size >= SEATS_MAX) return null
    for (const other of seatsOf(peer)) if (other.session !== session) remove(other)
    if (seatsOf(peer).length >= SEATS_PER_PEER_MAX) return null
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
        message.type === 'hello'
          ? send(peer, { ...message, to: id, session: join.session })
          : send(peer, { ...message, to: id }),
      onChange: () => {
        if (seats.has(id)) options.onChange(seat)
        if (!seat.isUp && listed(peer)?.session !== session) remove(seat)
      },
      onBytes: (bytes) => options.onBytes(peer, bytes),
      onState: options.onState,
    })
    seats.set(id, seat)
    return seat
  }

  const readDirectory = (): void => {
    for (const peer of join.directory.entries().keys()) {
      const entry = listed(peer)
      if (!entry || peer === join.peer || seats.has(entry.seat)) continue
      open(peer, entry.seat, entry.session)?.start()
    }
    // A living link is kept when only the notice board lost the entry; one that is down is given up.
    for (const seat of [...seats.values()])
      if (!seat.isUp && listed(seat.peer)?.session !== seat.session) remove(seat)
  }

  const onMessage = (peer: string, value: Json): void => {
    const message = parseMessage(value)
    if (!message || peer === join.peer || (message.to !== null && message.to !== options.seat)) return
    if (message.type === 'bye') {
      const seat = seats.get(message.from)
      if (seat?.peer === peer) remove(seat)
      departed.add(message.from)
    } else if (message.type === 'hello') onHello(peer, message)
    else if (seats.get(message.from)?.peer === peer) {
      if (message.type === 'lane') seats.get(message.from)?.onLane(message.attempt, message.n, message.body)
      else seats.get(message.from)?.onAck(message.attempt, message.n)
    }
  }

  const onHello = (peer: string, hello: Extract<MeshMessage, { type: 'hello' }>): void => {
    // Who is not listed yet, or with another session, is an earlier life or will say hello again.
    if (listed(peer)?.session !== hello.session) return
    open(peer, hello.from, hello.session)?.onHello(hello.dead)
  }

  return {
    seats: () => [...seats.values()],
    start() {
      undo.push(join.directory.subscribe(readDirectory), join.channel.subscribe(onMessage))
      readDirectory()
    },
    close() {
      for (const stop of undo.splice(0)) stop()
      join.channel.send(null, { v: WIRE_VERSION, type: 'bye', from: options.seat, to: null })
      for (const seat of seats.values()) seat.close()
      seats.clear()
    },
  }
}
