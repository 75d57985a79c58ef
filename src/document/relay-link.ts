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
import type { Reject } from './rejections.js'
import type { BusMessage } from './room-bus.js'

/** The running link. */
export interface RelayLink {
  /** Pages heard lately and whether their first sync is done. */
  readonly pages: ReadonlyMap<string, { readonly hasSynced: boolean }>
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
  /** A page said goodbye. */
  readonly onBye: (page: string) => void
  readonly reject: Reject
}

interface Page {
  firstHeardAtMs: number
  heardAtMs: number
  hasSynced: boolean
}

/** Starts relaying. */
export function startRelayLink(options: RelayLinkOptions): RelayLink {
  const { doc, awareness, yjs, protocol, clock, send } = options
  const pages = new Map<string, Page>()
  const presence = throttlePresence(options)
  let digestAtMs = 0

  const vector = (): string => toBase64(yjs.encodeStateVector(doc))
  const states = (): string =>
    toBase64(protocol.encodeAwarenessUpdate(awareness, [...awareness.getStates().keys()]))

  const hear = (id: string): Page => {
    const known = pages.get(id)
    const now = clock.now()
    if (known) {
      known.heardAtMs = now
      return known
    }
    if (pages.size >= PAGES_MAX) pages.delete([...pages.keys()][0] ?? '')
    const page = { firstHeardAtMs: now, heardAtMs: now, hasSynced: false }
    pages.set(id, page)
    clock.after(SYNC_MAX_MS, options.onChange)
    options.onChange()
    return page
  }

  const sync = (to: string, theirs: string, isAnswer: boolean): void => {
    const bytes = fromBase64(theirs)
    if (bytes === null) throw new Error('state vector')
    send('sync', to, {
      u: toBase64(yjs.encodeStateAsUpdate(doc, bytes)),
      s: states(),
      ...(isAnswer ? {} : { v: vector() }),
    })
  }

  const take = (message: BusMessage): void => {
    const { u, s, v: theirs } = v.parse(BODY, message.body)
    const update = u === undefined ? null : fromBase64(u)
    const state = s === undefined ? null : fromBase64(s)
    if (update !== null) yjs.applyUpdate(doc, update, RELAY_ORIGIN)
    if (state !== null) protocol.applyAwarenessUpdate(awareness, state, RELAY_ORIGIN)
    const page = hear(message.from)
    if (message.kind === 'hello' && theirs !== undefined) sync(message.from, theirs, false)
    else if (message.kind === 'digest' && theirs !== undefined && theirs !== vector())
      sync(message.from, theirs, false)
    else if (message.kind === 'sync') {
      if (theirs !== undefined) sync(message.from, theirs, true)
      if (!page.hasSynced) {
        page.hasSynced = true
        options.onChange()
      }
      return
    }
    if (!page.hasSynced && message.kind !== 'hello') send('hello', message.from, { v: vector() })
  }

  const greet = (): void => send('hello', null, { v: vector(), s: states() })
  const onUpdate = (update: Uint8Array, _origin: unknown, _doc: Yjs.Doc, change: Yjs.Transaction): void => {
    // What came from elsewhere reaches the others from its author; the digest finds what did not.
    if (change.local) send('update', null, { u: toBase64(update) })
  }
  doc.on('update', onUpdate)

  return {
    pages,
    get isSyncing() {
      const now = clock.now()
      return [...pages.values()].some((page) => !page.hasSynced && now - page.firstHeardAtMs < SYNC_MAX_MS)
    },
    receive(message) {
      if (message.kind === 'bye') {
        if (!pages.delete(message.from)) return
        options.onBye(message.from)
        options.onChange()
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
      const now = clock.now()
      for (const page of pages.values()) {
        page.hasSynced = false
        page.firstHeardAtMs = now
      }
      clock.after(SYNC_MAX_MS, options.onChange)
      greet()
      options.onChange()
    },
    flush: presence.flush,
    sweep() {
      const now = clock.now()
      for (const [id, page] of pages) if (now - page.heardAtMs > FORGET_AFTER_MS) pages.delete(id)
      if (now < digestAtMs) return
      digestAtMs = now + DIGEST_EVERY_MS * (0.75 + Math.random() / 2)
      send('digest', null, { v: vector() })
    },
    close() {
      doc.off('update', onUpdate)
      presence.close()
      send('bye', null, {})
    },
  }
}

/** Sends own presence at the first change and then at a bounded pace. */
function throttlePresence(options: RelayLinkOptions): { flush(): void; close(): void } {
  const { awareness, protocol, clock } = options
  let isWaiting = false
  let isDirty = false
  const flush = (): void => {
    isDirty = false
    const state = toBase64(protocol.encodeAwarenessUpdate(awareness, [awareness.clientID]))
    options.send('presence', null, { s: state })
  }
  const pace = (): void => {
    isWaiting = true
    clock.after(PRESENCE_EVERY_MS, () => {
      isWaiting = false
      if (!isDirty) return
      flush()
      pace()
    })
  }
  const onUpdate = (_change: unknown, origin: unknown): void => {
    if (origin !== 'local') return
    isDirty = true
    if (isWaiting) return
    flush()
    pace()
  }
  awareness.on('update', onUpdate)
  return {
    flush,
    close: () => awareness.off('update', onUpdate),
  }
}

const RELAY_ORIGIN = 'holdfast-relay'
/** A dead page must not hold up a join for longer; protocol rule 13 waits two seconds at most anyway. */
const SYNC_MAX_MS = 3000
/** Heals what was lost on the way within a few seconds; equal vectors cost one short message. */
const DIGEST_EVERY_MS = 5000
/** Twelve missed digests. */
const FORGET_AFTER_MS = 60_000
/** Five a second are quicker than people notice and keep the server's fan-out small. */
const PRESENCE_EVERY_MS = 200
/** Bound against a flood of invented pages. */
const PAGES_MAX = 256
/** Base64 of 192 kB: above the design's 100 kB for a whole document. */
const encoded = v.optional(v.pipe(v.string(), v.maxLength(256 * 1024)))
const BODY = v.object({ u: encoded, s: encoded, v: encoded })
