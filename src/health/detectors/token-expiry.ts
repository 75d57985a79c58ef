/** The token of the current provider runs out soon, as far as the token says so itself. */
import { aboutMe } from '../alert.js'
import { evidence, plainDetector } from './detector.js'

/** See the module comment. */
export const tokenExpiry = plainDetector(
  {
    kind: 'token-expiry',
    unit: 'ms',
    direction: 'below',
    // Two minutes are enough for any app to fetch a new one.
    limit: { low: 120_000, medium: 30_000, high: 5_000, critical: null, raiseAfterMs: 0, clearAfterMs: 0 },
  },
  ({ facts }) =>
    facts.tokenLeftMs === null
      ? []
      : [
          {
            about: aboutMe(),
            connectionId: null,
            value: facts.tokenLeftMs,
            evidence: evidence(['tokenLeftMs', facts.tokenLeftMs, 'ms']),
          },
        ],
)
