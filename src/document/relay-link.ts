/**
 * The document over a way of messages: the signaling servers, or the data channel of a media provider. Slower than
 * data channels of our own and O(n) at a server, but there before the first ICE check and when no peer connection
 * can be had. First contact is an exchange of state
 * vectors (hello, sync, sync back); afterwards only own changes are sent, and a short digest every few
 * seconds finds what was lost. Tells who is known and who still has to sync.
 */
import * as v from 'valibot'
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import { createExchange, orphanage } from './exchange.js'
import { createKnownPages, type KnownPage } from './known-pages.js'
import type { LinkedPage } from './link.js'
import { createLinkPaths, type LinkPaths } from './link-paths.js'
import { relayPresence } from './presence-relay.js'
import { createPulseEchoes } from './pulse-echoes.js'
import type { Reject } from './rejections.js'
import type { BusMessage } from './room-envelope.js'
import { relayUpdates } from './update-relay.js'

/** The running link. */
export interface RelayLink {
  /** Pages heard lately and whether their first sync is done. */
  readonly pages: ReadonlyMap<string, KnownPage>
  /** How the others are reached by this link. */
  readonly ways: LinkPaths<string>
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
  /** Id of this page. Default: none, and no round trips are measured. */
  readonly page?: string
  readonly pageOf?: (page: string) => LinkedPage | null
  /** Whether other links reach everybody: then this one only repeats what they carry. */
  readonly isWhole?: () => boolean
  /** Whether the others wait for this page; it beats here even while not needed. Default: yes. */
  readonly standsBy?: () => boolean
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
  const { isWhole = () => false } = options
  const digestEveryMs = (): number => digestPaceMs(pages.all.size, isWhole())
  const paths = createLinkPaths({ clock, pageOf: options.pageOf ?? NOBODY, speaksEveryMs: digestEveryMs })
  const presence = startPresence(options, paths)
  const updates = relayUpdates({ ...options, send: (u) => send('update', null, { u }) })
  const { vector, states, sync, apply } = createExchange(options)
  const dropOrphans = orphanage(options.doc)
  let digestAtMs = 0

  const take = ({ kind, from, body }: BusMessage): void => {
    const theirs = apply(body)
    paths.heard(from)
    if (kind === 'presence') presence.heard(from, body)
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
    ways: paths,
    get isSyncing() {
      return pages.isSyncing
    },
    receive(message) {
      if (message.kind === 'bye') {
        paths.forget(message.from)
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
      paths.sweep()
      const now = clock.now()
      dropOrphans(now)
      if (now < digestAtMs) return
      digestAtMs = now + digestEveryMs() * (0.75 + random() / 2)
      send('digest', null, { v: vector() })
    },
    close() {
      updates.close()
      presence.close()
      send('bye', null, {})
    },
  }
}

function digestPaceMs(pages: number, isWhole: boolean): number {
  return isWhole
    ? IDLE_DIGEST_EVERY_MS * Math.max(1, pages / IDLE_PAGES_PER_DIGEST)
    : DIGEST_EVERY_MS * Math.max(1, pages / PAGES_PER_DIGEST)
}

interface SpokenPresence {
  heard(from: string, body: unknown): void
  flush(): void
  close(): void
}

/** Own presence, with the echoes that measure the ways. */
function startPresence(options: RelayLinkOptions, paths: LinkPaths<string>): SpokenPresence {
  const echoes = createPulseEchoes<string>(options.clock, options.page ?? '', paths.measured)
  let count = 0
  const presence = relayPresence({
    ...options,
    send(s) {
      count += 1
      const e = echoes.sending(count)
      options.send('presence', null, { s, n: count, ...(e === null ? {} : { e }) })
    },
  })
  return {
    ...presence,
    heard(from, body) {
      const parsed = v.safeParse(ECHOING, body)
      if (parsed.success) echoes.heard(from, parsed.output.n, parsed.output.e)
    },
  }
}

const NOBODY = (_page: string): null => null
/** Heals what was lost on the way within a few seconds; equal vectors cost one short message. */
const DIGEST_EVERY_MS = 5000
/** While other links carry everything: a digest then finds what they believe they carried. */
const IDLE_DIGEST_EVERY_MS = 10_000
/** In larger rooms each speaks more rarely, and there are more who speak. */
const PAGES_PER_DIGEST = 8
/** A state vector grows with the pages too. */
const IDLE_PAGES_PER_DIGEST = 4
const ECHOING = v.object({ n: v.pipe(v.number(), v.safeInteger()), e: v.optional(v.unknown()) })
