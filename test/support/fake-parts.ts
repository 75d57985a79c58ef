/** Stand-ins for the document, the pool and the remote media of a call; see fake-core.ts. */
import type { ConnectionPool, PoolEntry } from '../../src/call/connections.js'
import type { Register } from '../../src/consensus/index.js'
import type { DocumentEvents, SharedDocument } from '../../src/document/contract.js'
import type { Presence, PresenceFacts } from '../../src/document/presence.js'
import { createEmitter } from '../../src/events.js'
import type { RemoteMedia } from '../../src/media/remote-media.js'
import type { Provider } from '../../src/providers/provider.js'
import type { ManualClock } from '../unit/document/manual-clock.js'

/** A document that a test fills; `announced` is this participant's presence as merged so far. */
export interface FakeDocument extends SharedDocument {
  readonly pages: Map<string, Presence>
  readonly folded: Map<string, Register>
  readonly announced: Partial<PresenceFacts>
  fire(name: 'registers' | 'presence' | 'link'): void
}

/** A pool whose entries change only by the test's hand. */
export interface FakePool extends ConnectionPool {
  /** Puts an entry there, connected and publishing unless told otherwise. */
  add(provider: string, change?: Partial<PoolEntry>): PoolEntry
  /** What was asked, e.g. `open west media`, `close east-1`. */
  readonly asked: string[]
}

/** Remote media that flows where the test says. */
export interface FakeRemote extends RemoteMedia {
  /** Pool entries on which everybody's media arrives. */
  readonly flowing: Set<string>
  /** What arrives nowhere all the same, as `bob/camera`. */
  readonly silent: Set<string>
  readonly preferred: string[]
  readonly dropped: string[]
}

/** A provider that is only a name. */
export function namedProvider(id: string, isServer = true): Provider {
  return {
    id,
    kind: isServer ? 'memory' : 'mesh',
    capabilities: {
      media: 'sendrecv',
      identity: 'native',
      concurrent: true,
      stats: 'none',
      data: null,
      iceRestart: false,
      keyFrame: 'none',
      sendCap: 'none',
      server: isServer,
    },
    connect: () => Promise.reject(new Error('a name only')),
  }
}

/** An empty pool. */
export function fakePool(clock: ManualClock): FakePool {
  const entries = new Map<string, PoolEntry>()
  const asked: string[] = []
  let count = 0
  const put = (provider: Provider, change: Partial<PoolEntry>): PoolEntry => {
    count += 1
    const entry: PoolEntry = {
      id: `${provider.id}-${count}`,
      provider,
      openedAtMs: clock.now(),
      connection: null,
      state: 'connected',
      isPublishing: true,
      error: null,
      ...change,
    }
    entries.set(entry.id, entry)
    return entry
  }
  return {
    asked,
    entries: () => [...entries.values()],
    add: (provider, change = {}) => put(namedProvider(provider, provider !== 'mesh'), change),
    open(provider, isPublishing) {
      asked.push(`open ${provider.id} ${isPublishing ? 'media' : 'silent'}`)
      return put(provider, { state: 'connecting', isPublishing })
    },
    setPublishing(entry, isPublishing) {
      asked.push(`${isPublishing ? 'publish' : 'silence'} ${entry.id}`)
      entry.isPublishing = isPublishing
    },
    republish: () => asked.push('republish'),
    async close(entry) {
      asked.push(`close ${entry.id}`)
      entry.state = 'closed'
      entries.delete(entry.id)
    },
    async closeAll() {
      entries.clear()
    },
  }
}

/** Media that flows nowhere yet. */
export function fakeRemote(): FakeRemote {
  const flowing = new Set<string>()
  const silent = new Set<string>()
  const preferred: string[] = []
  const dropped: string[] = []
  const streams = new Map<string, MediaStream>()
  return {
    flowing,
    silent,
    preferred,
    dropped,
    streamOf(peer) {
      const stream = streams.get(peer) ?? ({ peer } as unknown as MediaStream)
      streams.set(peer, stream)
      return stream
    },
    addTrack: () => undefined,
    removeTrack: () => undefined,
    prefer: (id, isUrgent) => preferred.push(isUrgent ? `${id} at once` : id),
    dropConnection: (id) => dropped.push(id),
    isFlowing: (id, expected) =>
      flowing.has(id) &&
      ![...expected].some(([peer, sources]) => sources.some((source) => silent.has(`${peer}/${source}`))),
    connectionOf: () => null,
    hasCome: () => false,
    look: () => undefined,
    removePeer: (peer) => streams.delete(peer),
    close: () => undefined,
  }
}

/** A document without anybody in it. */
export function fakeDocument(): FakeDocument {
  const events = createEmitter<DocumentEvents>()
  const pages = new Map<string, Presence>()
  const folded = new Map<string, Register>()
  let announced: Partial<PresenceFacts> = {}
  return {
    on: events.on,
    pages,
    folded,
    get announced() {
      return announced
    },
    fire: (name) => events.emit(name, undefined),
    voter: 'me',
    session: 'session-of-me',
    kept: null,
    registers: () => folded,
    admissions: () => new Map(),
    publish: async () => undefined,
    hop: async () => 'me-again',
    presence: () => pages,
    announce(facts) {
      announced = { ...announced, ...facts }
    },
    beat: () => undefined,
    isSyncing: false,
    hasHeardPeer: true,
    parted: () => new Set<string>(),
    links: [],
    heardAtMs: () => null,
    checkLinks: () => undefined,
    carry: () => () => undefined,
    setSignaling: () => undefined,
    resync: () => undefined,
    channel: () => ({ isOpen: false, send: () => undefined, subscribe: () => () => undefined }),
    measureRoundTrip: async () => 1,
    farewell: () => false,
    comeBack: () => undefined,
    close: async () => undefined,
  }
}
