/**
 * Keeps the packets since the last key frame, so that a new viewer sees a picture at once instead of asking
 * the publisher for a key frame and waiting for it. Browsers answer at most one request per 300 ms and drop
 * the others, which made every second first frame 0.5 s late.
 */
import type { RtpPacket } from 'werift'
import { isKeyFrameStart } from './vp8.js'

/** The packets that a new viewer needs. */
export interface Replay {
  push(packet: RtpPacket, nowMs: number): void
  /** Packets from the key frame until now, oldest first; empty when there is none recent enough. */
  packets(nowMs: number): readonly RtpPacket[]
  clear(): void
}

/** Older pictures are not replayed: the burst would be long, and the viewer's buffer would start with a delay. */
const REPLAY_MAX_AGE_MS = 600

/** About half a second of 2.5 Mbit/s. */
const REPLAY_MAX_PACKETS = 160

/** Makes an empty one. */
export function createReplay(): Replay {
  let kept: RtpPacket[] = []
  let keyFrameAtMs = Number.NEGATIVE_INFINITY
  const clear = (): void => {
    kept = []
    keyFrameAtMs = Number.NEGATIVE_INFINITY
  }
  return {
    push(packet, nowMs) {
      if (isKeyFrameStart(packet.payload)) {
        // A key frame's first packet that was sent again must not cut off what came after it.
        if (kept[0]?.header.timestamp === packet.header.timestamp) return
        kept = []
        keyFrameAtMs = nowMs
      }
      if (nowMs - keyFrameAtMs > REPLAY_MAX_AGE_MS || kept.length >= REPLAY_MAX_PACKETS) clear()
      else kept.push(packet)
    },
    packets: (nowMs) => (nowMs - keyFrameAtMs <= REPLAY_MAX_AGE_MS ? kept : []),
    clear,
  }
}
