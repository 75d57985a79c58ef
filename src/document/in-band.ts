/**
 * The document over the data channel of a media provider: when neither data channels of our own nor the signaling
 * servers get through, whatever carries the media still does. Sealed where the room has a password, because a
 * provider's server can read its channels. Stands by while other links reach everybody; loaded on demand.
 */

import { createFrameJoiner, dataFrames } from './data-frames.js'
import { createIntake } from './intake.js'
import type { Link } from './link.js'
import { type RelayLinkOptions, startRelayLink } from './relay-link.js'
import { createEnvelopes } from './room-envelope.js'
import type { Seal } from './seal.js'

/** A media provider's data channel to everybody on it. */
export interface DataPort {
  /** Largest frame. */
  readonly maxBytes: number
  /** Sends to all; what is lost is found by the next digest. */
  send(frame: Uint8Array): void
  /** Frames with the participant they come from, as the provider says, and news of somebody who appeared. */
  subscribe(listener: { onFrame(from: string, frame: Uint8Array): void; onPeer(): void }): () => void
}

/** What {@link startInBandLink} needs. */
export interface InBandOptions extends Omit<RelayLinkOptions, 'send' | 'onBye'> {
  readonly page: string
  readonly seal: Seal | null
}

/** Starts it on one connection. */
export function startInBandLink(options: InBandOptions, port: DataPort): Link {
  const { clock } = options
  const joinFrames = createFrameJoiner()
  const mayHear = createIntake(options)
  const encoder = new TextEncoder()
  let count = 0
  let cancelGreeting: (() => void) | null = null
  const envelopes = createEnvelopes({
    ...options,
    isKnown: (page) => (options.pageOf?.(page) ?? null) !== null,
    onMessage: (message) => relay.receive(message),
    publish(data) {
      count += 1
      for (const frame of dataFrames(encoder.encode(JSON.stringify(data)), count, port.maxBytes))
        port.send(frame)
    },
  })
  // A connection that goes says nothing of its page.
  const relay = startRelayLink({ ...options, send: envelopes.send, onBye: () => undefined })
  const stop = port.subscribe({
    onFrame(from, frame) {
      const message = mayHear(from, frame.length) ? joinFrames(from, frame) : null
      if (message !== null) envelopes.receive(parse(message))
    },
    onPeer() {
      cancelGreeting ??= clock.after(GREET_AFTER_MS, () => {
        cancelGreeting = null
        relay.greet()
      })
    },
  })
  relay.greet()
  return {
    snapshot() {
      const { paths } = relay.ways
      const peers = paths.filter((path) => path.state === 'live').map((path) => path.peer)
      return { kind: 'in-band', state: 'connected', peers, paths }
    },
    resync: relay.resync,
    flush: relay.flush,
    sweep: relay.sweep,
    close() {
      cancelGreeting?.()
      stop()
      relay.close()
      envelopes.close(() => undefined)
    },
  }
}

function parse(message: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(message)) as unknown
  } catch {
    // Not from one of us: the envelope passes over it.
    return null
  }
}

/** Channels to somebody new open a moment later; several who come at once are greeted once. */
const GREET_AFTER_MS = 300
