/** What is wanted of the others against what Janus sends: pure bookkeeping of the receiving side. */
import { type FeedId, type RoomEvent, readSubscriptions, type SubscriptionInfo } from './messages.js'
import type { FeedStream } from './roster.js'

/** An m-line of somebody, as requests name it. */
export interface StreamName {
  readonly feed: FeedId
  readonly mid: string
}

/** An m-line of ours that carries one of somebody else. */
export interface Line extends StreamName {
  /** In our receiving peer connection; the other `mid` belongs to the publisher. */
  readonly ownMid: string
}

/** The bookkeeping. */
export interface Ledger {
  want(streams: readonly FeedStream[]): void
  /** Takes over the m-lines of an `attached` or `updated` event; other events leave them as they are. */
  take(event: RoomEvent | undefined): void
  readonly lines: readonly Line[]
  /** What to ask for. */
  difference(): { readonly add: readonly StreamName[]; readonly drop: readonly StreamName[] }
}

/** Makes an empty one. */
export function createLedger(): Ledger {
  let wanted: ReadonlyMap<string, StreamName> = new Map()
  let lines: ReadonlyMap<string, Line> = new Map()
  return {
    want(streams) {
      wanted = new Map(streams.map(({ feed, mid }) => [keyOf(feed, mid), { feed, mid }]))
    },
    take(event) {
      if (!event?.streams || (event.videoroom !== 'attached' && event.videoroom !== 'updated')) return
      lines = new Map(readSubscriptions(event).flatMap(lineOf))
    },
    get lines() {
      return [...lines.values()]
    },
    difference() {
      return {
        add: [...wanted].flatMap(([key, stream]) => (lines.has(key) ? [] : [stream])),
        drop: [...lines].flatMap(([key, { feed, mid }]) => (wanted.has(key) ? [] : [{ feed, mid }])),
      }
    },
  }
}

/** A slot that was freed stays in Janus's list as inactive, without a feed. */
function lineOf({ mid, active, feed_id, feed_mid }: SubscriptionInfo): [string, Line][] {
  if (active === false || feed_id === undefined || feed_mid === undefined) return []
  return [[keyOf(feed_id, feed_mid), { feed: feed_id, mid: feed_mid, ownMid: mid }]]
}

function keyOf(feed: FeedId, mid: string): string {
  return `${typeof feed} ${feed} ${mid}`
}
