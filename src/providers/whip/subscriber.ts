/**
 * What is shown of one participant's publication: the newest session that the directory names. A new one is
 * subscribed to beside the old and takes over when its media arrives, so a publisher that repairs its
 * connection is never seen to vanish. Subscriptions to silent publishers are kept up: when one of them starts
 * to send, the media is there one hop later.
 */
import type { ConnectionCore } from '../connection-core.js'
import { iceSignal } from '../peer-connection.js'
import type { PeerConnectionEntry, RemoteTrack } from '../provider.js'
import { createTrackDisplay } from '../track-display.js'
import type { PublicationEntry } from './entry.js'
import { type Feed, type FeedSource, openFeed } from './feed.js'

/** The subscription to one publication of one participant, over all its sessions. */
export interface Subscriber {
  /** The directory's newest entry. */
  update(entry: PublicationEntry): void
  /** Subscribes to the same publication anew, beside what is shown; whatever it sends first takes over. */
  renew(): void
  readonly peerConnections: readonly PeerConnectionEntry[]
  /** Ends it and its tracks. */
  close(): Promise<void>
}

/** A new session that stays silent this long after it connected takes over all the same. */
const SILENT_TAKEOVER_MS = 1_500

/** Makes one; `name` is unique within the connection and the tracks appear in the core. */
export function createSubscriber(
  source: FeedSource,
  core: ConnectionCore,
  peer: string,
  name: string,
): Subscriber {
  let shown: Feed | null = null
  let next: Feed | null = null
  let opened = 0
  let cancelTakeover: (() => void) | null = null
  const show = createTrackDisplay(core)

  const open = (entry: PublicationEntry): Feed => {
    opened += 1
    return openFeed(source, `${name}/${opened}`, entry, {
      onChange: reconcile,
      onState: (state) => core.signal(iceSignal('recv', state)),
    })
  }

  const replaceShown = (feed: Feed | null): void => {
    const old = shown
    shown = feed
    next = null
    cancelTakeover?.()
    cancelTakeover = null
    show(tracksOf(feed, peer))
    // Swapped first, closed later: the end of the old peer connection must not blank a picture.
    void old?.close()
  }

  function reconcile(): void {
    if (core.scope.aborted) return
    const candidate = next
    if (candidate?.life?.isConnected) {
      if (!shown?.life?.isConnected || candidate.life.isFlowing) replaceShown(candidate)
      else cancelTakeover ??= source.context.clock.after(SILENT_TAKEOVER_MS, () => replaceShown(candidate))
    }
    show(tracksOf(shown, peer))
  }

  const succeed = (entry: PublicationEntry): void => {
    cancelTakeover?.()
    cancelTakeover = null
    void next?.close()
    next = null
    if (shown?.life?.isConnected) next = open(entry)
    else replaceShown(open(entry))
  }

  return {
    update(entry) {
      const newest = next ?? shown
      if (newest && isSameSession(newest.entry, entry)) {
        newest.isSettled ||= newest.entry.active.join() !== entry.active.join()
        newest.entry = entry
      } else succeed(entry)
      reconcile()
    },
    renew() {
      const newest = next ?? shown
      if (newest) succeed(newest.entry)
    },
    get peerConnections() {
      return [shown, next].flatMap((feed) =>
        feed?.life ? [{ id: `recv/${feed.id}`, pc: feed.life.pc, role: 'recv' as const, peer }] : [],
      )
    },
    async close() {
      const pending = next?.close()
      const old = shown?.close()
      replaceShown(null)
      await Promise.all([pending, old])
    },
  }
}

function tracksOf(feed: Feed | null, peer: string): ReadonlyMap<string, RemoteTrack> {
  const tracks = new Map<string, RemoteTrack>()
  for (const [source, receiver] of feed?.life?.receivers ?? []) {
    const isActive = feed?.entry.active.includes(source) === true
    // Media may outrun the directory.
    const isEarly = feed?.isSettled === false && !receiver.track.muted
    const id = `${feed?.id}/${source}`
    if (isActive || isEarly) tracks.set(id, { id, peer, source, track: receiver.track, receiver })
  }
  return tracks
}

function isSameSession(one: PublicationEntry, other: PublicationEntry): boolean {
  return (
    one.session === other.session &&
    one.url.href === other.url.href &&
    one.sources.join() === other.sources.join()
  )
}
