/**
 * All that we receive, over one handle and one peer connection. Janus allows one negotiation at a time and makes
 * offers of its own when a publisher goes; until such an offer is answered with `start`, every request is put
 * off. So there is one queue: each turn answers what was offered, then asks for what is still missing.
 */
import { HoldfastError, isHoldfastError } from '../../errors.js'
import { createLedger } from './ledger.js'
import type { FeedId, JanusMessage } from './messages.js'
import type { FeedStream } from './roster.js'
import { withOwnTrackNames } from './track-names.js'
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
  /** Afterwards these are received, as far as Janus still has them; resolves when that is settled. */
  want(streams: readonly FeedStream[]): Promise<void>
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
  const ledger = createLedger()
  const offers: RTCSessionDescriptionInit[] = []
  const names = crypto.randomUUID().slice(0, 8)
  let hasJoined = false
  let fruitless = 0
  pc.addEventListener('icecandidate', ({ candidate }) => handle.trickle(candidate), { signal: scope })

  const take = ({ jsep, plugindata }: JanusMessage): void => {
    ledger.take(plugindata?.data)
    if (jsep?.type === 'offer') offers.push(jsep)
  }
  const answer = async (offer: RTCSessionDescriptionInit): Promise<void> => {
    await pc.setRemoteDescription(withOwnTrackNames(offer, names))
    await pc.setLocalDescription()
    fruitless = 0
    const started = handle.message(
      { request: 'start' },
      { type: 'answer', sdp: pc.localDescription?.sdp ?? '' },
    )
    options.onChange()
    await started
  }
  const isMissing = (): boolean => {
    const { add, drop } = ledger.difference()
    return fruitless < FRUITLESS_MAX && (add.length > 0 || (hasJoined && drop.length > 0))
  }
  const ask = async (): Promise<void> => {
    fruitless += 1
    try {
      take(await handle.message(requestFor(ledger.difference(), hasJoined ? null : options.join)))
      hasJoined = true
    } catch (error) {
      // 428: somebody left in the meantime; the roster says so in a moment and asks again.
      if (!isHoldfastError(error, 'provider-rejected')) throw error
    }
  }
  const queue = createQueue(scope, options.onBroken, () => {
    const offer = offers.shift()
    if (offer) return answer(offer)
    return isMissing() ? ask() : null
  })

  return {
    want(streams) {
      ledger.want(streams)
      fruitless = 0
      return queue.run()
    },
    get received() {
      const receivers = new Map(pc.getTransceivers().map(({ mid, receiver }) => [mid, receiver]))
      return ledger.lines.flatMap(({ feed, mid, ownMid }) => {
        const receiver = receivers.get(ownMid)
        return receiver ? [{ feed, feedMid: mid, receiver }] : []
      })
    },
    handleEvent(message) {
      take(message)
      void queue.run()
    },
    async restartIce() {
      if (!hasJoined) return
      take(await handle.message({ request: 'configure', restart: true }))
      await queue.run()
      if (pc.signalingState !== 'stable') throw new HoldfastError('provider-media')
    },
  }
}

interface Difference {
  readonly add: readonly object[]
  readonly drop: readonly object[]
}

function requestFor({ add, drop }: Difference, join: object | null): object {
  if (join) return { ...join, request: 'join', ptype: 'subscriber', streams: add }
  return {
    request: 'update',
    ...(add.length > 0 ? { subscribe: add } : {}),
    ...(drop.length > 0 ? { unsubscribe: drop } : {}),
  }
}

/** Runs turns one after the other until there is none to run; a turn that fails ends it for good. */
function createQueue(
  scope: AbortSignal,
  onBroken: (error: unknown) => void,
  next: () => Promise<void> | null,
): { run(): Promise<void> } {
  let running: Promise<void> | null = null
  let isBroken = false
  const drain = async (): Promise<void> => {
    try {
      // Asked before the turn begins: one that nobody awaits would fail with nobody to tell.
      while (!scope.aborted) {
        const turn = next()
        if (turn === null) break
        await turn
      }
    } catch (error) {
      isBroken = true
      if (!scope.aborted) onBroken(error)
    } finally {
      running = null
    }
  }
  return {
    run() {
      if (isBroken || scope.aborted) return Promise.resolve()
      // Started in a later turn: with nothing to do it would be over before it is remembered.
      running ??= Promise.resolve().then(drain)
      return running
    },
  }
}
