/**
 * Peer connections that are described but not used, made in quiet times: when a provider has died, opening and
 * describing three of them takes a busy page 30 to 100 ms of the gap that people see. They gather no candidates and
 * touch no network before they are taken. All connections of a page share them: the next provider uses what was
 * made ready while the last one worked.
 */
import { addSilent, kindOf } from '../outgoing.js'
import { bundledConfiguration, type PeerConnectionFactory } from '../peer-connection.js'
import type { TrackSource } from '../provider.js'
import { openMedia, type WhipContext } from './context.js'

/** What everybody publishes: microphone and camera, in the order of their m-lines. */
export const DEVICES: readonly TrackSource[] = ['microphone', 'camera']

/** A peer connection with its offer; both m-lines are there. */
export interface Ready {
  readonly pc: RTCPeerConnection
  readonly description: Promise<RTCSessionDescriptionInit>
}

/** What lies ready, as one connection sees it. */
export interface Stash {
  /** Null when none is left. */
  take(role: 'send' | 'recv'): Ready | null
  /** Makes one to send and so many to receive, a while from now. */
  fillLater(receivers: () => number): void
  /** The last one out closes what is left. */
  release(): void
}

/** A call that has just begun has other things to do. */
const FILL_AFTER_MS = 1_500
/** What was taken is on its way into a call: made again at once, it would cost what it was made ready for. */
const REFILL_AFTER_MS = 3_000
/** One at a time, so that no frame is late for it. */
const FILL_STEP_MS = 150
/** More people than this are rare, and each costs memory. */
const RECEIVERS_MAX = 4

interface Shelf {
  readonly send: Ready[]
  readonly recv: Ready[]
  users: number
  takenAtMs: number
}

/** Module state on purpose: providers of one page know nothing of each other. */
const SHELVES = new WeakMap<PeerConnectionFactory, Map<string, Shelf>>()

/** Opens what lies ready for connections of this configuration. */
export function openStash(context: WhipContext): Stash {
  const { clock, scope, openPeerConnection, ice } = context
  const shelves = SHELVES.get(openPeerConnection) ?? new Map<string, Shelf>()
  SHELVES.set(openPeerConnection, shelves)
  const name = JSON.stringify(bundledConfiguration(ice))
  const shelf = shelves.get(name) ?? { send: [], recv: [], users: 0, takenAtMs: Number.NEGATIVE_INFINITY }
  shelves.set(name, shelf)
  shelf.users += 1
  const step = (receivers: () => number): void => {
    if (scope.aborted) return
    const isSendDue = shelf.send.length === 0
    if (!isSendDue && shelf.recv.length >= Math.min(receivers(), RECEIVERS_MAX)) return
    const busyMs = shelf.takenAtMs + REFILL_AFTER_MS - clock.now()
    if (busyMs > 0) return void clock.after(busyMs, () => step(receivers))
    if (isSendDue) shelf.send.push(makeReady(context, 'send'))
    else shelf.recv.push(makeReady(context, 'recv'))
    clock.after(FILL_STEP_MS, () => step(receivers))
  }
  return {
    take(role) {
      const ready = shelf[role].shift() ?? null
      if (ready !== null) shelf.takenAtMs = clock.now()
      return ready
    },
    fillLater: (receivers) => void clock.after(FILL_AFTER_MS, () => step(receivers)),
    release() {
      shelf.users -= 1
      if (shelf.users > 0) return
      shelves.delete(name)
      for (const { pc } of [...shelf.send.splice(0), ...shelf.recv.splice(0)]) pc.close()
    },
  }
}

function makeReady(context: WhipContext, role: 'send' | 'recv'): Ready {
  const pc = openMedia(context)
  if (role === 'send') addSilent(pc, DEVICES)
  else for (const source of DEVICES) pc.addTransceiver(kindOf(source), { direction: 'recvonly' })
  const description = pc.createOffer()
  description.catch(reportedByTaker)
  return { pc, description }
}

function reportedByTaker(): void {
  // Whoever takes it awaits its description; one that nobody takes is only closed.
}
