/**
 * All that we receive, over one handle and one peer connection. Janus allows one negotiation at a time and makes
 * offers of its own when a publisher goes; until such an offer is answered with `start`, every request is put
 * off. So there is one queue: each turn answers what was offered, then asks for what is still missing.
 */
import { HoldfastError, isHoldfastError } from '../../errors.js'
import type { FeedId, JanusMessage, SubscriptionInfo } from './messages.js'
import { readSubscriptions } from './messages.js'
import type { FeedStream } from './roster.js'
import type { Handle } from './wire.js'

/** An m-line that is received. */
export interface Received {
  readonly feed: FeedId
  readonly feedMid: string
  readonly receiver: RTCRtpReceiver
}

/** What {@link createSubscriptions} needs. */
export interface SubscriptionsOptions {
  readonly handle: Handle
  readonly pc: RTCPeerConnection
  readonly scope: AbortSignal
  /** The body of the first request, without its streams. */
  readonly join: object
  readonly onChange: () => void
  /** The negotiation broke for good: nothing more will be received. */
  readonly onBroken: (error: unknown) => void
}

/** The receiving side. */
export interface Subscriptions {
  /** Afterwards these are received, as far as Janus still has them. */
  want(streams: readonly FeedStream[]): void
  readonly received: readonly Received[]
  /** Whatever Janus says to this handle unasked. */
  handleEvent(message: JanusMessage): void
  restartIce(): Promise<void>
}

/** A request that changed nothing this often in a row is not asked again before something else changes. */
const FRUITLESS_MAX = 3

/** Makes it; nothing is sent before something is wanted. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { handle, pc, scope } = options
  const offers: JanusMessage[] = []
  let wanted = new Map<string, FeedStream>()
  let lines: readonly SubscriptionInfo[] = []
  let hasJoined = false
  let fruitless = 0
  let running: Promise<void> | null = null
  let isBroken = false

  const keyOf = (feed: FeedId, mid: string): string => `${typeof feed} ${feed} ${mid}`
  const current = (): Map<string, SubscriptionInfo> =>
    new Map(
      lines.flatMap((line) =>
        line.feed_id !== undefined && line.feed_mid !== undefined && line.active !== false
          ? [[keyOf(line.feed_id, line.feed_mid), line] as const]
          : [],
      ),
    )

  const difference = (): { add: object[]; drop: object[] } => {
    const have = current()
    return {
      add: [...wanted]
        .filter(([key]) => !have.has(key))
        .map(([, stream]) => ({ feed: stream.feed, mid: stream.mid })),
      drop: [...have]
        .filter(([key]) => !wanted.has(key))
        .map(([, line]) => ({ feed: line.feed_id, mid: line.feed_mid })),
    }
  }

  const ask = async ({ add, drop }: { add: object[]; drop: object[] }): Promise<void> => {
    fruitless += 1
    const body = hasJoined
      ? {
          request: 'update',
          ...(add.length > 0 ? { subscribe: add } : {}),
          ...(drop.length > 0 ? { unsubscribe: drop } : {}),
        }
      : { ...options.join, request: 'join', ptype: 'subscriber', streams: add }
    try {
      const reply = await handle.message(body)
      hasJoined = true
      take(reply)
    } catch (error) {
      // 428: somebody left in the meantime; the roster says so in a moment and asks again.
      if (!isHoldfastError(error, 'provider-rejected')) throw error
    }
  }

  const take = (message: JanusMessage): void => {
    const kind = message.plugindata?.data.videoroom
    if (kind !== 'attached' && kind !== 'updated') return
    if (message.jsep?.type === 'offer') offers.push(message)
    else if (kind === 'updated' && message.plugindata) lines = readSubscriptions(message.plugindata.data)
  }

  const answer = async (message: JanusMessage): Promise<void> => {
    if (!message.jsep || !message.plugindata) return
    await pc.setRemoteDescription(message.jsep)
    await pc.setLocalDescription()
    lines = readSubscriptions(message.plugindata.data)
    fruitless = 0
    const started = handle.message(
      { request: 'start' },
      { type: 'answer', sdp: pc.localDescription?.sdp ?? '' },
    )
    options.onChange()
    await started
  }

  const turn = async (): Promise<void> => {
    for (;;) {
      scope.throwIfAborted()
      const offer = offers.shift()
      const missing = difference()
      if (offer) await answer(offer)
      else if (canAsk(missing)) await ask(missing)
      else return
    }
  }
  const canAsk = ({ add, drop }: { add: object[]; drop: object[] }): boolean =>
    fruitless < FRUITLESS_MAX && (add.length > 0 || (hasJoined && drop.length > 0))

  const run = (): void => {
    if (running || isBroken || scope.aborted) return
    running = turn()
      .catch((error: unknown) => {
        isBroken = true
        if (!scope.aborted) options.onBroken(error)
      })
      .finally(() => {
        running = null
        if (offers.length > 0 || canAsk(difference())) run()
      })
  }

  return {
    want(streams) {
      wanted = new Map(streams.map((stream) => [keyOf(stream.feed, stream.mid), stream]))
      fruitless = 0
      run()
    },
    get received() {
      const receivers = new Map(pc.getTransceivers().map(({ mid, receiver }) => [mid, receiver]))
      return [...current().values()].flatMap((line) => {
        const receiver = receivers.get(line.mid)
        return receiver && line.feed_id !== undefined && line.feed_mid !== undefined
          ? [{ feed: line.feed_id, feedMid: line.feed_mid, receiver }]
          : []
      })
    },
    handleEvent(message) {
      take(message)
      run()
    },
    async restartIce() {
      if (!hasJoined) return
      take(await handle.message({ request: 'configure', restart: true }))
      run()
      await running
      if (pc.signalingState !== 'stable') throw new HoldfastError('provider-media')
    },
  }
}
