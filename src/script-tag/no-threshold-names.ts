/** In place of `call/threshold-names.ts`: the script-tag file has no detectors whose limits could be named. */

/** None. */
export const unknownThreshold = () => null
