/**
 * One connection of one other participant (a seat), kept reachable for as long as it is listed: attempts with
 * a deadline, an ICE restart at the first sign of trouble, a fresh attempt when that does not help. Attempts
 * are numbered by the initiator; whatever belongs to an earlier one is ignored.
 */
import type { Clock } from '../../clock.js'
import type { TrackSource } from '../provider.js'
import { createHeartbeat, type Heartbeat } from './heartbeat.js'
import { createLane, type Lane } from './lane.js'
import type { PeerLink, PeerLinkEvents } from './peer-link.js'
import type { WantedTrack } from './slots.js'
import { type LaneBody, type MeshNote, type Published, parseNote } from './wire.js'

/** What a seat puts on the room's channel; the owner adds the addresses. */
export type SeatMessage =
  | { readonly type: 'hello'; readonly dead: number }
  | { readonly type: 'lane'; readonly attempt: number; readonly n: number; readonly body: LaneBody }
  | { readonly type: 'ack'; readonly attempt: number; readonly n: number }

/** Starts an attempt at a link. */
export type OpenLink = (isInitiator: boolean, events: PeerLinkEvents, published: () => Published) => PeerLink

/** Options of {@link createRemoteSeat}. */
export interface RemoteSeatOptions {
  readonly peer: string
  readonly seat: string
  readonly session: string
  /** Exactly one side is; decided by comparing ids. */
  readonly isInitiator: boolean
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly openLink: OpenLink
  readonly wanted: () => ReadonlyMap<TrackSource, WantedTrack>
  readonly send: (message: SeatMessage) => void
  /** Something to look at changed: whether it is up, or what it shows. */
  readonly onChange: () => void
  readonly onBytes: (bytes: Uint8Array) => void
  readonly onState: (state: RTCPeerConnectionState) => void
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
  forceRemoteKeyFrame(source: TrackSource): void
  /** Whether the other page answered over the data channel within the limit. */
  probe(limitMs: number): Promise<boolean>
  close(): void
}

/** Media may be back within it after a restart; longer, and a fresh attempt is the faster way. */
const LOST_AFTER_MS = 6_000

/** Pause before an attempt that follows a broken one, doubled each time. */
const RETRY_FIRST_MS = 400

/** A listed peer is tried at least this often. */
const RETRY_MAX_MS = 5_000

/** `restartIce()` does not wait longer for the new negotiation. */
const RESTART_LIMIT_MS = 4_000

