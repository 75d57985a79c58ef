/** Stands in for `providers/janus/data.ts`: only in-band uses it, which the script-tag file leaves out. */
import { HoldfastError } from '../errors.js'

/** As declared in the capabilities. */
export const DATA_MAX_BYTES = 16_384

/** Sends nothing and hears nothing. */
export function createData() {
  return {
    update: (): void => undefined,
    remove: (): void => undefined,
    send: async (): Promise<void> => {
      throw new HoldfastError('provider-unsupported')
    },
  }
}
