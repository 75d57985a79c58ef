/** The memory adapter in a page: real tracks handed across by clone. */
import { createMemoryHub, memory } from '../../src/testing/index.js'
import { pageSetup, servePageCompliance } from './compliance-page.js'

servePageCompliance(() => {
  const hub = createMemoryHub()
  return {
    ...pageSetup(),
    title: 'memory',
    provider: (_, id) => memory({ hub, ...(id ? { id } : {}) }),
    openResources: () => hub.size,
    limits: { quietMs: 50 },
    faults: {
      kill: () => hub.kill(),
      revive: () => hub.revive(),
      hang: () => hub.hang(),
      resume: () => hub.resume(),
      refuse: () => {
        hub.failNextConnect('provider-full')
        return 'provider-full'
      },
      crash: (room, peer) => hub.crash(room, peer),
    },
  }
})
