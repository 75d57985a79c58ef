/**
 * What is shown of the others: of each participant the newest feed whose media has arrived. A newer feed is
 * received beside the older and takes over, so a participant who repairs a connection is never seen to vanish.
 */
import type { Clock } from '../../clock.js'
import type { ConnectionCore } from '../connection-core.js'
import type { RemoteTrack } from '../provider.js'
import { createTrackDisplay } from '../track-display.js'
import type { FeedId } from './messages.js'
import type { FeedRoster, FeedStream, RoomFeed } from './roster.js'
import type { Received } from './subscriptions.js'

/** Follows the roster and what is received. */
export interface People {
  /** Call after any change of either; returns the streams to receive from now on. */
  update(received: readonly Received[]): readonly FeedStream[]
}

/** A newer feed that stays silent this long takes over all the same. */
const SILENT_TAKEOVER_MS = 1_500

/** Makes it; `onChange` asks for another `update()`. */
export function createPeople(
  core: ConnectionCore,
  roster: FeedRoster,
  clock: Clock,
  onChange: () => void,
): People {
  const shownBy = new Map<string, FeedId>()
  const waitedOut = new Set<FeedId>()
  const waiting = new Set<FeedId>()
  const watched = new WeakSet<RTCRtpReceiver>()
  const show = createTrackDisplay(core)

  const waitFor = (feed: FeedId): void => {
    if (waiting.has(feed)) return
    waiting.add(feed)
    const cancel = clock.after(SILENT_TAKEOVER_MS, () => {
      core.scope.removeEventListener('abort', cancel)
      waitedOut.add(feed)
      onChange()
    })
    core.scope.addEventListener('abort', cancel, { once: true })
  }

  const choose = (peer: string, feeds: readonly RoomFeed[], flowing: ReadonlySet<FeedId>): RoomFeed[] => {
    const newest = feeds[0]
    if (!newest) return []
    const shown = feeds.find(({ id }) => id === shownBy.get(peer)) ?? newest
    const isReady = newest === shown || flowing.has(newest.id) || waitedOut.has(newest.id)
    if (!isReady) waitFor(newest.id)
    const chosen = isReady ? newest : shown
    shownBy.set(peer, chosen.id)
    return chosen === newest ? [newest] : [chosen, newest]
  }

  return {
    update(received) {
      for (const { receiver } of received)
        if (!watched.has(receiver)) {
          watched.add(receiver)
          receiver.track.addEventListener('unmute', onChange, { signal: core.scope })
        }
      const flowing = new Set(received.filter(({ receiver }) => !receiver.track.muted).map(({ feed }) => feed))
      const byPeer = roster.byPeer()
      const wanted: FeedStream[] = []
      const tracks = new Map<string, RemoteTrack>()
      for (const [peer, feeds] of byPeer) {
        const chosen = choose(peer, feeds, flowing)
        wanted.push(...chosen.flatMap(({ streams }) => streams))
        for (const track of tracksOf(peer, chosen[0], received)) tracks.set(track.id, track)
      }
      for (const peer of [...core.peers])
        if (!byPeer.has(peer)) {
          shownBy.delete(peer)
          core.setPeer(peer, false, 'left')
        }
      for (const peer of byPeer.keys()) core.setPeer(peer, true)
      show(tracks)
      return wanted
    },
  }
}

function tracksOf(peer: string, feed: RoomFeed | undefined, received: readonly Received[]): RemoteTrack[] {
  return (feed?.streams ?? []).flatMap(({ feed: id, mid, source, isActive }) => {
    const receiver = received.find((line) => line.feed === id && line.feedMid === mid)?.receiver
    if (!receiver) return []
    // Media may outrun the news of it.
    const isEarly = feed?.isSettled === false && !receiver.track.muted
    return isActive || isEarly ? [{ id: `${id}/${mid}`, peer, source, track: receiver.track, receiver }] : []
  })
}
