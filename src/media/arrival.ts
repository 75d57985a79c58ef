/**
 * Tells when media of a remote track really arrives. A track is `live` and `unmuted` long before and long
 * after pictures flow, so three witnesses are asked: frames seen by a hidden `<video>` (exact, but silent in
 * hidden tabs), the receiver's synchronization sources (cheap, synchronous, works hidden) and getStats (where
 * a browser fills no synchronization sources, e.g. for sound that nobody plays yet).
 */
import type { Clock } from '../clock.js'
import type { RemoteTrack } from '../providers/provider.js'

/** What is known of the media of one remote track. Times are the clock's milliseconds. */
export interface Arrival {
  /** When media was first seen; null until then. */
  readonly firstAtMs: number | null
  /** When media was last known to arrive; exact while {@link Arrival.watch} is on, else as of the last look. */
  readonly lastAtMs: number | null
  /** Looks now; cheap, never waits. */
  look(): void
  /** Follows every frame from now on, for exact moments around a flip. Idempotent. */
  watch(): void
  /** Stops following frames. */
  unwatch(): void
  /** Ends everything; nothing is reported afterwards. */
  stop(): void
}

/** Makes an {@link Arrival}; a seam for tests. `onMedia` is called at the first media and at each watched frame. */
export type ArrivalFactory = (
  track: RemoteTrack,
  clock: Clock,
  onMedia: (atMs: number, isFrame: boolean) => void,
) => Arrival

/** getStats is asked at most this often while nothing else answers; one call costs about 1 ms. */
const STATS_INTERVAL_MS = 100

interface Watched {
  readonly track: RemoteTrack
  readonly clock: Clock
  readonly onMedia: (atMs: number, isFrame: boolean) => void
  firstAtMs: number | null
  lastAtMs: number | null
  /** Smallest seen difference between our clock and the browser's source timestamps: their offset. */
  offsetMs: number
  lastStamp: number
  lastLookAtMs: number
  lastStatsAtMs: number
  statsCount: number
  element: HTMLVideoElement | null
  isStopped: boolean
}

/** The arrival of a track in a real browser. */
export const watchArrival: ArrivalFactory = (track, clock, onMedia) => {
  const state: Watched = {
    track,
    clock,
    onMedia,
    firstAtMs: null,
    lastAtMs: null,
    offsetMs: Number.POSITIVE_INFINITY,
    lastStamp: Number.NaN,
    lastLookAtMs: clock.now(),
    lastStatsAtMs: Number.NEGATIVE_INFINITY,
    statsCount: -1,
    element: null,
    isStopped: false,
  }
  return {
    get firstAtMs() {
      return state.firstAtMs
    },
    get lastAtMs() {
      return state.lastAtMs
    },
    look: () => look(state),
    watch: () => watchFrames(state),
    unwatch: () => unwatchFrames(state),
    stop() {
      state.isStopped = true
      unwatchFrames(state)
    },
  }
}

function note(state: Watched, atMs: number, isFrame: boolean): void {
  if (state.isStopped) return
  const isFirst = state.firstAtMs === null
  state.firstAtMs ??= atMs
  state.lastAtMs = Math.max(state.lastAtMs ?? atMs, atMs)
  if (isFirst || isFrame) state.onMedia(atMs, isFrame)
}

function look(state: Watched): void {
  if (state.isStopped || isConnecting(state.track.receiver)) return
  const nowMs = state.clock.now()
  const stamp = newestStamp(state.track.receiver)
  if (stamp !== null) noteStamp(state, stamp, nowMs)
  else if (state.track.receiver) void lookAtStats(state, state.track.receiver, nowMs)
  // Adapters that hide the receiver leave only the track's own word, which is true once media has come.
  else if (!state.track.track.muted && state.track.track.readyState === 'live') note(state, nowMs, false)
  state.lastLookAtMs = nowMs
}

/**
 * Chromium's stamps are off our clock by a constant (1.7 s measured), so only differences are used: the
 * smallest difference ever seen belongs to the freshest look.
 */
function noteStamp(state: Watched, stamp: number, nowMs: number): void {
  state.offsetMs = Math.min(state.offsetMs, nowMs - stamp)
  if (stamp === state.lastStamp) return
  const isFirstLook = Number.isNaN(state.lastStamp)
  state.lastStamp = stamp
  const atMs = stamp + state.offsetMs
  note(state, isFirstLook ? nowMs : Math.max(atMs, state.lastLookAtMs), false)
}

/** Nothing can have arrived yet, and asking for sources waits for the very threads that are busy connecting. */
function isConnecting(receiver: RTCRtpReceiver | undefined): boolean {
  const state = receiver?.transport?.state
  return state === 'new' || state === 'connecting'
}

function newestStamp(receiver: RTCRtpReceiver | undefined): number | null {
  if (typeof receiver?.getSynchronizationSources !== 'function') return null
  let newest: number | null = null
  for (const source of receiver.getSynchronizationSources())
    newest = Math.max(newest ?? source.timestamp, source.timestamp)
  return newest
}

async function lookAtStats(state: Watched, receiver: RTCRtpReceiver, nowMs: number): Promise<void> {
  if (nowMs - state.lastStatsAtMs < STATS_INTERVAL_MS) return
  state.lastStatsAtMs = nowMs
  const report = await receiver.getStats().catch(() => null) // a closed connection has no stats: nothing arrives
  if (report === null) return
  report.forEach((entry: { type: string; framesDecoded?: number; packetsReceived?: number }) => {
    if (entry.type !== 'inbound-rtp') return
    const count = (receiver.track.kind === 'video' ? entry.framesDecoded : entry.packetsReceived) ?? 0
    if (count > 0 && count !== state.statsCount) note(state, nowMs, false)
    state.statsCount = count
  })
}

function watchFrames(state: Watched): void {
  if (state.element || state.isStopped || state.track.track.kind !== 'video') return
  if (typeof document === 'undefined') return
  const element = document.createElement('video')
  if (typeof element.requestVideoFrameCallback !== 'function') return
  element.muted = true
  element.playsInline = true
  element.srcObject = new MediaStream([state.track.track])
  state.element = element
  const onFrame: VideoFrameRequestCallback = (_now, frame) => {
    if (state.element !== element) return
    // Chromium emits one more callback when a track ends; only real frames carry an RTP time.
    if (frame.rtpTimestamp !== undefined) note(state, state.clock.now(), true)
    element.requestVideoFrameCallback(onFrame)
  }
  element.requestVideoFrameCallback(onFrame)
  // Rejects when the element is dropped before it plays; the other witnesses still answer.
  void element.play().catch(() => undefined)
}

function unwatchFrames(state: Watched): void {
  if (!state.element) return
  state.element.srcObject = null
  state.element = null
}
