/** Round trips that make a conversation hard: of the selected path, or as receiver reports tell. */
import { aboutMe, aboutPeer } from '../alert.js'
import type { OutboundView, PathView, Scene } from '../scene.js'
import { evidence, type Finding, plainDetector } from './detector.js'
import { isSettled } from './settled.js'

/** A report is repeated until the next one; older than this it says no more than the path does. */
const FRESH_MS = 1_500

/** See the module comment. */
export const highRtt = plainDetector(
  {
    kind: 'high-rtt',
    unit: 'ms',
    direction: 'above',
    // Promised default: above 500 ms. One slow answer must not do: paths answer every 2.5 s, reports of pictures every
    // second.
    limit: { low: null, medium: 500, high: 1_000, critical: 2_000, raiseAfterMs: 2_600, clearAfterMs: 5_000 },
  },
  (scene) => scene.paths.filter(isSettled).flatMap((path) => findingOf(scene, path)),
)

function findingOf({ outbound }: Scene, path: PathView): Finding[] {
  const own = outbound.filter((view) => view.pc === path.pc)
  const isFresh = (view: OutboundView): boolean => isSettled(view) && view.sinceAcknowledgedMs < FRESH_MS
  // What reports say is newer than the last answer, or all there is.
  const reported = own.filter((view) => Number.isNaN(path.rttMs) || isFresh(view))
  const known = [path.rttMs, ...reported.map((view) => view.remoteRttMs)].filter(Number.isFinite)
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
