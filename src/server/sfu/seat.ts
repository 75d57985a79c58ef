/**
 * One participant's place in a room: at most one publisher, and everybody who watches it. A participant who
 * publishes again takes the seat over and keeps the audience; the newest session wins, because the older one
 * is a page that was reloaded or a connection that its owner has given up.
 */
import type { WeriftModule } from '../dependencies.js'
import { Refusal } from '../http.js'
import { SFU_LIMITS } from '../limits.js'
import { createForwarding } from './forwarding.js'
import { openPublisher, type Publisher, type PublisherEvents } from './publisher.js'
import { openSubscriber, type Subscriber, type SubscriberEvents } from './subscriber.js'

/** A participant's place. */
export interface Seat {
  readonly peer: string
  readonly publisher: Publisher | undefined
  /** An offer to publish here is being answered. */
  readonly isOfferTaken: boolean
  readonly connections: readonly (Publisher | Subscriber)[]
  /** True when nobody is here and nobody is about to be. */
  readonly isEmpty: boolean
  publish(offer: string): Promise<Publisher>
  subscribe(offer: string): Promise<Subscriber>
  /** Closes the session with this id; false when there is none. */
  end(id: string): boolean
}

/** What the room learns of a seat. */
export interface SeatEvents {
  /** Somebody publishes here now; a session before it, if any, has been replaced. */
  readonly onPublished: (peer: string, session: string) => void
  readonly onUnpublished: (peer: string, session: string) => void
  /** Something left; the seat may be empty now. */
  readonly onLeft: () => void
}

/** Makes an empty seat. */
export function createSeat(werift: WeriftModule, peer: string, events: SeatEvents): Seat {
  const audience = createAudience(werift, () => publisher, events.onLeft)
  const order = createOrder()
  let publisher: Publisher | undefined
  let pending = 0
  let publishing = 0

  const whilePending = async <Session>(open: () => Promise<Session>): Promise<Session> => {
    pending += 1
    return open().finally(() => {
      pending -= 1
    })
  }
  const publisherEvents: PublisherEvents = {
    onPacket(id, kind, packet) {
      if (id === publisher?.id) audience.forwarding.push(id, kind, packet)
    },
    onClock(id, kind, reading) {
      if (id === publisher?.id) audience.forwarding.setClock(kind, reading)
    },
    onConnected() {
      if (audience.subscribers.size > 0) audience.forwarding.wantKeyFrame()
    },
    onClosed(id) {
      if (id === publisher?.id) {
        publisher = undefined
        audience.forwarding.reset()
        events.onUnpublished(peer, id)
      }
      events.onLeft()
    },
  }
  return {
    peer,
    get publisher() {
      return publisher
    },
    get isOfferTaken() {
      return publishing > 0
    },
    get connections() {
      return [...(publisher ? [publisher] : []), ...audience.subscribers.values()]
    },
    get isEmpty() {
      return pending === 0 && publisher === undefined && audience.subscribers.size === 0
    },
    async publish(offer) {
      const isStillNewest = order.take()
      publishing += 1
      const opened = await whilePending(() => openPublisher(werift, offer, publisherEvents)).finally(() => {
        publishing -= 1
      })
      if (!isStillNewest()) {
        opened.close()
        throw new Refusal(409, 'A newer session of this participant has taken the place.')
      }
      const replaced = publisher
      publisher = opened
      audience.forwarding.reset()
      replaced?.close()
      events.onPublished(peer, opened.id)
      return opened
    },
    subscribe: (offer) => whilePending(() => audience.subscribe(offer)),
    end(id) {
      const session = publisher?.id === id ? publisher : audience.subscribers.get(id)
      session?.close()
      return session !== undefined
    },
  }
}

function createAudience(werift: WeriftModule, source: () => Publisher | undefined, onLeft: () => void) {
  const subscribers = new Map<string, Subscriber>()
  const forwarding = createForwarding(subscribers, () => source()?.requestKeyFrame())
  const subscriberEvents: SubscriberEvents = {
    onConnected: (subscriber) => forwarding.catchUp(source()?.id, subscriber),
    onKeyFrameWanted: forwarding.wantKeyFrame,
    onClosed(id) {
      if (subscribers.delete(id)) onLeft()
    },
  }
  return {
    subscribers,
    forwarding,
    async subscribe(offer: string): Promise<Subscriber> {
      if (subscribers.size >= SFU_LIMITS.subscribersPerPublisherMax)
        throw new Refusal(503, 'This publisher has too many subscribers.', { 'retry-after': '1' })
      forwarding.anticipate()
      const opened = await openSubscriber(werift, offer, subscriberEvents)
      subscribers.set(opened.id, opened)
      return opened
    },
  }
}

/** Two offers of one participant may overtake each other while they are answered; the later one counts. */
function createOrder() {
  let taken = 0
  let served = 0
  return {
    take(): () => boolean {
      taken += 1
      const turn = taken
      return () => {
        if (turn < served) return false
        served = turn
        return true
      }
    },
  }
}
