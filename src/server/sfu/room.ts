/** The seats and the event readers of one room. A room exists while anything is in it. */
import type { WeriftModule } from '../dependencies.js'
import { Refusal } from '../http.js'
import { SFU_LIMITS } from '../limits.js'
import { createEventStreams, type EventStreams, type Published } from './events.js'
import type { Publisher } from './publisher.js'
import { createSeat, type Seat } from './seat.js'
import type { Subscriber } from './subscriber.js'

/** A room. */
export interface Room {
  readonly events: EventStreams
  readonly publishers: readonly Published[]
  readonly connections: readonly (Publisher | Subscriber)[]
  publish(peer: string, offer: string): Promise<Publisher>
  /** Waits up to `waitMs` for somebody who does not publish yet, longer while their offer is answered, then refuses: 404. */
  subscribe(peer: string, offer: string, waitMs: number): Promise<Subscriber>
  /** Ends a session; false when there is none of this id. */
  end(peer: string, session: string): boolean
  close(): void
}

/** Makes an empty room; `onEmpty` runs when everything has left it. */
export function createRoom(werift: WeriftModule, onEmpty: () => void): Room {
  const seats = new Map<string, Seat>()
  const arrivals = new Set<() => void>()
  const tidy = (): void => {
    for (const [peer, seat] of seats) if (seat.isEmpty) seats.delete(peer)
    if (seats.size === 0 && events.size === 0 && arrivals.size === 0) onEmpty()
  }
  const lookForArrivals = (): void => {
    for (const arrived of [...arrivals]) arrived()
  }
  const events = createEventStreams(tidy)
  const seatOf = (peer: string): Seat => {
    const seat =
      seats.get(peer) ??
      createSeat(werift, peer, {
        onPublished: (who, session) => {
          events.tell('published', { peer: who, session })
          lookForArrivals()
        },
        onUnpublished: (who, session) => events.tell('unpublished', { peer: who, session }),
        onLeft: tidy,
      })
    seats.set(peer, seat)
    return seat
  }
  const publishing = (): readonly Seat[] => [...seats.values()].filter((seat) => seat.publisher)
  return {
    events,
    get publishers() {
      return publishing().map((seat) => ({ peer: seat.peer, session: seat.publisher?.id ?? '' }))
    },
    get connections() {
      return [...seats.values()].flatMap((seat) => seat.connections)
    },
    async publish(peer, offer) {
      if (!seats.get(peer)?.publisher && publishing().length >= SFU_LIMITS.publishersPerRoomMax)
        throw new Refusal(503, 'This room is full.', { 'retry-after': '5' })
      return seatOf(peer)
        .publish(offer)
        .finally(() => {
          lookForArrivals()
          tidy()
        })
    },
    async subscribe(peer, offer, waitMs) {
      const isThere = (): boolean => seats.get(peer)?.publisher !== undefined
      const isComing = (): boolean => seats.get(peer)?.isOfferTaken === true
      if (!isThere() && isComing())
        await arrival(arrivals, () => isThere() || !isComing(), SFU_LIMITS.waitMaxMs)
      if (!isThere() && waitMs > 0) await arrival(arrivals, isThere, waitMs)
      const seat = seats.get(peer)
      if (!seat?.publisher) {
        tidy()
        throw new Refusal(404, 'Nobody publishes under this name in this room.')
      }
      return seat.subscribe(offer).finally(tidy)
    },
    end: (peer, session) => seats.get(peer)?.end(session) ?? false,
    close() {
      events.close()
      for (const seat of [...seats.values()]) for (const connection of seat.connections) connection.close()
    },
  }
}

function arrival(arrivals: Set<() => void>, hasArrived: () => boolean, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      arrivals.delete(check)
      resolve()
    }
    const check = (): void => {
      if (hasArrived()) done()
    }
    const timer = setTimeout(done, waitMs)
    arrivals.add(check)
  })
}
