/**
 * Media that waits somewhere: a jitter buffer that grew, or a queue in front of the own uplink (pacer, data
 * channels of the document). Waiting is delay that people hear, and grows into loss.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { Scene } from '../scene.js'
import { evidence, type Finding, plainDetector } from './detector.js'
import { isSettled } from './settled.js'

/** Bytes that leave within a second on a poor uplink; the document sends far less. */
const QUEUE_BYTES_PER_SECOND = 64_000

/** See the module comment. */
export const bufferOverflow = plainDetector(
  {
    kind: 'buffer-overflow',
    unit: 'ms',
    direction: 'above',
    // Buffers of 40 to 150 ms are ordinary, 250 ms is what a browser allows itself on a bad Wi-Fi.
    limit: { low: 500, medium: 900, high: 1_800, critical: 4_000, raiseAfterMs: 2_000, clearAfterMs: 4_000 },
  },
  (scene) => [...received(scene), ...sent(scene), ...queued(scene)],
)

function received({ inbound }: Scene): Finding[] {
  return inbound
    .filter((view) => isSettled(view) && view.packetsPerSecond > 0 && Number.isFinite(view.jitterBufferMs))
    .map((view) => ({
      about: aboutPeer(view.peer, view.kind),
      connectionId: view.connectionId,
      value: view.jitterBufferMs,
      evidence: evidence(['jitterBufferMs', view.jitterBufferMs, 'ms'], ['jitterMs', view.jitterMs, 'ms']),
    }))
}

function sent({ outbound }: Scene): Finding[] {
  return outbound
    .filter((view) => isSettled(view) && Number.isFinite(view.sendDelayMs))
    .map((view) => ({
      about: aboutMe(view.kind),
      connectionId: view.connectionId,
      value: view.sendDelayMs,
      evidence: evidence(['sendDelayMs', view.sendDelayMs, 'ms'], ['targetBps', view.targetBps, 'bps']),
    }))
}

function queued({ facts }: Scene): Finding[] {
  if (facts.queuedBytes === null) return []
  return [
    {
      about: aboutMe(),
      connectionId: null,
      value: (facts.queuedBytes / QUEUE_BYTES_PER_SECOND) * 1_000,
      evidence: evidence(['queuedBytes', facts.queuedBytes, 'bytes']),
    },
  ]
}
