/**
 * Receiving peer connections and their offers, made before they are needed: opening one and describing it takes
 * a busy page 10 to 50 ms, and who publishes where is often known only when there is no time to lose.
 */
import { kindOf } from '../outgoing.js'
import type { TrackSource } from '../provider.js'
import { makeOffer, type Offered, openMedia, type WhipContext } from './context.js'
import { DEVICES, type Stash } from './stash.js'

/** A receiving peer connection that has offered. */
export interface Receiving {
  readonly pc: RTCPeerConnection
  readonly lines: readonly { readonly source: TrackSource; readonly transceiver: RTCRtpTransceiver }[]
  /** The offer; it is being applied to `pc`, or already is. */
  readonly offer: Promise<Offered>
}

/** Peer connections that wait for somebody to receive from. */
export interface Spares {
  /** Prepares up to `count`. */
  fill(count: number): void
  /** One for exactly these sources; made now when none is waiting. */
  take(sources: readonly TrackSource[]): Receiving
  close(): void
}

/** More people than this are rare, and each spare costs the page what it saves. */
const SPARES_MAX = 4

/** Makes an empty store. */
export function createSpares(context: WhipContext, stash: Stash): Spares {
  const waiting: Receiving[] = []
  return {
    fill(count) {
      if (context.scope.aborted) return
      while (waiting.length < Math.min(count, SPARES_MAX)) waiting.push(prepare(context, DEVICES, stash))
    },
    take: (sources) =>
      (sources.join() === DEVICES.join() ? waiting.shift() : undefined) ?? prepare(context, sources, stash),
    close() {
      for (const { pc } of waiting.splice(0)) pc.close()
    },
  }
}

function prepare(context: WhipContext, sources: readonly TrackSource[], stash: Stash): Receiving {
  const ready = sources.join() === DEVICES.join() ? stash.take('recv') : null
  const pc = ready?.pc ?? openMedia(context)
  const made = pc.getTransceivers()
  const lines = sources.map((source, index) => ({
    source,
    transceiver: made[index] ?? pc.addTransceiver(kindOf(source), { direction: 'recvonly' }),
  }))
  const offer = makeOffer(pc, ready?.description)
  offer.catch(reportedByTaker)
  return { pc, lines, offer }
}

function reportedByTaker(): void {
  // Whoever takes a spare awaits its offer; one that nobody takes is only closed.
}
