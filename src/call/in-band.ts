/**
 * Lends the shared document the data channels of connected media providers: one way more when all others are cut.
 * The document decides when to use it (document/in-band.ts).
 */
import type { DataPort } from '../document/in-band.js'
import type { Connection } from '../providers/provider.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'

/** Follows the pool: every connected entry that has a data channel carries the document. */
export function createInBand(core: () => Pick<CallCore, 'pool' | 'document'>): { follow(): void } {
  const carrying = new Map<string, () => void>()
  return {
    follow() {
      const { pool, document } = core()
      const open = new Map(pool.entries().flatMap((entry) => portOf(entry)))
      for (const [id, stop] of carrying) {
        if (open.has(id)) continue
        carrying.delete(id)
        stop()
      }
      for (const [id, port] of open) if (!carrying.has(id)) carrying.set(id, document.carry(port))
    },
  }
}

function portOf({ id, provider, connection, state }: PoolEntry): readonly (readonly [string, DataPort])[] {
  const { data } = provider.capabilities
  if (data === null || !data.isBinary || state !== 'connected' || connection?.send === undefined) return []
  return [[id, portOn(connection, data.maxBytes)]]
}

/** A connection's data channel as the document uses it. */
export function portOn(connection: Connection, maxBytes: number): DataPort {
  return {
    maxBytes,
    send(frame) {
      // A frame that is lost is found missing by the next digest; nobody else could do more about it.
      void connection.send?.(frame).catch(() => undefined)
    },
    subscribe({ onFrame, onPeer }) {
      const undo = [
        connection.on('data', ({ from, bytes }) => onFrame(from, bytes)),
        connection.on('peer', ({ isPresent }) => isPresent && onPeer()),
      ]
      return () => {
        for (const one of undo) one()
      }
    },
  }
}
