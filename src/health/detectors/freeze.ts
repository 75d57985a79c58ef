/**
 * A picture that stands still now. Browsers count a freeze only when it is over, so the age of the last frame
 * decides; `cause` tells network, decoder and sender apart. A camera that was switched off is no freeze.
 */
import { aboutPeer } from '../alert.js'
import { causeOfFreeze, frozenMsOf } from '../freeze-cause.js'
import { evidence, plainDetector } from './detector.js'

/** See the module comment. */
export const freeze = plainDetector(
  {
    kind: 'freeze',
    unit: 'ms',
    direction: 'above',
    // A gap of 0.5 s is three times what WebRTC's own counter calls a freeze at 30 fps.
    limit: { low: 500, medium: 1_000, high: 3_000, critical: 10_000, raiseAfterMs: 0, clearAfterMs: 1_000 },
  },
  (scene) =>
    scene.inbound.flatMap((view) => {
      const frozenMs = frozenMsOf(view, scene.latenessMs)
      if (frozenMs === null) return []
      const cause = causeOfFreeze(view, scene, frozenMs)
      if (cause === 'paused-sender') return []
      return [
        {
          about: aboutPeer(view.peer, 'video' as const),
          connectionId: view.connectionId,
          value: frozenMs,
          cause,
          evidence: evidence(
            ['frozenMs', frozenMs, 'ms'],
            ['sincePacketMs', view.sincePacketMs, 'ms'],
            ['sinceReceivedMs', view.sinceReceivedMs, 'ms'],
            ['sinceDecodedMs', view.sinceDecodedMs, 'ms'],
            ['usualFps', view.usualFps, 'fps'],
          ),
        },
      ]
    }),
)
