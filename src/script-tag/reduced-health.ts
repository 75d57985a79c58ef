/** Stands in for `call/health-view.ts` in the script-tag file, where there are no detectors to view. */
import type { CallHealth, HealthSnapshot } from '../call/health-view.js'

const REDUCED_HEALTH: HealthSnapshot = { isReduced: true, severity: null, alerts: [] }

/** As in `call/health-view.ts` before anything is known. */
export const healthSnapshot = (): HealthSnapshot => REDUCED_HEALTH

/** The same for the app. */
export function viewOf(): CallHealth {
  const nothing = (): null => null
  return {
    isReduced: true,
    overview: nothing,
    alerts: () => [],
    risk: nothing,
    statistics: nothing,
    readings: async () => [],
  }
}

export { REDUCED_HEALTH }
