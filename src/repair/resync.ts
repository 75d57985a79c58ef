/**
 * Sound and picture of one person that run apart: who is ahead waits for the other, by a longer jitter buffer. Small
 * drifts are closed in steps too small to be heard; beyond a second only a new subscription helps (promise P58).
 */
import type { RemoteTrack } from '../providers/provider.js'
import { DONE, type Hand, type HandContext, refuse } from './hand.js'

/** A receiver takes this much for a whole second of sound being stretched: nobody hears it. */
const NUDGE_MS = 20
const NUDGE_EVERY_MS = 200
/** Buffers beyond this are refused by browsers, and useless in a conversation. */
const TARGET_MAX_MS = 4_000
/** What makes up for jitter and for packets that are asked for again on ordinary paths. */
const DEEP_BUFFER_MS = 250
/** Until a browser has let go of what waits in a buffer. */
const FLUSH_MS = 300

interface Half {
  readonly receiver: RTCRtpReceiver
  readonly playoutAtMs: number
  readonly bufferMs: number
}

/** Below 100 ms: nudges. */
export const resyncGentle: Hand = {
  async act({ world, live, target, signal }) {
    const pair = await pairOf(live.connection.tracks.values(), target.peer)
    if (pair === null) return refuse('not-measured')
    const [ahead, driftMs] = aheadOf(pair)
    const goalMs = Math.min(TARGET_MAX_MS, ahead.bufferMs + driftMs)
    for (let at = ahead.bufferMs; at < goalMs && !signal.aborted; at += NUDGE_MS) {
      setTarget(ahead.receiver, Math.min(goalMs, at + NUDGE_MS))
      await new Promise<void>((resolve) => void world.clock.after(NUDGE_EVERY_MS, resolve))
    }
    return DONE
  },
  undo: release,
}

/** Below a second: at once. Also drains buffers that grew too long, and deepens those that are too short. */
export const resyncMedium: Hand = {
  async act(context) {
    const { world, live, target } = context
    const receivers = receiversOf(live.connection.tracks.values(), target.peer)
    if (target.kind === 'buffer-overflow') {
      for (const receiver of receivers) setTarget(receiver, 0)
      await new Promise<void>((resolve) => void world.clock.after(FLUSH_MS, resolve))
      await release(context)
      return DONE
    }
    const pair = target.kind === 'sync-loss' ? await pairOf(live.connection.tracks.values(), target.peer) : null
    if (pair === null) {
      for (const receiver of receivers) setTarget(receiver, DEEP_BUFFER_MS)
      return receivers.length > 0 ? DONE : refuse('nobody-received')
    }
    const [ahead, driftMs] = aheadOf(pair)
    for (const receiver of receivers) setTarget(receiver, DEEP_BUFFER_MS)
    setTarget(ahead.receiver, Math.min(TARGET_MAX_MS, Math.max(ahead.bufferMs, DEEP_BUFFER_MS) + driftMs))
    return DONE
  },
  undo: release,
}

/** How far sound and picture of one person are apart now, in milliseconds; null where it cannot be measured. */
export async function driftOf(tracks: Iterable<RemoteTrack>, peer: string | null): Promise<number | null> {
  const pair = await pairOf(tracks, peer)
  return pair === null ? null : aheadOf(pair)[1]
}

/** Receivers of one person; of everybody where nobody is named. */
export function receiversOf(tracks: Iterable<RemoteTrack>, peer: string | null): readonly RTCRtpReceiver[] {
  return [...tracks].flatMap((track) =>
    track.receiver !== undefined && (peer === null || track.peer === peer) ? [track.receiver] : [],
  )
}

/** Whether this browser lets a page say how long a buffer shall be. */
export function hasJitterBuffer(receivers: readonly RTCRtpReceiver[]): boolean {
  return receivers.some((receiver) => 'jitterBufferTarget' in receiver)
}

/** Whether some of these are told to wait; what a browser holds of its own accord it lets go of at its own pace alone. */
export function isHeldBack(receivers: readonly RTCRtpReceiver[]): boolean {
  return receivers.some(({ jitterBufferTarget }) => (jitterBufferTarget ?? 0) > 0)
}

/** Lets the browser say again how long the buffers of these are. */
export async function release({ live, target }: Pick<HandContext, 'live' | 'target'>): Promise<void> {
  for (const receiver of receiversOf(live.connection.tracks.values(), target.peer)) setTarget(receiver, null)
}

function setTarget(receiver: RTCRtpReceiver, targetMs: number | null): void {
  try {
    receiver.jitterBufferTarget = targetMs === null ? null : Math.round(targetMs)
  } catch {
    // A receiver that was stopped meanwhile takes no target, and needs none.
  }
}

async function pairOf(
  tracks: Iterable<RemoteTrack>,
  peer: string | null,
): Promise<readonly [Half, Half] | null> {
  const own = [...tracks].filter((track) => track.peer === peer)
  const [sound, picture] = await Promise.all(
    (['microphone', 'camera'] as const).map(async (source) => {
      const receiver = own.find((track) => track.source === source)?.receiver
      return receiver === undefined ? null : halfOf(receiver)
    }),
  )
  if (!sound || !picture || !Number.isFinite(sound.playoutAtMs - picture.playoutAtMs)) return null
  return [sound, picture]
}

/** What plays the later moment is ahead. */
function aheadOf([sound, picture]: readonly [Half, Half]): readonly [Half, number] {
  const driftMs = sound.playoutAtMs - picture.playoutAtMs
  return [driftMs > 0 ? sound : picture, Math.abs(driftMs)]
}

interface PlayoutStats {
  readonly type: string
  readonly estimatedPlayoutTimestamp?: number
  readonly jitterBufferDelay?: number
  readonly jitterBufferEmittedCount?: number
}

async function halfOf(receiver: RTCRtpReceiver): Promise<Half | null> {
  const report = await receiver.getStats().catch(() => null) // a closed connection plays nothing
  let half: Half | null = null
  report?.forEach((entry: PlayoutStats) => {
    if (entry.type !== 'inbound-rtp') return
    const { estimatedPlayoutTimestamp, jitterBufferDelay = 0, jitterBufferEmittedCount = 0 } = entry
    const bufferMs = jitterBufferEmittedCount === 0 ? 0 : (jitterBufferDelay / jitterBufferEmittedCount) * 1_000
    half = { receiver, playoutAtMs: estimatedPlayoutTimestamp ?? Number.NaN, bufferMs }
  })
  return half
}
