/**
 * This device cannot keep up with its own encoding: the encoder says that the CPU limits it, or a frame takes
 * longer to encode than there is time for, or the system reports pressure while frames are missing.
 */
import { aboutMe } from '../alert.js'
import type { OutboundView, Scene } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'
import { isSettled } from './settled.js'

/** `qualityLimitationReason` of the layout. */
const CPU_LIMITED = 1
/** Share of the time between two frames that encoding one may take. */
const BUDGET_SHARE = 0.85
/** Frames that the camera gave and the encoder did not take. */
const SKIPPED_SHARE = 0.4
const FPS_MIN = 5
/** Ticks that are this late, again and again: the machine has no time left for anything. */
export const LATE_MS = 400
const PAGE = 'page'

/** See the module comment. */
export const encoderLimited: Detector = {
  kind: 'encoder-limited',
  unit: 'ms',
  direction: 'above',
  // Browsers step the resolution down within seconds; what lasts longer is not solved by that.
  limit: { low: 2_000, medium: 4_000, high: 15_000, critical: null, raiseAfterMs: 0, clearAfterMs: 4_000 },
  detect(memory, scene) {
    const limited = scene.outbound.filter((view) => isLimited(view, scene))
    // A recording without a page has ticks of its own making.
    const isLate = scene.hasFacts && scene.latenessMs >= LATE_MS
    const since = noteSince(memory, [...limited.map((view) => view.key), ...(isLate ? [PAGE] : [])], scene.atMs)
    const late = isLate ? [lateFinding(scene, scene.atMs - (since[PAGE] ?? scene.atMs))] : []
    return {
      memory: since,
      findings: [
        ...late,
        ...limited.map((view) => findingOf(view, scene.atMs - (since[view.key] ?? scene.atMs))),
      ],
    }
  },
}

function lateFinding({ latenessMs }: Scene, value: number): Finding {
  return {
    about: aboutMe(),
    connectionId: null,
    value,
    evidence: evidence(['limitedMs', value, 'ms'], ['latenessMs', latenessMs, 'ms']),
  }
}

function isLimited(view: OutboundView, { facts }: Scene): boolean {
  if (view.kind !== 'video' || view.isMuted || !isSettled(view)) return false
  if (view.limitation === CPU_LIMITED) return true
  const budgetMs = 1_000 / Math.max(FPS_MIN, view.usualFps || FPS_MIN)
  const isSlow = view.encodeMsPerFrame > budgetMs * BUDGET_SHARE
  // A starved machine skips frames of the camera too, so what was usual counts.
  const isSkipping =
    view.usualFps >= FPS_MIN &&
    view.encodedFps < Math.max(view.usualFps, view.sourceFps || 0) * (1 - SKIPPED_SHARE)
  const isPressed = facts.device.pressure === 'serious' || facts.device.pressure === 'critical'
  return isSkipping && (isSlow || isPressed)
}

function findingOf(view: OutboundView, value: number): Finding {
  return {
    about: aboutMe('video'),
    connectionId: view.connectionId,
    value,
    evidence: evidence(
      ['limitedMs', value, 'ms'],
      ['encodeMsPerFrame', view.encodeMsPerFrame, 'ms'],
      ['encodedFps', view.encodedFps, 'fps'],
      ['sourceFps', view.sourceFps, 'fps'],
      ['frameHeight', view.frameHeight, 'count'],
    ),
  }
}
