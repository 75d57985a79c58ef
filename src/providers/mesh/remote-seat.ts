/**
 * One connection of one other participant (a seat), kept reachable for as long as it is listed. Attempts are
 * numbered by the initiator; whatever belongs to an earlier one is ignored. The answering side cannot begin:
 * it says which attempt it has lost until an offer comes.
 */
import type { TrackSource } from '../provider.js'
import { type Attempt, type AttemptOptions, createAttempt } from './attempt.js'
import type { PeerLink } from './peer-link.js'
import type { LaneBody } from './wire.js'

/** What a seat puts on the room's channel; the owner adds the addresses. */
export type SeatMessage =
  | { readonly type: 'hello'; readonly dead: number }
  | { readonly type: 'lane'; readonly attempt: number; readonly n: number; readonly body: LaneBody }
  | { readonly type: 'ack'; readonly attempt: number; readonly n: number }

/** Options of {@link createRemoteSeat}. */
export interface RemoteSeatOptions
  extends Pick<
    AttemptOptions,
    'isInitiator' | 'connectTimeoutMs' | 'clock' | 'openLink' | 'wanted' | 'onBytes' | 'onState'
  > {
  readonly peer: string
  readonly seat: string
  readonly session: string
  readonly send: (message: SeatMessage) => void
  /** Something to look at changed: whether it is up, or what it shows. */
  readonly onChange: () => void
}

/** A track as the seat shows it. */
export interface SeatTrack {
  readonly id: string
  readonly source: TrackSource
  readonly receiver: RTCRtpReceiver
}

/** See the file's comment. */
export interface RemoteSeat {
  readonly peer: string
  readonly seat: string
  readonly session: string
  /** While media can flow. */
  readonly isUp: boolean
  readonly link: PeerLink | null
  /** Changes with each attempt. */
  readonly linkId: string
  /** Shown tracks; empty while not up. */
  tracks(): readonly SeatTrack[]
  start(): void
  /** The other side says hello; `dead` is its last attempt that is no more. */
  onHello(dead: number): void
  onLane(attempt: number, n: number, body: LaneBody): void
  onAck(attempt: number, n: number): void
  /** Publishes what `wanted()` says now. */
  publish(): Promise<void>
  restartIce(): Promise<void>
  /** Begins a fresh attempt in place of a living one. */
  renew(): void
  forceRemoteKeyFrame(source: TrackSource): void
  /** Whether the other page answered over the data channel within the limit. */
  probe(limitMs: number): Promise<boolean>
  close(): void
}

/** Pause before an attempt that follows a broken one, doubled each time. */
const RETRY_FIRST_MS = 400

/** A listed peer is tried at least this often. */
const RETRY_MAX_MS = 5_000

interface SeatState {
  readonly options: RemoteSeatOptions
  number: number
  attempt: Attempt | null
  retries: number
  isClosed: boolean
  cancelRetry: () => void
}

/** Makes a seat; nothing happens before `start()`. */
export function createRemoteSeat(options: RemoteSeatOptions): RemoteSeat {
  const { peer, seat, session, isInitiator } = options
  const state: SeatState = {
    options,
    number: 0,
    attempt: null,
    retries: 0,
    isClosed: false,
    cancelRetry: () => undefined,
  }
  return {
    peer,
    seat,
    session,
    get isUp() {
      return state.attempt?.isUp ?? false
    },
    get link() {
      return state.attempt?.link ?? null
    },
    get linkId() {
      return `${seat}.${state.number}`
    },
    tracks: () => tracksOf(state),
    start: () => (isInitiator ? begin(state, state.number + 1) : call(state)),
    onHello(dead) {
      if (isInitiator && !state.isClosed && state.number <= dead) begin(state, dead + 1)
    },
    onLane(number, n, body) {
      if (state.isClosed || number < state.number) return
      if (number > state.number) {
        if (isInitiator) return
        begin(state, number)
      }
      state.attempt?.lane.onMessage(n, body)
    },
    onAck(number, n) {
      if (number === state.number) state.attempt?.lane.onAck(n)
    },
    publish: async () => state.attempt?.publish(),
    restartIce: async () => (state.attempt?.isUp ? state.attempt.restartIce() : undefined),
    renew() {
      if (!state.attempt?.isUp) return
      // Who may not begin calls its attempt lost, and keeps it until the next one comes.
      if (isInitiator) begin(state, state.number + 1)
      else call(state)
    },
    forceRemoteKeyFrame: (source) => state.attempt?.note({ t: 'key-frame', source }),
    probe: async (limitMs) => (await state.attempt?.probe(limitMs)) ?? false,
    close() {
      state.isClosed = true
      state.cancelRetry()
      drop(state)
    },
  }
}

function begin(state: SeatState, number: number): void {
  const { options } = state
  drop(state)
  state.cancelRetry()
  state.number = number
  state.attempt = createAttempt({
    ...options,
    sendLane: (n, body) => options.send({ type: 'lane', attempt: number, n, body }),
    sendAck: (n) => options.send({ type: 'ack', attempt: number, n }),
    onUp: () => {
      state.retries = 0
    },
    onOver: () => retry(state),
  })
}

function drop(state: SeatState): void {
  const dropped = state.attempt
  if (!dropped) return
  const wasUp = dropped.isUp
  state.attempt = null
  dropped.close()
  if (wasUp) state.options.onChange()
}

function retry(state: SeatState): void {
  drop(state)
  const { isInitiator } = state.options
  if (!state.isClosed) later(state, () => (isInitiator ? begin(state, state.number + 1) : call(state)))
}

function call(state: SeatState): void {
  state.options.send({ type: 'hello', dead: state.number })
  later(state, () => call(state))
}

function later(state: SeatState, task: () => void): void {
  state.cancelRetry()
  const pauseMs = Math.min(RETRY_FIRST_MS * 2 ** state.retries, RETRY_MAX_MS)
  state.retries += 1
  state.cancelRetry = state.options.clock.after(pauseMs, task)
}

function tracksOf({ attempt, number, options }: SeatState): readonly SeatTrack[] {
  if (!attempt?.isUp) return []
  return attempt.sources.flatMap((source) => {
    const receiver = attempt.link.slots.receiverOf(source)
    return receiver ? [{ id: `${options.seat}.${number}.${source}`, source, receiver }] : []
  })
}
