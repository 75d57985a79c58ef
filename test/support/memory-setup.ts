/** The memory adapter as the compliance suite needs it, in Node with fake tracks. */
import { createMemoryHub, type MemoryHub, memory } from '../../src/providers/memory.js'
import type { Provider } from '../../src/providers/provider.js'
import type { ComplianceSetup } from '../../src/testing/index.js'
import { fakeTrack } from './fake-track.js'

/** `wrap` puts a defect around the adapter, to test the suite itself. */
export function memorySetup(
  wrap: (provider: Provider, hub: MemoryHub) => Provider = (provider) => provider,
): ComplianceSetup {
  const hub = createMemoryHub()
  return {
    title: 'memory',
    provider: (_, id) => wrap(memory({ hub, ...(id ? { id } : {}) }), hub),
    media: { createTrack: (source) => fakeTrack(source) },
    limits: { connectMs: 1_000, eventMs: 300, crashMs: 500, unreachableMs: 1_000, probeMs: 50, quietMs: 20 },
    openResources: () => hub.size,
    reset: () => {
      hub.resume()
      hub.revive()
    },
    faults: {
      kill: () => hub.kill(),
      revive: () => hub.revive(),
      hang: () => hub.hang(),
      resume: () => hub.resume(),
      refuse: () => {
        hub.failNextConnect('provider-auth')
        return 'provider-auth'
      },
      unreachable: () => {
        const nowhere = createMemoryHub()
        nowhere.kill()
        return memory({ hub: nowhere })
      },
      crash: (room, peer) => hub.crash(room, peer),
    },
  }
}
