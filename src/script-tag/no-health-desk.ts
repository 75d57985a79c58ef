/** In place of the desk: the script-tag file has no detectors, and `call.health.isReduced` says so. */

/** No desk. */
export function createHealthDesk(): null {
  return null
}
