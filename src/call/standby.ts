/**
 * Which provider stands by, and how far it is prepared: what the app asked for, more where danger is near, nothing that
 * its breaker or its own wish holds back. The script-tag build has a plainer one, without guard and risk.
 */
import type { PlanInput } from './connection-plan.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** The current connection has been up this long before a standby competes for the machine. */
const STANDBY_AFTER_MS = 1500

/** The standby that should be there now. */
export function standbyOf(core: CallCore, reading: Reading): PlanInput['standby'] {
  if (reading.agreed === null) return null
  // A provider under suspicion is not left yet, but the way to the next one may already be built.
  if (isDoubtful(core.sight.of(reading.agreed))) {
    const provider = reading.next ?? scoutOf(core, reading.agreed)
    return provider === undefined ? null : { provider, want: 'media' }
  }
  if (reading.next === null) return null
  const isThere = core.pool.entries().some((entry) => entry.provider.id === reading.next)
  // There is no hurry yet: what failed again and again, or asked for patience, is left alone.
  if (!isThere && (core.guard?.holdMs(reading.next) ?? 0) > 0) return null
  const danger = core.guard?.prevention.standby(reading.agreed) ?? null
  if (danger === 'media') return { provider: reading.next, want: 'media' }
  if (core.options.standby === 'cold') return danger && { provider: reading.next, want: danger }
  const isSettled =
    reading.current?.state === 'connected' &&
    reading.isFlowing &&
    reading.now - core.agreedAtMs > STANDBY_AFTER_MS
  if (!isSettled && !isThere) return null
  return { provider: reading.next, want: core.options.standby === 'hot' ? 'media' : 'silent' }
}

/** Nobody sees a provider well that is doubtful. */
export function isDoubtful(sight: string): boolean {
  return sight === 'suspect' || sight === 'dead'
}

/**
 * Nothing works: whoever answers first is where the call goes on, so try the others one by one. What is held back comes
 * last and is tried all the same, because there is nothing else.
 */
function scoutOf({ options, sight, guard }: CallCore, agreed: string): string | undefined {
  const blocked = sight.blocked()
  const free = options.providers.filter(({ id }) => id !== agreed && !blocked.has(id))
  return (free.find(({ id }) => !guard?.holdMs(id)) ?? free[0])?.id
}
