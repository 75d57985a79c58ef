/**
 * The uplink carries less than the video needs: the encoder says that bandwidth limits it, and the estimate is
 * small. Browsers without an estimate (Firefox, Safari) give no finding; their loss and frame rate tell instead.
 */
import { aboutMe } from '../alert.js'
import type { OutboundView, Scene } from '../scene.js'
import { evidence, type Finding, plainDetector } from './detector.js'
import { elsewhere } from './elsewhere.js'
import { isRamped } from './settled.js'

/** `qualityLimitationReason` of the layout. */
const BANDWIDTH_LIMITED = 2

/** See the module comment. */
export const lowBandwidth = plainDetector(
  {
    kind: 'low-bandwidth',
    unit: 'bps',
    direction: 'below',
    // 500 kbit/s carries 360p; below 60 kbit/s only sound is left.
    limit: {
      low: 500_000,
      medium: 300_000,
      high: 150_000,
      critical: 60_000,
      raiseAfterMs: 3_000,
      clearAfterMs: 6_000,
    },
  },
  (scene) => scene.outbound.flatMap((view) => findingOf(scene, view)),
)

function findingOf({ paths, outbound }: Scene, view: OutboundView): Finding[] {
  if (view.kind !== 'video' || view.isMuted || !isRamped(view)) return []
  if (view.limitation !== BANDWIDTH_LIMITED) return []
  const path = paths.find((one) => one.pc === view.pc)
  const availableBps = path?.availableOutgoingBps ?? Number.NaN
  const value = Number.isFinite(availableBps) ? availableBps : view.targetBps
  if (!Number.isFinite(value)) return []
  return [
    {
      about: aboutMe('video'),
      connectionId: view.connectionId,
      value,
      evidence: evidence(
        ['availableOutgoingBps', availableBps, 'bps'],
        ['targetBps', view.targetBps, 'bps'],
        ['bitrateBps', view.bitrateBps, 'bps'],
        ['frameHeight', view.frameHeight, 'count'],
        ['sentFps', view.sentFps, 'fps'],
        ...elsewhere(view, outbound, (one) =>
          one.limitation === BANDWIDTH_LIMITED ? 1 : rttOf(paths, one) / (path?.rttMs ?? Number.NaN),
        ),
      ),
    },
  ]
}

/** A queue in front of the own uplink delays everything that leaves; one further on only what goes there. */
function rttOf(paths: Scene['paths'], { pc }: OutboundView): number {
  return paths.find((path) => path.pc === pc)?.rttMs ?? Number.NaN
}
