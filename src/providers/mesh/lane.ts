/**
 * Ordered, reliable delivery of a few messages over a channel that loses, repeats and reorders them. Numbered
 * messages, one cumulative acknowledgement, everything unacknowledged sent again with growing pauses. One
 * lane per direction pair and connection attempt; a new attempt starts a new lane at 1.
 */
import type { Clock } from '../../clock.js'

/** Options of {@link createLane}. */
export interface LaneOptions<Body> {
  readonly clock: Clock
  /** Puts one numbered message on the wire. */
  readonly transmit: (n: number, body: Body) => void
  /** Tells the other side that everything up to `n` has arrived. */
  readonly acknowledge: (n: number) => void
  /** Gets each message once, in order. */
  readonly receive: (body: Body) => void
}

/** Both directions of one attempt. */
export interface Lane<Body> {
  send(body: Body): void
  onMessage(n: number, body: Body): void
  onAck(n: number): void
  /** Nothing is sent or received afterwards. */
  close(): void
}

/** About three round trips of a signaling server. */
const FIRST_RESEND_MS = 250

/** Ends the doubling: after an outage of signaling the first resend comes within this. */
const RESEND_MAX_MS = 2_000

/** An attempt has some 20 messages; more held back than this is no attempt of ours. */
const HELD_MAX = 64

/** Makes a lane. */
export function createLane<Body>(options: LaneOptions<Body>): Lane<Body> {
  const unacknowledged = new Map<number, Body>()
  const held = new Map<number, Body>()
  let lastSent = 0
  let lastReceived = 0
  let resendMs = FIRST_RESEND_MS
  let isClosed = false
  let cancelResend: (() => void) | null = null

  const schedule = (): void => {
    cancelResend ??= options.clock.after(resendMs, () => {
      cancelResend = null
      resendMs = Math.min(resendMs * 2, RESEND_MAX_MS)
      for (const [n, body] of unacknowledged) options.transmit(n, body)
      if (unacknowledged.size > 0) schedule()
    })
  }

  return {
    send(body) {
      if (isClosed) return
      lastSent += 1
      unacknowledged.set(lastSent, body)
      options.transmit(lastSent, body)
      schedule()
    },
    onMessage(n, body) {
      if (isClosed) return
      if (n > lastReceived && held.size < HELD_MAX) held.set(n, body)
      for (;;) {
        const next = held.get(lastReceived + 1)
        if (next === undefined) break
        lastReceived += 1
        held.delete(lastReceived)
        options.receive(next)
        // Receiving may end the attempt.
        if (isClosed) return
      }
      options.acknowledge(lastReceived)
    },
    onAck(n) {
      if (isClosed) return
      for (const sent of [...unacknowledged.keys()]) if (sent <= n) unacknowledged.delete(sent)
      resendMs = FIRST_RESEND_MS
      if (unacknowledged.size > 0) return
      cancelResend?.()
      cancelResend = null
    },
    close() {
      isClosed = true
      cancelResend?.()
      cancelResend = null
      unacknowledged.clear()
      held.clear()
    },
  }
}
