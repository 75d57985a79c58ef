/** In place of `call.recovery`: the script-tag file repairs paths and switches providers, and nothing else. */
import type { CallCore } from '../call/core.js'
import { HoldfastError } from '../errors.js'

const none = async (): Promise<never> => {
  throw new HoldfastError('dependency-missing')
}

/** Says that there is none. */
export const recoveryOf = () => new Proxy({}, { get: (_none, name) => (name === 'status' ? () => null : none) })

/** What the repair loop and switching do. */
export const recoverySnapshot = ({ attempts, options }: CallCore) => ({
  ...idleRecovery(attempts.last),
  state: attempts.current ? 'in-progress' : 'idle',
  current: attempts.current,
  isAutomatic: options.automatic,
})

/** Before joining. */
export const idleRecovery = (last: unknown) => ({
  ...{ state: 'idle', current: null, last, selection: 'fixed', active: [] },
  ...{ isAutomatic: true, isEmergency: false, fallbacks: ['no-desk'] },
})
