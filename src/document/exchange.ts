/**
 * What pages say to each other on a link of messages, as base64 in JSON: state vectors, updates, awareness. Each link
 * applies under an origin of its own, so that what it brought is not sent back on it.
 */
import * as v from 'valibot'
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import type { Json } from '../json.js'
import { fromBase64, toBase64 } from './base64.js'

/** What {@link createExchange} needs. */
export interface ExchangeOptions {
  readonly doc: Yjs.Doc
  readonly awareness: AwarenessProtocol.Awareness
  readonly yjs: typeof Yjs
  readonly protocol: typeof AwarenessProtocol
  readonly send: (kind: string, to: string | null, body: Json) => void
}

/** The words of one link. */
export interface Exchange {
  /** The own state vector. */
  vector(): string
  /** Everybody's awareness as known here. */
  states(): string
  /** Sends what is missing there, and unless it is an answer asks for what is missing here. */
  sync(to: string, theirs: string, isAnswer: boolean): void
  /** Applies a message's updates and returns its state vector; throws for malformed ones. */
  apply(body: unknown): string | undefined
}

/** Makes them. */
export function createExchange({ doc, awareness, yjs, protocol, send }: ExchangeOptions): Exchange {
  // One for each link: what it brought is not sent back on it.
  const origin = { link: 'relay' }
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
      if (update !== null) yjs.applyUpdate(doc, update, origin)
      if (state !== null) protocol.applyAwarenessUpdate(awareness, state, origin)
      return theirs
    },
  }
}

/**
 * Yjs keeps an update until the one before it has come, and passes it on with every sync. The one before may have
 * died with its page. What is dropped here and can be completed after all comes again with the next sync.
 */
export function orphanage({ store }: Yjs.Doc): (now: number) => void {
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

/** Three digests: what is only late has been completed by then. */
const ORPHANS_KEPT_MS = 15_000
/** Base64 of 192 kB: above the design's 100 kB for a whole document. */
const encoded = v.optional(v.pipe(v.string(), v.maxLength(256 * 1024)))
const BODY = v.object({ u: encoded, s: encoded, v: encoded })
