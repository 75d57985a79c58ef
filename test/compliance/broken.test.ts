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
import { type MemoryHub, providerCompliance, runCheck, runCompliance } from '../../src/testing/index.js'
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

type Send = NonNullable<Connection['send']>

/** Changes what is sent. */
function resent(
  provider: Provider,
  resend: (send: Send, connection: Connection, join: JoinRequest) => Send,
): Provider {
  return altered(provider, (connection, join) => {
    const send: Send = async (bytes, to) => connection.send?.(bytes, to)
    return { send: resend(send, connection, join) }
  })
}

/** Adapters that carry messages wrongly, and the check of messages that has to say so. */
const DATA_DEFECTS: readonly (readonly [string, string, (provider: Provider) => Provider])[] = [
  [
    'loses one message of ten',
    'data-in-order',
    (provider) =>
      resent(provider, (send) => {
        let count = 0
        return async (bytes, to) => {
          count += 1
          if (count % 10 !== 0) await send(bytes, to)
        }
      }),
  ],
  [
    'repeats what it sends',
    'data-in-order',
    (provider) =>
      resent(provider, (send) => async (bytes, to) => {
        await send(bytes, to)
        if (bytes.length === 2) await send(bytes, to)
      }),
  ],
  [
    'lets messages overtake each other',
    'data-in-order',
    (provider) =>
      resent(provider, (send) => {
        let held: Uint8Array | null = null
        return async (bytes, to) => {
          if (bytes.length !== 2) return send(bytes, to)
          if (held === null) held = bytes
          else {
            await send(bytes, to)
            await send(held, to)
            held = null
          }
        }
      }),
  ],
  [
    'delivers to everybody what is for one',
    'data',
    (provider) => resent(provider, (send) => (bytes) => send(bytes)),
  ],
  [
    'delivers to the wrong participant',
    'data',
    (provider) =>
      resent(provider, (send, { peers }) => (bytes, to) => {
        const other = [...peers].find((peer) => peer !== to)
        return to === undefined || other === undefined ? send(bytes, to) : send(bytes, other)
      }),
  ],
  [
    'names the wrong sender',
    'data',
    (provider) =>
      retold(provider, ({ name, event }, tell) => tell(name === 'data' ? { ...event, from: 'zoe' } : event)),
  ],
  [
    'hears its own messages',
    'data',
    (provider) =>
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
  ],
  [
    'cuts what is long',
    'data',
    (provider) => resent(provider, (send) => (bytes, to) => send(bytes.slice(0, 1000), to)),
  ],
  [
    'delivers after its connection has left',
    'data-after-leave',
    (provider) => {
      const everybody = new Set<Tell>()
      return altered(provider, (connection) => ({
        on: (name: keyof ConnectionEvents, listener: Listener) => {
          if (name === 'data') everybody.add(listener as Tell)
          return connection.on(name, listener as Tell)
        },
        send: async (bytes: Uint8Array, to?: string) => {
          if (connection.status.state === 'closed') for (const tell of everybody) tell({ from: 'bea', bytes })
          else await connection.send?.(bytes, to)
        },
      }))
    },
  ],
]

describe('the checks of messages', () => {
  const checks = providerCompliance.filter(({ id }) => id.startsWith('data'))

  for (const [defect, id, breakIt] of DATA_DEFECTS)
    it(`find the adapter that ${defect}, by "${id}"`, async () => {
      const setup = memorySetup(breakIt)
      const failed: string[] = []
      for (const check of checks) {
        await setup.reset?.()
        if ((await runCheck(check, setup)).outcome === 'failed') failed.push(check.id)
      }
      expect(failed).toContain(id)
    })
})

describe('the compliance suite', () => {
  for (const [id, defect] of Object.entries(DEFECTS))
    it(`finds the adapter that breaks "${id}", and by that check alone`, async () => {
      const report = await runCompliance(memorySetup(defect))
      const failed = report.results.filter(({ outcome }) => outcome === 'failed')
      expect(failed.map((result) => result.id)).toEqual([id])
      expect(report.passed).toBeGreaterThan(0)
    }, 20_000)
})
