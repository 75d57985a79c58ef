/**
 * A pretended media server inside one page or process: rooms, members, publications, small data messages.
 * It can die, hang, come back and refuse, so that everything above a provider can be tested without a
 * network. Tracks are handed across by copy (a clone where the track can be cloned), because a real remote
 * track is never the sender's own object.
 */
import { type Clock, systemClock } from '../../clock.js'
import { type ErrorCode, HoldfastError } from '../../errors.js'
import type { LocalTrack, TrackSource } from '../provider.js'

/** Options of {@link createMemoryHub}. */
export interface MemoryHubOptions {
  /** One way from a member to the hub and on, in ms. Default 0: the next turn. */
  readonly delayMs?: number
  /** Default: the platform's clock. */
  readonly clock?: Clock
}

/** The pretended server with its faults. */
export interface MemoryHub {
  /** Members now in any room. */
  readonly size: number
  readonly state: 'up' | 'hung' | 'down'
  /** Dies: every socket closes, media stops, new connects are refused until {@link MemoryHub.revive}. */
  kill(): void
  /** Starts again after a kill, empty. */
  revive(): void
  /** Stops answering: sockets stay open, media stops, connects and probes get no answer. */
  hang(): void
  /** Goes on after a hang; what was sent meanwhile arrives. */
  resume(): void
  /** The next connect is refused with this code. */
  failNextConnect(code: ErrorCode): void
  /** A member's page disappears without a goodbye. */
  crash(room: string, peer: string): void
  /** @internal */
  readonly wire: HubWire
}

/** What a member hears from the hub. @internal */
export interface HubListener {
  onMember(key: string, peer: string, isPresent: boolean): void
  onTrack(key: string, publication: Publication): void
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

/** The adapter's side of the hub. @internal */
export interface HubWire {
  enter(room: string, peer: string, listener: HubListener): Promise<HubMember>
  ping(): Promise<void>
}

/** One attachment to the hub. @internal */
export interface HubMember {
  readonly key: string
  publish(tracks: readonly LocalTrack[]): void
  send(bytes: Uint8Array, to: string | undefined): void
  exit(): void
}

interface Seat {
  readonly key: string
  readonly peer: string
  readonly listener: HubListener
  readonly published: Map<TrackSource, { readonly id: string; readonly track: MediaStreamTrack }>
  /** Copies this member received, by publication id. */
  readonly received: Map<string, MediaStreamTrack>
}

/** Makes a hub. */
export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const clock = options.clock ?? systemClock()
  const delayMs = options.delayMs ?? 0
  const rooms = new Map<string, Set<Seat>>()
  const held: (() => void)[] = []
  let state: MemoryHub['state'] = 'up'
  let refusal: ErrorCode | null = null
  let counter = 0

  const seats = (): Seat[] => [...rooms.values()].flatMap((room) => [...room])
  const setMediaFlowing = (isFlowing: boolean): void => {
    for (const seat of seats()) for (const copy of seat.received.values()) copy.enabled = isFlowing
  }
  // Everything travels through here: late by the delay, held while hung, lost when down.
  const travel = (task: () => void): void => {
    clock.after(delayMs, () => {
      if (state === 'hung') held.push(task)
      else if (state === 'up') task()
    })
  }
  const arrival = (): Promise<void> => new Promise((resolve) => travel(resolve))

  const show = (to: Seat, from: Seat, source: TrackSource, id: string, track: MediaStreamTrack): void => {
    const copy = copyOf(track)
    to.received.set(id, copy)
    to.listener.onTrack(from.key, { id, peer: from.peer, source, track: copy })
  }
  const hide = (to: Seat, id: string): void => {
    const copy = to.received.get(id)
    if (copy === undefined) return
    to.received.delete(id)
    copy.stop()
    to.listener.onTrackEnded(id)
  }
  const others = (room: Set<Seat>, seat: Seat): Seat[] => [...room].filter((other) => other !== seat)

  const publish = (room: Set<Seat>, seat: Seat, tracks: readonly LocalTrack[]): void => {
    if (!room.has(seat)) return
    const wanted = new Map(tracks.map(({ source, track }) => [source, track]))
    for (const [source, { id, track }] of seat.published) {
      if (wanted.get(source) === track) continue
      seat.published.delete(source)
      for (const other of others(room, seat)) hide(other, id)
    }
    for (const [source, track] of wanted) {
      if (seat.published.has(source)) continue
      counter += 1
      const id = `${seat.key}/${source}/${counter}`
      seat.published.set(source, { id, track })
      for (const other of others(room, seat)) show(other, seat, source, id, track)
    }
  }

  const remove = (room: Set<Seat>, seat: Seat): void => {
    if (!room.delete(seat)) return
    for (const copy of seat.received.values()) copy.stop()
    for (const other of room) {
      for (const { id } of seat.published.values()) hide(other, id)
      other.listener.onMember(seat.key, seat.peer, false)
    }
  }

  const enter = async (name: string, peer: string, listener: HubListener): Promise<HubMember> => {
    // A socket to a dead server is refused at once, not lost.
    if (state === 'down') throw new HoldfastError('provider-network')
    await arrival()
    const code = refusal
    refusal = null
    if (code !== null) throw new HoldfastError(code)
    const room = rooms.get(name) ?? new Set()
    rooms.set(name, room)
    counter += 1
    const seat: Seat = { key: `${peer}#${counter}`, peer, listener, published: new Map(), received: new Map() }
    for (const other of room) {
      other.listener.onMember(seat.key, peer, true)
      listener.onMember(other.key, other.peer, true)
      for (const [source, { id, track }] of other.published) show(seat, other, source, id, track)
    }
    room.add(seat)
    return {
      key: seat.key,
      publish: (tracks) => travel(() => publish(room, seat, tracks)),
      send: (bytes, to) =>
        travel(() => {
          for (const other of others(room, seat))
            if (to === undefined || other.peer === to) other.listener.onData(peer, bytes.slice())
        }),
      // Its own page frees it at once; the goodbye to the others travels.
      exit: () => travel(() => remove(room, seat)),
    }
  }

  return {
    get size() {
      return seats().length
    },
    get state() {
      return state
    },
    kill() {
      if (state === 'down') return
      setMediaFlowing(false)
      state = 'down'
      held.length = 0
      const dropped = seats()
      rooms.clear()
      for (const seat of dropped) seat.listener.onSocketClosed()
    },
    revive() {
      state = 'up'
    },
    hang() {
      if (state !== 'up') return
      setMediaFlowing(false)
      state = 'hung'
    },
    resume() {
      if (state !== 'hung') return
      state = 'up'
      setMediaFlowing(true)
      for (const task of held.splice(0)) task()
    },
    failNextConnect(code) {
      refusal = code
    },
    crash(name, peer) {
      const room = rooms.get(name)
      for (const seat of [...(room ?? [])]) if (room && seat.peer === peer) travel(() => remove(room, seat))
    },
    wire: { enter, ping: arrival },
  }
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
