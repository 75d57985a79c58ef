/** Packets that come at uneven times; of video only half counts, since its frames leave in bursts. */
import { aboutPeer } from '../alert.js'
import { evidence, plainDetector } from './detector.js'
import { isSettled } from './settled.js'

/** A frame of several packets looks like jitter although every packet was on time. */
const VIDEO_SHARE = 0.5

/** See the module comment. */
export const jitter = plainDetector(
  {
    kind: 'jitter',
    unit: 'ms',
    direction: 'above',
    // 30 ms is hidden by every jitter buffer; the browser's own smoothing holds a spike for seconds.
    limit: { low: 40, medium: 80, high: 200, critical: 500, raiseAfterMs: 2_000, clearAfterMs: 5_000 },
  },
  ({ inbound }) =>
    inbound
      .filter((view) => isSettled(view) && view.packetsPerSecond > 0 && Number.isFinite(view.jitterMs))
      .map((view) => ({
        about: aboutPeer(view.peer, view.kind),
        connectionId: view.connectionId,
        value: view.jitterMs * (view.kind === 'video' ? VIDEO_SHARE : 1),
        evidence: evidence(['jitterMs', view.jitterMs, 'ms'], ['jitterBufferMs', view.jitterBufferMs, 'ms']),
      })),
)
