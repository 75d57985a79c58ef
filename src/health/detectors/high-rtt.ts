/** Round trips that make a conversation hard: of the selected path, or as receiver reports tell. */
import { aboutMe, aboutPeer } from '../alert.js'
import type { OutboundView, PathView, Scene } from '../scene.js'
import { evidence, type Finding, plainDetector } from './detector.js'
import { isSettled } from './settled.js'

/** See the module comment. */
export const highRtt = plainDetector(
  {
    kind: 'high-rtt',
    unit: 'ms',
    direction: 'above',
    // Promised default: above 500 ms. Paths are measured every 2.5 s, so one slow answer must not do.
    limit: { low: null, medium: 500, high: 1_000, critical: 2_000, raiseAfterMs: 3_000, clearAfterMs: 5_000 },
  },
  (scene) => scene.paths.filter(isSettled).flatMap((path) => findingOf(scene, path)),
)

function findingOf({ outbound }: Scene, path: PathView): Finding[] {
  const reported = outbound.filter((view) => view.pc === path.pc).map((view: OutboundView) => view.remoteRttMs)
  const known = [path.rttMs, ...(Number.isNaN(path.rttMs) ? reported : [])].filter(Number.isFinite)
  if (known.length === 0) return []
  const rttMs = Math.max(...known)
  return [
    {
      about: path.peer === null ? aboutMe() : aboutPeer(path.peer),
      connectionId: path.connectionId,
      value: rttMs,
      evidence: evidence(['rttMs', rttMs, 'ms'], ['pc', path.pc, 'count']),
    },
  ]
}
