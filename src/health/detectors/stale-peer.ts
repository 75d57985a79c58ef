/** A participant whose heartbeats stopped: its page is gone, frozen or cut off, and nobody said goodbye. */
import { aboutPeer } from '../alert.js'
import { evidence, plainDetector } from './detector.js'

/** The failure detector has waited already; its word is worth at least this much silence. */
const LEAST_MS = { trusted: 0, suspect: 2_000, confirmed: 3_000 } as const
/** Our own ticks this late mean that we slept: nobody is judged by what we missed. */
const OWN_LATENESS_MS = 1_000

/** See the module comment. */
export const stalePeer = plainDetector(
  {
    kind: 'stale-peer',
    unit: 'ms',
    direction: 'above',
    // Heartbeats come every second; three missed ones are more than a slow network's jitter.
    limit: { low: 2_000, medium: 3_000, high: 6_000, critical: null, raiseAfterMs: 0, clearAfterMs: 0 },
  },
  ({ facts, latenessMs, isOnline }) =>
    latenessMs > OWN_LATENESS_MS || !isOnline
      ? []
      : facts.peers
          .filter(({ suspicion }) => suspicion !== 'trusted')
          .map(({ id, silentMs, suspicion }) => ({
            about: aboutPeer(id),
            connectionId: null,
            // Who beats slowly in a large room is silent for longer than the limits, and the detector knows.
            value: suspicion === null ? silentMs : Math.max(silentMs, LEAST_MS[suspicion]),
            evidence: evidence(['silentMs', silentMs, 'ms']),
          })),
)
