/** Whether a connection can be mended in place: there must be somebody to hear that it wants a new path. */
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'

/** Whether restarting ICE is worth a try. */
export function canRestartIce(core: CallCore, broken: PoolEntry | null): boolean {
  if (broken?.connection?.restartIce === undefined || broken.state === 'failed') return false
  return !isServerUnheard(core, broken.id)
}

/**
 * A restart has to be asked for, and where the server does not answer on what there is of this connection (its socket
 * belonged to an address that is gone), nobody hears that. Members of a mesh ask each other through the document.
 */
export function isServerUnheard({ pool, verdicts }: CallCore, connectionId: string): boolean {
  const entry = pool.entries().find(({ id }) => id === connectionId)
  if (entry?.provider.capabilities.server !== true) return false
  return verdicts.get(connectionId)?.evidence.includes('probe-timeout') === true
}
