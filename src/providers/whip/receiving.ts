/**
 * Receiving peer connections and their offers, made before they are needed: opening one and describing it takes
 * a busy page 10 to 50 ms, and who publishes where is often known only when there is no time to lose.
 */
import { kindOf } from '../outgoing.js'
import type { TrackSource } from '../provider.js'
import { makeOffer, type Offered, openMedia, type WhipContext } from './context.js'

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

/** What nearly everybody publishes: camera and microphone, in the order of their m-lines. */
const USUAL_SOURCES: readonly TrackSource[] = ['microphone', 'camera']
/** More people than this are rare, and each spare costs the page what it saves. */
const SPARES_MAX = 4

/** Makes an empty store. */
export function createSpares(context: WhipContext): Spares {
  const waiting: Receiving[] = []
  return {
    fill(count) {
      if (context.scope.aborted) return
      while (waiting.length < Math.min(count, SPARES_MAX)) waiting.push(prepare(context, USUAL_SOURCES))
    },
    take: (sources) =>
      (sources.join() === USUAL_SOURCES.join() ? waiting.shift() : undefined) ?? prepare(context, sources),
    close() {
      for (const { pc } of waiting.splice(0)) pc.close()
    },
  }
}

function prepare(context: WhipContext, sources: readonly TrackSource[]): Receiving {
  const pc = openMedia(context)
  const lines = sources.map((source) => ({
    source,
    transceiver: pc.addTransceiver(kindOf(source), { direction: 'recvonly' }),
  }))
  const offer = makeOffer(pc)
  offer.catch(reportedByTaker)
  return { pc, lines, offer }
}

function reportedByTaker(): void {
  // Whoever takes a spare awaits its offer; one that nobody takes is only closed.
}
