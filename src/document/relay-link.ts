/**
 * The document over the signaling servers: slower than data channels and O(n) at the server, but it is there
 * before the first ICE check and when no peer connection can be had. First contact is an exchange of state
 * vectors (hello, sync, sync back); afterwards only own changes are sent, and a short digest every few
 * seconds finds what was lost. Tells who is known and who still has to sync.
 */
import * as v from 'valibot'
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import { fromBase64, toBase64 } from './base64.js'
import { createKnownPages, type KnownPage } from './known-pages.js'
import { relayPresence } from './presence-relay.js'
import type { Reject } from './rejections.js'
import type { BusMessage } from './room-bus.js'
import { relayUpdates } from './update-relay.js'

/** The running link. */
export interface RelayLink {
  /** Pages heard lately and whether their first sync is done. */
  readonly pages: ReadonlyMap<string, KnownPage>
  /** A known page has not synced yet; a page that never answers counts for three seconds. */
  readonly isSyncing: boolean
  receive(message: BusMessage): void
  /** The bus opened: greet everybody. */
  greet(): void
  /** Forgets that others have synced and greets again, e.g. after this page was frozen. */
  resync(): void
  /** Sends this page's presence without waiting for its turn. */
  flush(): void
  /** Called once a second. */
  sweep(): void
  close(): void
}

/** What {@link startRelayLink} needs. */
export interface RelayLinkOptions {
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly yjs: typeof Yjs
  readonly protocol: typeof AwarenessProtocol
  readonly clock: Clock
  readonly send: (kind: string, to: string | null, body: Json) => void
  readonly onChange: () => void
  /** Resolves when what was applied so far can be read. */
  readonly settled: () => Promise<void>
  /** Whether data channels link everybody with everybody: then this link only repeats what they carry. */
  readonly isWhole?: () => boolean
  /** A page said goodbye. */
  readonly onBye: (page: string) => void
  readonly reject: Reject
  /** In [0, 1); default Math.random. */
  readonly random?: () => number
}

/** Starts relaying. */
export function startRelayLink(options: RelayLinkOptions): RelayLink {
  const { clock, send, random = Math.random } = options
  const pages = createKnownPages(clock, options.onChange)
  const presence = relayPresence({ ...options, send: (s) => send('presence', null, { s }) })
  const updates = relayUpdates({ ...options, send: (u) => send('update', null, { u }) })
  const { vector, states, sync, apply } = createExchange(options)
  const dropOrphans = orphanage(options.doc)
  let digestAtMs = 0

  const take = ({ kind, from, body }: BusMessage): void => {
    const theirs = apply(body)
    const page = pages.hear(from)
    if (kind === 'hello' && theirs !== undefined) sync(from, theirs, false)
    else if (kind === 'digest' && theirs !== undefined && theirs !== vector()) sync(from, theirs, false)
    else if (kind === 'sync') {
      if (theirs !== undefined) sync(from, theirs, true)
      // Applied is not enough: registers count when they are verified.
      void options.settled().then(() => pages.setSynced(from))
      return
    }
    // Known by something else than a greeting, so one of the two greetings was lost.
    if (!page.hasSynced && kind !== 'hello') send('hello', from, { v: vector() })
  }
  const greet = (): void => send('hello', null, { v: vector(), s: states() })
  return {
    pages: pages.all,
    get isSyncing() {
      return pages.isSyncing
    },
    receive(message) {
      if (message.kind === 'bye') {
        if (pages.forget(message.from)) options.onBye(message.from)
        return
      }
      try {
        take(message)
      } catch {
        // Malformed updates make Yjs throw half-way through; Yjs keeps a consistent document all the same.
        options.reject('signaling-garbage', message.from)
      }
    },
    greet,
    resync() {
      pages.reset()
      greet()
    },
    flush() {
      updates.flush()
      presence.flush()
    },
    sweep() {
      pages.sweep()
      const now = clock.now()
      dropOrphans(now)
      if (now < digestAtMs) return
      digestAtMs = now + DIGEST_EVERY_MS * (0.75 + random() / 2)
      send('digest', null, { v: vector() })
    },
    close() {
      updates.close()
      presence.close()
      send('bye', null, {})
    },
  }
}

/**
 * Yjs keeps an update until the one before it has come, and passes it on with every sync. The one before may have
 * died with its page. What is dropped here and can be completed after all comes again with the next sync.
 */
function orphanage({ store }: Yjs.Doc): (now: number) => void {
  let sinceMs: number | null = null
  return (now) => {
    const hasOrphans = store.pendingStructs !== null || store.pendingDs !== null
    if (!hasOrphans) sinceMs = null
    else sinceMs ??= now
    if (sinceMs === null || now - sinceMs < ORPHANS_KEPT_MS) return
    store.pendingStructs = null
    store.pendingDs = null
    sinceMs = null
  }
}

interface Exchange {
  /** The own state vector. */
  vector(): string
  /** Everybody's awareness as known here. */
  states(): string
  /** Sends what is missing there, and unless it is an answer asks for what is missing here. */
  sync(to: string, theirs: string, isAnswer: boolean): void
  /** Applies a message's updates and returns its state vector; throws for malformed ones. */
  apply(body: unknown): string | undefined
}

function createExchange({ doc, awareness, yjs, protocol, send }: RelayLinkOptions): Exchange {
  const vector = (): string => toBase64(yjs.encodeStateVector(doc))
  const states = (): string =>
    toBase64(protocol.encodeAwarenessUpdate(awareness, [...awareness.getStates().keys()]))
  return {
    vector,
    states,
    sync(to, theirs, isAnswer) {
      const bytes = fromBase64(theirs)
      if (bytes === null) throw new Error('no state vector')
      const update = toBase64(yjs.encodeStateAsUpdate(doc, bytes))
      send('sync', to, { u: update, s: states(), ...(isAnswer ? {} : { v: vector() }) })
    },
    apply(body) {
      const { u, s, v: theirs } = v.parse(BODY, body)
      const update = u === undefined ? null : fromBase64(u)
      const state = s === undefined ? null : fromBase64(s)
      if (update !== null) yjs.applyUpdate(doc, update, RELAY_ORIGIN)
      if (state !== null) protocol.applyAwarenessUpdate(awareness, state, RELAY_ORIGIN)
      return theirs
    },
  }
}

const RELAY_ORIGIN = 'holdfast-relay'
/** Heals what was lost on the way within a few seconds; equal vectors cost one short message. */
const DIGEST_EVERY_MS = 5000
/** Three digests: what is only late has been completed by then. */
const ORPHANS_KEPT_MS = 15_000
/** Base64 of 192 kB: above the design's 100 kB for a whole document. */
const encoded = v.optional(v.pipe(v.string(), v.maxLength(256 * 1024)))
const BODY = v.object({ u: encoded, s: encoded, v: encoded })
