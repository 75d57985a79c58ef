/** In place of the detectors: the script-tag file judges connections and scores peers, and raises no alerts. */
import type { Diagnosed } from '../worker/diagnose-batch.js'

const NOTHING: Diagnosed = { state: null, report: null }

/** Finds nothing. */
export function diagnoseBatch(): Diagnosed {
  return NOTHING
}

/** Nobody, as far as this file's rating wants to know. */
export const mutesIn = () => undefined
