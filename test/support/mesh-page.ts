/** The mesh in a page: all participants in one page, their links real peer connections over loopback. */
import { mesh } from '../../src/providers/mesh.js'
import type { Connection, Provider } from '../../src/providers/provider.js'
import { pageSetup, servePageCompliance } from './compliance-page.js'

servePageCompliance(({ shape }) => {
  const connections = new Map<string, Connection[]>()
  // Crashing needs to know whose connection is whose.
  const remembered = (provider: Provider): Provider => ({
    ...provider,
    connect: async (join) => {
      const connection = await provider.connect(join)
      connections.set(join.peer, [...(connections.get(join.peer) ?? []), connection])
      return connection
    },
  })
  return {
    ...pageSetup(),
    title: 'mesh',
    provider: (_, id) => remembered(mesh(id ? { id } : {})),
    limits: { eventMs: 8_000 },
    ...(shape === 'rough' ? { board: { deliver: roughly } } : {}),
    faults: {
      crash: (_, peer) => {
        for (const connection of connections.get(peer) ?? [])
          for (const { pc } of connection.peerConnections?.() ?? []) pc.close()
      },
    },
  }
})

let count = 0

// Loses every fifth message, repeats every third, and reorders by delay: a bad signaling path, reproducibly.
function roughly(): readonly number[] {
  count += 1
  const delayMs = (count * 37) % 90
  if (count % 5 === 0) return []
  return count % 3 === 0 ? [delayMs, delayMs + 120] : [delayMs]
}
