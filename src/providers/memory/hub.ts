/**
 * A pretended media server inside one page or process: rooms, members, publications, small data messages.
 * It can die, hang, come back and refuse, so that everything above a provider can be tested without a
 * network. What happens inside a room is in `room.ts`.
 */
import { type Clock, systemClock } from '../../clock.js'
import { type ErrorCode, HoldfastError } from '../../errors.js'
import type { LocalTrack } from '../provider.js'
import {
  type HubListener,
  type HubRoom,
  openSeat,
  publishIn,
  reshowIn,
  type Seat,
  seatIn,
  sendIn,
  setFlowing,
  unseatFrom,
} from './room.js'

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
  /** Dies: every socket closes, media stops, connects are refused until {@link MemoryHub.revive}. */
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

/** The adapter's side of the hub. @internal */
export interface HubWire {
  enter(room: string, peer: string, listener: HubListener): Promise<HubMember>
  ping(): Promise<void>
}

/** One attachment to the hub. @internal */
export interface HubMember {
  publish(tracks: readonly LocalTrack[]): void
  send(bytes: Uint8Array, to: string | undefined): void
  /** Receives another participant's tracks anew. */
  resubscribe(peer: string): void
  exit(): void
}

interface HubState {
  readonly clock: Clock
  readonly delayMs: number
  readonly rooms: Map<string, HubRoom>
  /** What arrived while hung. */
  readonly held: (() => void)[]
  state: MemoryHub['state']
  refusal: ErrorCode | null
}

/** Makes a hub. */
export function createMemoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const hub: HubState = {
    clock: options.clock ?? systemClock(),
    delayMs: options.delayMs ?? 0,
    rooms: new Map(),
    held: [],
    state: 'up',
    refusal: null,
  }
  return {
    get size() {
      return seatsOf(hub).length
    },
    get state() {
      return hub.state
    },
    kill() {
      if (hub.state === 'down') return
      hub.state = 'down'
      hub.held.length = 0
      const dropped = seatsOf(hub)
      hub.rooms.clear()
      setFlowing(dropped, false)
      for (const seat of dropped) seat.listener.onSocketClosed()
    },
    revive() {
      if (hub.state === 'down') hub.state = 'up'
    },
    hang() {
      if (hub.state !== 'up') return
      hub.state = 'hung'
      setFlowing(seatsOf(hub), false)
    },
    resume() {
      if (hub.state !== 'hung') return
      hub.state = 'up'
      setFlowing(seatsOf(hub), true)
      for (const task of hub.held.splice(0)) task()
    },
    failNextConnect(code) {
      hub.refusal = code
    },
    crash(name, peer) {
      const room = hub.rooms.get(name)
      for (const seat of room?.seats ?? [])
        if (room && seat.peer === peer) travel(hub, () => unseatFrom(room, seat))
    },
    wire: {
      enter: (name, peer, listener) => enter(hub, name, peer, listener),
      ping: () => arrival(hub),
    },
  }
}

async function enter(hub: HubState, name: string, peer: string, listener: HubListener): Promise<HubMember> {
  // A socket to a dead server is refused at once, not lost.
  if (hub.state === 'down') throw new HoldfastError('provider-network')
  await arrival(hub)
  const code = hub.refusal
  hub.refusal = null
  if (code !== null) throw new HoldfastError(code)
  const room = hub.rooms.get(name) ?? { seats: new Set(), counter: 0 }
  hub.rooms.set(name, room)
  const seat = openSeat(room, peer, listener)
  seatIn(room, seat)
  return {
    publish: (tracks) => travel(hub, () => publishIn(room, seat, tracks)),
    send: (bytes, to) => travel(hub, () => sendIn(room, seat, bytes, to)),
    resubscribe: (peer) => travel(hub, () => reshowIn(room, seat, peer)),
    exit() {
      // The own page forgets its copies at once; only the goodbye travels.
      for (const copy of seat.received.values()) copy.stop()
      travel(hub, () => unseatFrom(room, seat))
    },
  }
}

// Everything passes here: late by the delay, held while hung, lost when down.
function travel(hub: HubState, task: () => void): void {
  hub.clock.after(hub.delayMs, () => {
    if (hub.state === 'hung') hub.held.push(task)
    else if (hub.state === 'up') task()
  })
}

function arrival(hub: HubState): Promise<void> {
  return new Promise((resolve) => travel(hub, resolve))
}

function seatsOf(hub: HubState): Seat[] {
  return [...hub.rooms.values()].flatMap(({ seats }) => [...seats])
}
