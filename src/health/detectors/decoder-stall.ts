/** Frames arrive and none is decoded: the codec failed, or waits for a key frame that does not come. */
import { aboutPeer } from '../alert.js'
import { ANSWERED_MS, causeOfFreeze, frozenMsOf, isAskedInVain } from '../freeze-cause.js'
import { evidence, plainDetector } from './detector.js'

/** A decoder that has not asked for anything may be slow, or wait for what is late: a lost key frame is repaired by then. */
const SLOW_MS = 700

/** See the module comment. */
export const decoderStall = plainDetector(
  {
    kind: 'decoder-stall',
    unit: 'ms',
    direction: 'above',
    // Who asked in vain for a fresh picture needs help; else more time is given.
    limit: {
      low: null,
      medium: ANSWERED_MS,
      high: 3_000,
      critical: 10_000,
      raiseAfterMs: 0,
      clearAfterMs: 2_000,
    },
  },
  (scene) =>
    scene.inbound.flatMap((view) => {
      const frozenMs = frozenMsOf(view, scene.latenessMs)
      if (frozenMs === null || causeOfFreeze(view, scene, frozenMs) !== 'decoder-stall') return []
      if (frozenMs < SLOW_MS && !isAskedInVain(view, scene, frozenMs)) return []
      return [
        {
          about: aboutPeer(view.peer, 'video' as const),
          connectionId: view.connectionId,
          value: frozenMs,
          // A decoder that asks for key frames and gets nothing out of them is broken, and no machine that is slow.
          ...(view.undecodedAsks > 0 ? { severityMin: 'high' as const } : {}),
          evidence: evidence(
            ['sinceDecodedMs', view.sinceDecodedMs, 'ms'],
            ['receivedFps', view.receivedFps, 'fps'],
            ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
            ['pliPerSecond', view.pliPerSecond, 'per-second'],
            ['droppedRatio', view.droppedRatio, 'ratio'],
          ),
        },
      ]
    }),
)
