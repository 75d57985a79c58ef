/**
 * The connections of one y-webrtc room, with what y-webrtc does not keep: an attempt id, an age, a probe that says
 * whether the link lives, ICE restarts, large messages in parts. What is received is checked before it is decoded.
 */
import type { Clock } from '../clock.js'
import { createFrameReader, framesOf, probeFrame } from './channel-frames.js'
import { createIntake } from './intake.js'
import { createLinkProbe, type LinkProbe } from './link-probe.js'
import type { AttemptFacts } from './offerer.js'
import type { Reject } from './rejections.js'
import type { StockRoom } from './y-webrtc-room.js'

/** The parts of simple-peer that are used. */
interface StockPeer {
  offerOptions?: RTCOfferOptions
  listeners(name: string): ((value: Uint8Array) => void)[]
  removeAllListeners(name?: string): void
  on(name: string, listener: (value: Uint8Array) => void): void
  send(message: Uint8Array): void
  signal(signal: object): void
  negotiate(): void
  destroy(): void
}

/** One connection to another page. */
export interface PagePeer {
  readonly attempt: string
  readonly isConnected: boolean
  readonly hasRestarted: boolean
  readonly probe: LinkProbe
  facts(): AttemptFacts
  /** Hands a description or candidate to it. */
  signal(signal: object): void
  /** Asks whether the other end hears us when it is time to; at once with `everyMs` 0. */
  ask(everyMs: number): void
  /** Sends a whole message. */
  send(message: Uint8Array): void
  /** Looks for new paths without ending the connection. */
  restart(): void
  /** Ends it without telling anybody. */
  drop(): void
}

/** What {@link connectPeer} needs. */
export interface PeerOptions {
  readonly room: StockRoom
  readonly other: string
  readonly attempt: string
  readonly isInitiator: boolean
  readonly clock: Clock
  readonly onSignal: (signal: unknown) => void
  /** Connected or live. */
  readonly onChange: () => void
  /** It has ended by itself. */
  readonly onClose: (wasConnected: boolean) => void
  readonly reject: Reject
}

/** Begins or answers a connection and puts it into the room. */
export function connectPeer(options: PeerOptions): PagePeer {
  const { room, other, attempt, clock, onChange } = options
  const conn = room.connect(other, options.isInitiator, options.onSignal)
  const peer = conn.peer as unknown as StockPeer
  const probe = createLinkProbe()
  let sinceMs = clock.now()
  let hasRestarted = false
  let wasConnected = false

  const sendFrame = peer.send.bind(peer)
  peer.send = (message) => {
    for (const frame of framesOf(message)) sendFrame(frame)
  }
  const ask = (everyMs: number): void => {
    const question = conn.connected ? probe.ask(clock.now(), everyMs) : null
    if (question !== null) trySend(peer, probeFrame('probe', question))
  }
  receive(peer, options, probe)
  peer.on('connect', () => {
    sinceMs = clock.now()
    wasConnected = true
    ask(0)
    onChange()
  })
  peer.on('close', () => options.onClose(wasConnected))
  return {
    attempt,
    get isConnected() {
      return conn.connected
    },
    get hasRestarted() {
      return hasRestarted
    },
    probe,
    facts: () => ({ isConnected: conn.connected, attempt, ageMs: clock.now() - sinceMs }),
    signal: (signal) => peer.signal(signal),
    ask,
    send: (message) => trySend(peer, message),
    restart() {
      hasRestarted = true
      peer.offerOptions = { iceRestart: true }
      peer.negotiate()
    },
    drop() {
      if (room.connections.get(other) === conn) room.connections.delete(other)
      // Its own close handler would delete the successor's entry.
      peer.removeAllListeners()
      peer.on('error', () => undefined)
      conn.connected = false
      conn.closed = true
      peer.destroy()
      onChange()
    },
  }
}

/** Malformed data makes the decoder throw inside an event handler, where nobody would catch it. */
function receive(peer: StockPeer, { clock, reject, onChange, other }: PeerOptions, probe: LinkProbe): void {
  const stock = peer.listeners('data')
  const read = createFrameReader()
  const mayHear = createIntake({ clock, reject })
  peer.removeAllListeners('data')
  peer.on('data', (data) => {
    const frame = read(data)
    // A message in parts counts when it is whole; until then its memory is bounded.
    if (frame.kind !== 'part' && !mayHear(other, frame.kind === 'message' ? frame.bytes : data)) return
    if (frame.kind === 'probe') trySend(peer, probeFrame('answer', frame.question))
    else if (frame.kind === 'answer') {
      if (probe.answered(frame.question, clock.now())) onChange()
    } else if (frame.kind === 'garbage') reject('signaling-garbage', other)
    else if (frame.kind === 'message')
      try {
        for (const listener of stock) listener(frame.bytes)
      } catch {
        // Half a message or a broken one: nothing of it is used.
        reject('signaling-garbage', other)
      }
  })
}

function trySend(peer: StockPeer, message: Uint8Array): void {
  try {
    peer.send(message)
  } catch {
    // The channel is not open (any more): the watchdog sees to it.
  }
}
