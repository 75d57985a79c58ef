/**
 * Loads the recovery desk when the call has joined: until then, and where it cannot be loaded, the repair loop and
 * switching do alone what they always do, and the snapshot says so (promise P26).
 */
import type { CallCore } from './core.js'
import type { RecoveryDesk } from './recovery-contract.js'
import type { DeskOptions } from './recovery-desk.js'

/** Loads it into `core.recovery`. Returns a function that resolves with it, or with null where it cannot be had. */
export function loadRecovery(
  core: CallCore,
  joined: Promise<void>,
  options: DeskOptions & { isClosed(): boolean },
): () => Promise<RecoveryDesk | null> {
  const loading = joined.then(
    async () => {
      try {
        const { createRecoveryDesk } = await import('./recovery-desk.js')
        if (options.isClosed()) return null
        core.recovery = createRecoveryDesk(core, options)
        core.requestRefresh()
        return core.recovery
      } catch (cause) {
        core.options.logger.warn('the recovery desk could not be loaded', { cause: String(cause) })
        return null
      }
    },
    // Who did not join has nothing to repair.
    () => null,
  )
  return () => loading
}
