/**
 * Media that waits somewhere: a jitter buffer that grew, or a queue in front of the own uplink (pacer, data
 * channels of the document). Waiting is delay that people hear, and grows into loss.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { Scene } from '../scene.js'
import { type Detector, evidence, type Finding, type Memory } from './detector.js'
import { elsewhere } from './elsewhere.js'
import { isSettled } from './settled.js'

/** Bytes that leave within a second on a poor uplink; the document sends far less. */
const QUEUE_BYTES_PER_SECOND = 64_000

/** A buffer that was filled while connecting is emptied within this time; browsers forget the start in 5 to 8 s. */
const CARRY_OVER_MS = 12_000
const LOW_MS = 500

/** See the module comment. */
export const bufferOverflow: Detector = {
  kind: 'buffer-overflow',
  unit: 'ms',
  direction: 'above',
  // Buffers of 40 to 150 ms are ordinary, 250 ms is what a browser allows itself on a bad Wi-Fi.
  limit: { low: LOW_MS, medium: 900, high: 1_800, critical: 4_000, raiseAfterMs: 2_000, clearAfterMs: 4_000 },
  detect(memory, scene) {
    const drained: Record<string, number> = {}
    for (const view of scene.inbound) {
      const isSmall = isSettled(view) && view.jitterBufferMs < LOW_MS
      if (memory[view.key] !== undefined || isSmall || view.ageMs >= CARRY_OVER_MS) drained[view.key] = 1
    }
    return { memory: drained, findings: [...received(scene, drained), ...sent(scene), ...queued(scene)] }
  },
}

/** Only what grew after it was small once. */
function received({ inbound }: Scene, drained: Memory): Finding[] {
  return inbound
    .filter((view) => isSettled(view) && drained[view.key] !== undefined)
    .filter((view) => view.packetsPerSecond > 0 && Number.isFinite(view.jitterBufferMs))
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
      evidence: evidence(
        ['sendDelayMs', view.sendDelayMs, 'ms'],
        ['targetBps', view.targetBps, 'bps'],
        ...elsewhere(view, outbound, (one) => one.sendDelayMs / view.sendDelayMs),
      ),
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
