/**
 * One numbered attempt at one seat: its link, its lane, its heartbeat, and what both sides publish. It ends
 * once, by deadline, by the other side or because trouble lasted; the seat then decides about the next.
 */
import type { Clock } from '../../clock.js'
import type { TrackSource } from '../provider.js'
import { createHeartbeat, type Heartbeat } from './heartbeat.js'
import { createLane, type Lane } from './lane.js'
import type { PeerLink, PeerLinkEvents } from './peer-link.js'
import type { WantedTrack } from './slots.js'
import { type LaneBody, type MeshNote, type Published, parseNote } from './wire.js'

/** Starts an attempt at a link. */
export type OpenLink = (isInitiator: boolean, events: PeerLinkEvents, published: () => Published) => PeerLink

/** Options of {@link createAttempt}. */
export interface AttemptOptions {
  readonly isInitiator: boolean
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly openLink: OpenLink
  readonly wanted: () => ReadonlyMap<TrackSource, WantedTrack>
  readonly sendLane: (n: number, body: LaneBody) => void
  readonly sendAck: (n: number) => void
  /** It came up, or shows something else. */
  readonly onChange: () => void
  /** Media can flow. */
  readonly onUp: () => void
  /** Given up: the owner closes it. */
  readonly onOver: () => void
  readonly onBytes: (bytes: Uint8Array) => void
  readonly onState: (state: RTCPeerConnectionState) => void
}

/** See the file's comment. */
export interface Attempt {
  readonly link: PeerLink
  readonly lane: Lane<LaneBody>
  readonly isUp: boolean
  /** Sources that the other side publishes. */
  readonly sources: readonly TrackSource[]
  publish(): Promise<void>
  /** New ICE credentials; resolves when negotiated, or after a while. */
  restartIce(): Promise<void>
  note(note: MeshNote): void
  probe(limitMs: number): Promise<boolean>
  close(): void
}

/** Media may be back within it after a restart; longer, and a fresh attempt is the faster way. */
const LOST_AFTER_MS = 6_000

/** `restartIce()` does not wait longer for the new negotiation. */
const RESTART_LIMIT_MS = 4_000

interface AttemptState {
  readonly options: AttemptOptions
  readonly onStable: Set<() => void>
  readonly cancelDeadline: () => void
  lane: Lane<LaneBody>
  link: PeerLink | null
  heartbeat: Heartbeat | null
  isUp: boolean
  remote: Published
  own: Published
  cancelLost: (() => void) | null
}

/** Starts an attempt. */
export function createAttempt(options: AttemptOptions): Attempt {
  const { clock } = options
  const state: AttemptState = {
    options,
    onStable: new Set(),
    cancelDeadline: clock.after(options.connectTimeoutMs, options.onOver),
    lane: createLane<LaneBody>({
      clock,
      transmit: options.sendLane,
      acknowledge: options.sendAck,
      receive: (body) => state.link?.signal(body),
    }),
    link: null,
    heartbeat: null,
    isUp: false,
    remote: { n: 0, sources: [] },
    own: { n: 0, sources: [] },
    cancelLost: null,
  }
  const link = options.openLink(options.isInitiator, eventsOf(state), () => state.own)
  state.link = link
  void publish(state)
  return {
    link,
    lane: state.lane,
    get isUp() {
      return state.isUp
    },
    get sources() {
      return state.remote.sources
    },
    publish: () => publish(state),
    restartIce: () => restarted(state, link),
    note: (value) => note(state, value),
    probe: (limitMs) => state.heartbeat?.probe(limitMs) ?? Promise.resolve(false),
    close: () => close(state),
  }
}

function eventsOf(state: AttemptState): PeerLinkEvents {
  const { options } = state
  return {
    onSignal: (body) => state.lane.send(body),
    onState(connectionState) {
      options.onState(connectionState)
      if (connectionState === 'connected') onConnected(state)
      else if (connectionState === 'disconnected' || connectionState === 'failed') onTrouble(state)
    },
    onOpen() {
      state.heartbeat = createHeartbeat({
        clock: options.clock,
        send: (value) => note(state, value),
        onSilent: () => {
          if (state.link?.pc.connectionState !== 'connected') onTrouble(state)
        },
        onDead: options.onOver,
      })
      note(state, { t: 'published', published: state.own })
    },
    onText: (text) => onNote(state, parseNote(text)),
    onBytes(bytes) {
      state.heartbeat?.onHeard()
      options.onBytes(bytes)
    },
    onPublished: (published) => onPublished(state, published),
    onStable() {
      for (const finish of [...state.onStable]) finish()
      options.onChange()
    },
    onClosed: options.onOver,
  }
}

function onConnected(state: AttemptState): void {
  state.cancelLost?.()
  state.cancelLost = null
  if (state.isUp) return
  state.isUp = true
  state.cancelDeadline()
  state.options.onUp()
  // Caps can be set only once the sections are negotiated.
  void publish(state)
  state.options.onChange()
}

// At the first sign, before `failed`: a restart that is under way when the network returns needs nobody to
// know when that is.
function onTrouble(state: AttemptState): void {
  if (!state.isUp || state.cancelLost) return
  state.link?.restartIce()
  state.cancelLost = state.options.clock.after(LOST_AFTER_MS, state.options.onOver)
}

function onNote(state: AttemptState, received: MeshNote | null): void {
  state.heartbeat?.onHeard()
  if (received?.t === 'beat') note(state, { t: 'echo', n: received.n })
  if (received?.t === 'echo') state.heartbeat?.onEcho(received.n)
  if (received?.t === 'published') onPublished(state, received.published)
  if (received?.t === 'key-frame') void state.link?.slots.forceKeyFrame(received.source)
}

function onPublished(state: AttemptState, published: Published): void {
  if (published.n <= state.remote.n) return
  state.remote = published
  state.options.onChange()
}

function note(state: AttemptState, value: MeshNote): void {
  state.link?.send(JSON.stringify(value))
}

async function publish(state: AttemptState): Promise<void> {
  const wanted = state.options.wanted()
  state.own = { n: state.own.n + 1, sources: [...wanted.keys()] }
  note(state, { t: 'published', published: state.own })
  await state.link?.slots.publish(wanted)
}

function restarted(state: AttemptState, link: PeerLink): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel()
      state.onStable.delete(finish)
      resolve()
    }
    const cancel = state.options.clock.after(RESTART_LIMIT_MS, finish)
    state.onStable.add(finish)
    link.restartIce()
  })
}

function close(state: AttemptState): void {
  state.cancelDeadline()
  state.cancelLost?.()
  state.heartbeat?.close()
  state.lane.close()
  state.link?.close()
  state.isUp = false
  for (const finish of [...state.onStable]) finish()
}
