/** What a pooled connection is for, as people may see it. */
import type { PoolEntry } from './connections.js'
import type { Reading } from './reading.js'
import type { ConnectionSnapshot } from './snapshot.js'

/** The role of a connection in the present reading. */
export function planRole(entry: PoolEntry, reading: Reading): ConnectionSnapshot['role'] {
  if (entry.id === reading.current?.id) return 'current'
  const { id } = entry.provider
  if (reading.candidates.includes(id) || reading.agreed === null) return 'candidate'
  // Beside the current connection to the same provider there is only the one that repairs or is replaced.
  if (id === reading.agreed)
    return entry.openedAtMs > (reading.current?.openedAtMs ?? 0) ? 'candidate' : 'retiring'
  return entry.isPublishing && id !== reading.next ? 'retiring' : 'standby'
}
