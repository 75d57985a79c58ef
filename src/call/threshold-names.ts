/** Names in `health.thresholds`: a limit under a wrong name would be ignored, and nobody would know why. */
import { ALERT_KINDS } from '../health/alert.js'
import type { ThresholdOptions } from '../health/thresholds.js'

/** The first name that no detector has, as `KIND` or `KIND.LIMIT`; null when all are known. */
export function unknownThreshold(thresholds: ThresholdOptions = {}): string | null {
  for (const [kind, limit] of Object.entries(thresholds)) {
    if (!ALERT_KINDS.includes(kind as never)) return kind
    const wrong = Object.keys(limit).find((name) => !LIMIT_NAMES.includes(name))
    if (wrong !== undefined) return `${kind}.${wrong}`
  }
  return null
}

/** The fields of a detector's `Limit`. */
const LIMIT_NAMES = ['low', 'medium', 'high', 'critical', 'raiseAfterMs', 'clearAfterMs']
