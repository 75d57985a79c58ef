/**
 * The suite is worth as much as the defects it finds: each adapter here has exactly one, and exactly the
 * check that names it must fail.
 */
import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../../src/errors.js'
import type {
  Connection,
  ConnectionEvents,
  JoinRequest,
  LocalTrack,
  Provider,
} from '../../src/providers/provider.js'
import { type MemoryHub, runCompliance } from '../../src/testing/index.js'
import { memorySetup } from '../support/memory-setup.js'

type Listener = (event: never) => void
type Told = {
  [Name in keyof ConnectionEvents]: { name: Name; event: ConnectionEvents[Name] }
}[keyof ConnectionEvents]
type Tell = (event: Told['event']) => void

/** Replaces members of the connections that an adapter makes; everything else stays live. */
function altered(
  provider: Provider,
  change: (connection: Connection, join: JoinRequest) => Partial<Connection>,
): Provider {
  return {
    ...provider,
    connect: async (join) => {
      const connection = await provider.connect(join)
      const members = Object.getOwnPropertyDescriptors(change(connection, join))
      return Object.create(connection, members) as Connection
    },
  }
}

/** Changes what listeners are told. */
function retold(provider: Provider, retell: (told: Told, tell: Tell) => void): Provider {
  return altered(provider, (connection) => ({
    on: (name: keyof ConnectionEvents, listener: Listener) =>
      connection.on(name, (event) => retell({ name, event } as Told, listener as Tell)),
  }))
}

const DEFECTS: Readonly<Record<string, (provider: Provider, hub: MemoryHub) => Provider>> = {
  'tracks-untouched': (provider) =>
    altered(provider, (_, join) => {
      for (const { track } of join.tracks) track.enabled = true
      return {}
    }),
  'leave-idempotent': (provider) =>
    retold(provider, ({ name, event }, tell) => {
      tell(event)
      if (name === 'status' && event.state === 'closed') tell(event)
    }),
  'connected-on-resolve': (provider) =>
    altered(provider, (connection) => ({
      on: (name: keyof ConnectionEvents, listener: Listener) => {
        if (name === 'status') connection.on('peer', () => (listener as Tell)(connection.status))
        return connection.on(name, listener as Tell)
      },
    })),
  'abort-during': (provider) => ({
    ...provider,
    connect: async (join) => {
      join.signal.throwIfAborted()
      return provider.connect({ ...join, signal: new AbortController().signal })
    },
  }),
  refused: (provider) => ({
    ...provider,
    connect: (join) =>
      provider.connect(join).catch((cause: unknown) => {
        if (join.signal.aborted) throw cause
        throw new HoldfastError('provider-network', { cause })
      }),
  }),
  'publish-idempotent': (provider) =>
    altered(provider, (connection) => ({
      publish: async (tracks: readonly LocalTrack[]) => {
        void connection.publish([])
        await connection.publish(tracks)
      },
    })),
  data: (provider) =>
    altered(provider, (connection) => {
      const hearing = new Set<Tell>()
      return {
        on: (name: keyof ConnectionEvents, listener: Listener) => {
          if (name === 'data') hearing.add(listener as Tell)
          return connection.on(name, listener as Tell)
        },
        send: async (bytes: Uint8Array, to?: string) => {
          await connection.send?.(bytes, to)
          for (const tell of hearing) tell({ from: 'ada', bytes })
        },
      }
    }),
  'server-killed': (provider) =>
    retold(provider, ({ name, event }, tell) => {
      if (name !== 'signal' || event.type !== 'socket-closed') tell(event)
    }),
  'server-hung': (provider) =>
    altered(provider, (connection) => ({
      probe: async (limitMs: number) => {
        await connection.probe?.(limitMs)
        return true
      },
    })),
  'leave-while-hung': (provider, hub) =>
    altered(provider, (connection) => ({
      leave: () => (hub.state === 'hung' ? new Promise<void>(() => undefined) : connection.leave()),
    })),
  'remote-leave': (provider) =>
    retold(provider, ({ name, event }, tell) => {
      tell(event)
      if (name === 'peer' && !event.isPresent) tell(event)
    }),
  'capabilities-match': (provider) => ({
    ...provider,
    capabilities: { ...provider.capabilities, sendCap: 'bps' },
  }),
  listeners: (provider) =>
    altered(provider, (connection) => {
      const listeners = new Map<keyof ConnectionEvents, Set<Listener>>()
      return {
        on: (name: keyof ConnectionEvents, listener: Listener) => {
          const all = listeners.get(name) ?? new Set()
          if (!listeners.has(name))
            connection.on(name, (event) => {
              for (const each of all) (each as Tell)(event)
            })
          listeners.set(name, all.add(listener))
          return () => all.delete(listener)
        },
      }
    }),
  'silence-after-closed': (provider) =>
    retold(provider, ({ name, event }, tell) => {
      tell(event)
      if (name === 'status' && event.state === 'closed') setTimeout(() => tell({ type: 'socket-closed' }), 1)
    }),
  'knows-itself': (provider) =>
    altered(provider, (connection, join) => ({
      get peers() {
        const isClosed = connection.status.state === 'closed'
        return isClosed ? connection.peers : new Set([...connection.peers, join.peer])
      },
    })),
  'cloneable-events': (provider) =>
    retold(provider, ({ name, event }, tell) =>
      tell(name === 'peer' ? Object.assign({ undo: () => undefined }, event) : event),
    ),
}

describe('the compliance suite', () => {
  for (const [id, defect] of Object.entries(DEFECTS))
    it(`finds the adapter that breaks "${id}", and by that check alone`, async () => {
      const report = await runCompliance(memorySetup(defect))
      const failed = report.results.filter(({ outcome }) => outcome === 'failed')
      expect(failed.map((result) => result.id)).toEqual([id])
      expect(report.passed).toBeGreaterThan(0)
    }, 20_000)
})
