/** In place of what prepares for dangers: the script-tag file has the standby that the app asked for, and no more. */
import type { PlanInput } from '../call/connection-plan.js'
import type { CallCore } from '../call/core.js'
import type { Reading } from '../call/reading.js'

/** As in `call/standby.ts`. */
const STANDBY_AFTER_MS = 1500

/** The standby that should be there now. */
export function standbyOf(
  { sight, pool, options, agreedAtMs }: CallCore,
  { agreed, next, current, isFlowing, now }: Reading,
): PlanInput['standby'] {
  if (agreed === null) return null
  if (isDoubtful(sight.of(agreed))) {
    const blocked = sight.blocked()
    const provider = next ?? options.providers.find(({ id }) => id !== agreed && !blocked.has(id))?.id
    return provider ? { provider, want: 'media' } : null
  }
  if (next === null) return null
  const isSettled = current?.state === 'connected' && isFlowing && now - agreedAtMs > STANDBY_AFTER_MS
  const isReady = isSettled || pool.entries().some((entry) => entry.provider.id === next)
  if (options.standby === 'cold' || !isReady) return null
  return { provider: next, want: options.standby === 'hot' ? 'media' : 'silent' }
}

/** As in `call/standby.ts`. */
export function isDoubtful(sight: string): boolean {
  return sight === 'suspect' || sight === 'dead'
}
