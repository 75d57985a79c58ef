/**
 * Who publishes in the room, from what Janus tells, and which of several feeds of one participant counts. While
 * somebody repairs a connection two feeds of theirs live side by side; the others see one person.
 */
import type { TrackSource } from '../provider.js'
import { type FeedId, type PublisherInfo, readDescription, readOwner } from './messages.js'

/** One m-line that somebody publishes. */
export interface FeedStream {
  readonly feed: FeedId
  readonly mid: string
  readonly source: TrackSource
  readonly isActive: boolean
}

/** One publisher's connection. */
export interface RoomFeed {
  readonly id: FeedId
  readonly peer: string
  /** Wall clock of its participant when it connected: orders the feeds of one participant. */
  readonly at: number
  readonly streams: readonly FeedStream[]
  /** Whether what is active changed since: from then on the list alone says so. */
  readonly isSettled: boolean
}

/** The feeds of the others. */
export interface FeedRoster {
  /** Adds or changes feeds; ours and those of people without Holdfast are left out. */
  update(publishers: readonly PublisherInfo[]): void
  remove(id: FeedId): void
  get(id: FeedId): RoomFeed | undefined
  /** The feeds of each participant, the newest first. */
  byPeer(): ReadonlyMap<string, readonly RoomFeed[]>
}

/** What a flooded room can make us keep at most. */
const FEEDS_MAX = 64

/** Makes an empty roster; `self` is our participant, whose other connections are not shown. */
export function createRoster(self: string): FeedRoster {
  const feeds = new Map<FeedId, RoomFeed>()
  return {
    update(publishers) {
      for (const { id, display, streams } of publishers) {
        const owner = readOwner(display)
        if (!owner || owner.peer === self || (!feeds.has(id) && feeds.size >= FEEDS_MAX)) continue
        const usable = (streams ?? []).filter(
          ({ type, disabled }) => (type === 'audio' || type === 'video') && disabled !== true,
        )
        const now = usable.map(({ type, mid, description }) => ({
          feed: id,
          mid,
          ...readDescription(type, description),
        }))
        const before = feeds.get(id)
        const isSettled =
          before !== undefined && (before.isSettled || activeIn(before.streams) !== activeIn(now))
        feeds.set(id, { id, peer: owner.peer, at: owner.at, streams: now, isSettled })
      }
    },
    remove: (id) => void feeds.delete(id),
    get: (id) => feeds.get(id),
    byPeer() {
      const peers = new Map<string, RoomFeed[]>()
      for (const feed of feeds.values()) peers.set(feed.peer, [...(peers.get(feed.peer) ?? []), feed])
      for (const own of peers.values()) own.sort((one, other) => other.at - one.at)
      return peers
    },
  }
}

function activeIn(streams: readonly FeedStream[]): string {
  return streams.flatMap(({ mid, isActive }) => (isActive ? [mid] : [])).join()
}
