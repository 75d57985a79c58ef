/**
 * What the server counts, as plain numbers: counting costs nothing where no metrics are asked for, and the
 * metrics library is read from here and not called per message. Reasons and types are fixed words, never names of
 * rooms or people.
 */
import { type CloseReason, SIGNALING_CLOSE } from './close-codes.js'

/** Why a socket ended: a reason of ours, a frame that breaks the WebSocket protocol, or the client itself. */
export type EndReason = CloseReason | 'protocol' | 'client'

/** Why a request for a socket was answered without one. */
export type RefusalReason = 'origin' | 'draining' | 'malformed'

/** Type of a received message. */
export type ReceivedType = 'publish' | 'subscribe' | 'unsubscribe' | 'ping' | 'unknown' | 'garbage'

/** Why a message went nowhere. */
export type DropReason = 'topic-rate' | 'bus'

/** Counted since the start. */
export interface Tally {
  opened: number
  readonly closed: Record<EndReason, number>
  readonly refused: Record<RefusalReason, number>
  readonly received: Record<ReceivedType, number>
  delivered: number
  deliveredBytes: number
  readonly dropped: Record<DropReason, number>
  busSent: number
  busReceived: number
  /** Null: this process is alone. */
  isBusUp: boolean | null
  busRoundTripMs: number
}

/** All zero. */
export function createTally(): Tally {
  const reasons = Object.keys(SIGNALING_CLOSE) as CloseReason[]
  return {
    opened: 0,
    closed: zeros([...reasons, 'protocol', 'client']),
    refused: zeros(['origin', 'draining', 'malformed']),
    received: zeros(['publish', 'subscribe', 'unsubscribe', 'ping', 'unknown', 'garbage']),
    delivered: 0,
    deliveredBytes: 0,
    dropped: zeros(['topic-rate', 'bus']),
    busSent: 0,
    busReceived: 0,
    isBusUp: null,
    busRoundTripMs: 0,
  }
}

function zeros<Word extends string>(words: readonly Word[]): Record<Word, number> {
  return Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>
}