/** Makes a seat; nothing happens before `start()`. */
export function createRemoteSeat(options: RemoteSeatOptions): RemoteSeat {
  const { clock, isInitiator } = options
  let attempt = 0
  let link: PeerLink | null = null
  let lane: Lane<LaneBody> | null = null
  let heartbeat: Heartbeat | null = null
  let isUp = false
  let isClosed = false
  let retries = 0
  let remote: Published = { n: 0, sources: [] }
  let own: Published = { n: 0, sources: [] }
  let cancelDeadline = (): void => undefined
  let cancelRetry = (): void => undefined
  let cancelLost: (() => void) | null = null
  const onStable = new Set<() => void>()

  const note = (value: MeshNote): void => {
    link?.send(JSON.stringify(value))
  }

  const drop = (): void => {
    const wasUp = isUp
    cancelDeadline()
    cancelLost?.()
    cancelLost = null
    heartbeat?.close()
    lane?.close()
    link?.close()
    heartbeat = lane = link = null
    isUp = false
    remote = { n: 0, sources: [] }
    for (const finish of [...onStable]) finish()
    if (wasUp) options.onChange()
  }

  const retry = (): void => {
    drop()
    if (isClosed) return
    cancelRetry()
    const pauseMs = Math.min(RETRY_FIRST_MS * 2 ** retries, RETRY_MAX_MS)
    retries += 1
    cancelRetry = clock.after(pauseMs, () => (isInitiator ? begin(attempt + 1) : call()))
  }

  // The answering side cannot begin; it says what it has lost until an offer comes.
  const call = (): void => {
    options.send({ type: 'hello', dead: attempt })
    cancelRetry()
    const pauseMs = Math.min(RETRY_FIRST_MS * 2 ** retries, RETRY_MAX_MS)
    retries += 1
    cancelRetry = clock.after(pauseMs, call)
  }

  const restart = (): void => {
    if (cancelLost || !link) return
    link.restartIce()
    cancelLost = clock.after(LOST_AFTER_MS, retry)
  }

  const recovered = (): void => {
    cancelLost?.()
    cancelLost = null
  }

  const begin = (number: number): void => {
    drop()
    cancelRetry()
    attempt = number
    const current = number
    lane = createLane<LaneBody>({
      clock,
      transmit: (n, body) => options.send({ type: 'lane', attempt: current, n, body }),
      acknowledge: (n) => options.send({ type: 'ack', attempt: current, n }),
      receive: (body) => link?.signal(body),
    })
    cancelDeadline = clock.after(options.connectTimeoutMs, retry)
    link = options.openLink(isInitiator, linkEvents(), () => own)
    void publish()
  }

  const linkEvents = (): PeerLinkEvents => ({
    onSignal: (body) => lane?.send(body),
    onState(state) {
      options.onState(state)
      if (state === 'connected') {
        recovered()
        if (isUp) return
        isUp = true
        retries = 0
        cancelDeadline()
        void publish()
        options.onChange()
      } else if (isUp && (state === 'disconnected' || state === 'failed')) restart()
    },
    onOpen() {
      heartbeat = createHeartbeat({
        clock,
        send: note,
        onSilent: () => {
          if (link?.pc.connectionState !== 'connected') restart()
        },
        onDead: retry,
      })
      note({ t: 'published', published: own })
    },
    onText,
    onBytes(bytes) {
      heartbeat?.onHeard()
      options.onBytes(bytes)
    },
    onPublished,
    onStable() {
      for (const finish of [...onStable]) finish()
      options.onChange()
    },
    onClosed: retry,
  })

  const onText = (text: string): void => {
    heartbeat?.onHeard()
    const received = parseNote(text)
    if (received?.t === 'beat') note({ t: 'echo', n: received.n })
    if (received?.t === 'echo') heartbeat?.onEcho(received.n)
    if (received?.t === 'published') onPublished(received.published)
    if (received?.t === 'key-frame') void link?.slots.forceKeyFrame(received.source)
  }

  const onPublished = (published: Published): void => {
    if (published.n <= remote.n) return
    remote = published
    options.onChange()
  }

  const publish = async (): Promise<void> => {
    const wanted = options.wanted()
    own = { n: own.n + 1, sources: [...wanted.keys()] }
    note({ t: 'published', published: own })
    await link?.slots.publish(wanted)
  }

  return {
    peer: options.peer,
    seat: options.seat,
    session: options.session,
    get isUp() {
      return isUp
    },
    get link() {
      return link
    },
    get linkId() {
      return `${options.seat}.${attempt}`
    },
    tracks() {
      if (!isUp || !link) return []
      const { slots } = link
      return remote.sources.flatMap((source) => {
        const receiver = slots.receiverOf(source)
        return receiver ? [{ id: `${options.seat}.${attempt}.${source}`, source, receiver }] : []
      })
    },
    start: () => (isInitiator ? begin(attempt + 1) : call()),
    onHello(dead) {
      if (isInitiator && !isClosed && attempt <= dead) begin(dead + 1)
    },
    onLane(number, n, body) {
      if (isClosed || number < attempt || (number > attempt && isInitiator)) return
      if (number > attempt) begin(number)
      lane?.onMessage(n, body)
    },
    onAck(number, n) {
      if (number === attempt) lane?.onAck(n)
    },
    publish,
    restartIce: () =>
      new Promise((resolve) => {
        if (!link || !isUp) return resolve()
        const finish = (): void => {
          cancel()
          onStable.delete(finish)
          resolve()
        }
        const cancel = clock.after(RESTART_LIMIT_MS, finish)
        onStable.add(finish)
        link.restartIce()
      }),
    forceRemoteKeyFrame: (source) => note({ t: 'key-frame', source }),
    probe: (limitMs) => heartbeat?.probe(limitMs) ?? Promise.resolve(false),
    close() {
      isClosed = true
      cancelRetry()
      drop()
    },
  }
}
