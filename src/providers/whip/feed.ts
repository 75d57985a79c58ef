/**
 * One subscription to one publication over WHEP, kept alive: a publisher that is not there yet is asked for
 * again soon, a peer connection that failed is replaced. It ends when closed or when the server refuses for
 * good. Which participant it belongs to and what of it is shown is the subscriber's business.
 */
import { HoldfastError, isHoldfastError } from '../../errors.js'
import { whenConnected, whenFailed } from '../peer-connection.js'
import type { TrackSource } from '../provider.js'
import { negotiate, type WhipContext } from './context.js'
import type { PublicationEntry } from './entry.js'
import type { Foreseen, Foresight } from './foresight.js'
import type { Receiving, Spares } from './receiving.js'
import { askedForMs, ignoreAbort, isNotYetThere, pause, type SdpResource } from './resource.js'

/** One peer connection of a subscription. */
export interface FeedLife {
  readonly pc: RTCPeerConnection
  /** Receiving m-lines by source; empty while there is no answer. */
  readonly receivers: Map<TrackSource, RTCRtpReceiver>
  resource: SdpResource | null
  isConnected: boolean
  /** Whether anything has arrived. */
  isFlowing: boolean
}

/** A live or wanted subscription. */
export interface Feed {
  /** Unique within the connection. */
  readonly id: string
  /** The same publication with other active sources may be put here. */
  entry: PublicationEntry
  /** Whether the entry changed since: from then on it alone says what is active. */
  isSettled: boolean
  /** Null between two attempts and after the end. */
  readonly life: FeedLife | null
  /** Ends it and tells the server. */
  close(): Promise<void>
}

/** What a feed tells. */
export interface FeedEvents {
  /** Something readable above changed. */
  readonly onChange: () => void
  readonly onState: (state: RTCPeerConnectionState) => void
}

/** A publisher announces itself while the server still works on its offer: the first retries come quickly. */
const RETRY_DELAYS_MS = [50, 50, 100, 200, 400, 800, 1_500] as const
/** ICE and DTLS with a server that lives are done in 3 s even over TURN; a dead one is asked anew. */
const CONNECT_LIMIT_MS = 6_000

/** What {@link openFeed} needs of its connection. */
export interface FeedSource {
  readonly context: WhipContext
  readonly spares: Spares
  readonly foresight: Foresight
}

/** Opens one. */
export function openFeed(source: FeedSource, id: string, entry: PublicationEntry, events: FeedEvents): Feed {
  const { context, spares, foresight } = source
  const ending = new AbortController()
  const scope = AbortSignal.any([context.scope, ending.signal])
  let life: FeedLife | null = null

  const release = async (): Promise<void> => {
    const gone = life
    life = null
    const removed = gone?.resource?.remove()
    gone?.pc.close()
    if (!scope.aborted) events.onChange()
    await removed
  }

  const run = async (): Promise<void> => {
    for (let attempt = 0; !scope.aborted; attempt += 1) {
      const foreseen = foresight.take(feed.entry.url, feed.entry.sources)
      const receiving = foreseen?.receiving ?? spares.take(feed.entry.sources)
      const current: FeedLife = {
        pc: receiving.pc,
        receivers: new Map(),
        resource: null,
        isConnected: false,
        isFlowing: false,
      }
      life = current
      const error = await live(context, current, { receiving, foreseen }, () => feed.entry.url, scope, events)
      if (current.isConnected) attempt = 0
      void release()
      if (scope.aborted || !isWorthRetrying(error)) return
      await pause(context.clock, Math.max(retryDelay(attempt), askedForMs(error)), scope)
    }
  }

  const feed: Feed = {
    id,
    entry,
    isSettled: false,
    get life() {
      return life
    },
    close() {
      ending.abort(new HoldfastError('closed'))
      return release()
    },
  }
  void run().catch(ignoreAbort)
  return feed
}

/** Lives until something goes wrong; resolves to what it was. */
async function live(
  context: WhipContext,
  life: FeedLife,
  { receiving, foreseen }: { readonly receiving: Receiving; readonly foreseen: Foreseen | null },
  url: () => URL,
  scope: AbortSignal,
  events: FeedEvents,
): Promise<unknown> {
  const { pc, receivers } = life
  const { lines, offer } = receiving
  const onUnmute = (): void => {
    life.isFlowing = true
    events.onChange()
  }
  try {
    for (const { transceiver } of lines) {
      const { track } = transceiver.receiver
      track.addEventListener('unmute', onUnmute, { signal: scope })
      life.isFlowing ||= foreseen !== null && !track.muted
    }
    for (let tries = 0; life.resource === null; tries += 1)
      life.resource = await (tries === 0 && foreseen
        ? foreseen.resource
        : negotiate(context, pc, offer, url(), scope)
      ).catch(async (error: unknown) => {
        if (!isNotYetThere(error)) throw error
        // The publisher is a moment late; the offer is as good as before.
        await pause(context.clock, retryDelay(tries), scope)
        return null
      })
    // Its own way of negotiating knows nothing of this feed's end.
    if (foreseen !== null && scope.aborted) void life.resource.remove()
    for (const { source, transceiver } of lines)
      if (transceiver.currentDirection === 'recvonly') receivers.set(source, transceiver.receiver)
    events.onChange()
    await whenConnected(pc, scope, context.clock, CONNECT_LIMIT_MS)
    life.isConnected = true
    events.onState('connected')
    events.onChange()
    return await whenFailed(pc, scope, events.onState)
  } catch (error) {
    return error
  }
}

function isWorthRetrying(error: unknown): boolean {
  return isHoldfastError(error) && error.retryable
}

function retryDelay(attempt: number): number {
  return RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 0
}
