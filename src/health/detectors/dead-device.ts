/** A camera or microphone of ours that went away, or that delivers no frames although it is on. */
import { aboutMe } from '../alert.js'
import type { OutboundView } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'

/** A camera that worked at 5 fps or more does not pause this long in low light. */
const STALLED_MS = 2_000
const FPS_MIN = 5
/** An ended track is certain at once; its value stands for the grave end of the scale. */
const CERTAIN_MS = 3_000

/** See the module comment. */
export const deadDevice: Detector = {
  kind: 'dead-device',
  unit: 'ms',
  direction: 'above',
  // Frames stop for a second when a camera changes its mode; the others see a frozen picture meanwhile.
  limit: {
    low: null,
    medium: STALLED_MS,
    high: CERTAIN_MS,
    critical: null,
    raiseAfterMs: 0,
    clearAfterMs: 1_000,
  },
  detect(memory, { atMs, facts, outbound }) {
    const ended = facts.local.filter((one) => one.isEnded)
    const since = noteSince(
      memory,
      ended.map((one) => one.source),
      atMs,
    )
    const gone = ended.map(
      (one): Finding => ({
        about: aboutMe(one.kind),
        connectionId: null,
        value: CERTAIN_MS + atMs - (since[one.source] ?? atMs),
        evidence: evidence(['endedMs', atMs - (since[one.source] ?? atMs), 'ms']),
      }),
    )
    const isGone = (view: OutboundView): boolean => gone.some((one) => one.about.media === view.kind)
    const silenced = facts.local.filter((one) => one.isSilenced || one.isMuted).map((one) => one.kind)
    const stalled = outbound.filter(
      (view) => isStalled(view) && !isGone(view) && !silenced.includes(view.kind) && !view.isMuted,
    )
    return { memory: since, findings: [...gone, ...stalled.map(stalledFinding)] }
  },
}

function isStalled(view: OutboundView): boolean {
  return view.kind === 'video' && view.usualFps >= FPS_MIN && view.sinceSourceFrameMs >= STALLED_MS
}

function stalledFinding(view: OutboundView): Finding {
  return {
    about: aboutMe('video'),
    connectionId: view.connectionId,
    value: view.sinceSourceFrameMs,
    evidence: evidence(
      ['sinceSourceFrameMs', view.sinceSourceFrameMs, 'ms'],
      ['usualFps', view.usualFps, 'fps'],
    ),
  }
}
