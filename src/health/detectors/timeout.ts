/** Something that was begun and does not come to an end: a connection, or media that a peer says it sends. */
import { aboutPeer } from '../alert.js'
import type { InboundView, Scene } from '../scene.js'
import { evidence, type Finding, plainDetector } from './detector.js'

/** See the module comment. */
export const timeout = plainDetector(
  {
    kind: 'timeout',
    unit: 'ms',
    direction: 'above',
    // Connecting takes 0.2 to 2 s; a slow relay may need five.
    limit: { low: null, medium: 8_000, high: 20_000, critical: null, raiseAfterMs: 0, clearAfterMs: 0 },
  },
  (scene) => [...connecting(scene), ...neverStarted(scene)],
)

function connecting({ facts }: Scene): Finding[] {
  return facts.connections
    .filter(({ state }) => state === 'connecting' || state === 'reconnecting')
    .map(({ connectionId, sinceMs }) => ({
      about: { type: 'connection', id: connectionId, media: null },
      connectionId: null,
      value: sinceMs,
      evidence: evidence(['connectingMs', sinceMs, 'ms']),
    }))
}

function neverStarted({ inbound }: Scene): Finding[] {
  const isWaiting = (view: InboundView): boolean =>
    view.kind === 'video' && view.framesDecoded === 0 && view.isMuted === false
  return inbound.filter(isWaiting).map((view) => ({
    about: aboutPeer(view.peer, view.kind),
    connectionId: view.connectionId,
    value: view.ageMs,
    evidence: evidence(
      ['waitingMs', view.ageMs, 'ms'],
      ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
    ),
  }))
}
