/** A provider refuses our credentials; only a new token helps, and no reconnect does. */
import { evidence, plainDetector } from './detector.js'

const REASONS: ReadonlySet<string | null> = new Set(['auth', 'token-expired', 'kicked'])

/** See the module comment. */
export const authFailure = plainDetector(
  {
    kind: 'auth-failure',
    unit: 'ms',
    direction: 'above',
    limit: { low: null, medium: null, high: 0, critical: null, raiseAfterMs: 0, clearAfterMs: 0 },
  },
  ({ facts }) =>
    facts.connections
      .filter(({ state, reason }) => state !== 'connected' && REASONS.has(reason))
      .map(({ provider, sinceMs }) => ({
        about: { type: 'provider', id: provider, media: null },
        connectionId: null,
        value: sinceMs,
        evidence: evidence(['refusedMs', sinceMs, 'ms']),
      })),
)
