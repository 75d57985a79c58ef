/** Stands in for `document/round-trips.ts` in the script-tag file: figures are measured with the modules. */
import type { RoundTrips } from '../document/round-trips.js'
import { HoldfastError } from '../errors.js'

/** As in `document/round-trips.ts`; asks nothing, answers nothing. */
export function createRoundTrips(): RoundTrips {
  return {
    pings: [],
    echoes: [],
    measure: () => Promise.reject(new HoldfastError('command-failed')),
    take: () => undefined,
  }
}
