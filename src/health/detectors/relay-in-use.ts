/** Media goes through a TURN relay: a note for people who ask where their delay comes from. */
import { aboutMe, aboutPeer } from '../alert.js'
import { evidence, plainDetector } from './detector.js'
import { isSettled } from './settled.js'

/** See the module comment. */
export const relayInUse = plainDetector(
  {
    kind: 'relay-in-use',
    unit: 'count',
    direction: 'above',
    limit: { low: 1, medium: null, high: null, critical: null, raiseAfterMs: 0, clearAfterMs: 5_000 },
  },
  ({ paths }) =>
    paths
      .filter((path) => path.isRelayed === true && isSettled(path))
      .map((path) => ({
        about: path.peer === null ? aboutMe() : aboutPeer(path.peer),
        connectionId: path.connectionId,
        value: 1,
        evidence: evidence(['rttMs', path.rttMs, 'ms']),
      })),
)
