/** A port of the memory provider's data channel, as a call would lend it to the document. */
import { portOn } from '../../src/call/in-band.js'
import { systemClock } from '../../src/clock.js'
import type { DataPort } from '../../src/document/index.js'
import { type MemoryHub, memory } from '../../src/providers/memory.js'

/** Connects a participant and lends its channel. */
export async function joinHub(hub: MemoryHub, peer: string): Promise<DataPort> {
  const provider = memory({ hub, clock: systemClock() })
  const connection = await provider.connect({
    ...{ room: 'in-band', peer, session: peer, tracks: [], iceServers: [] },
    token: async () => undefined,
    directory: { announce: () => undefined, entries: () => new Map(), subscribe: () => () => undefined },
    channel: { send: () => undefined, subscribe: () => () => undefined, isOpen: true },
    signal: new AbortController().signal,
  })
  return portOn(connection, provider.capabilities.data?.maxBytes ?? 0)
}
