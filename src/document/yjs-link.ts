/**
 * A Yjs provider of the app (y-websocket, Hocuspocus, any other) as a link. The provider never sees the call's
 * own document but a copy that mirrors it: what others wrote is passed on only when the copy does not get it by
 * itself, and presence is not echoed, which common providers do with everything they hear. The server behind it
 * is not trusted: registers are signed. Loaded only where `createCall({ links })` is used.
 */
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import { createIntake } from './intake.js'
import type { Link, LinkContext, LinkFactory } from './link.js'
import { mirrorPresence } from './yjs-presence.js'

/** What an app gets to make its provider with. */
export interface YjsProviderContext {
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly room: string
}

/** The least that Yjs providers have in common. */
export interface YjsProvider {
  /** Whether the first sync with the server is done; without it and without events it is taken for done. */
  readonly synced?: boolean
  /** Events `status` (`{ status }`), `synced` and `sync`, as y-websocket and Hocuspocus fire them. */
  on?(name: string, listener: (event: never) => void): unknown
  destroy(): void
}

/** Makes a provider; may load it first. */
export type MakeYjsProvider = (context: YjsProviderContext) => YjsProvider | Promise<YjsProvider>

/** Makes a link of what the app brings. */
export function yjsLink(make: MakeYjsProvider): LinkFactory {
  return (context) => startYjsLink(context, make)
}

function startYjsLink(context: LinkContext, make: MakeYjsProvider): Link {
  const { clock, onChange, reject } = context
  const startedAtMs = clock.now()
  const { doc, close: closeCopy, flush } = mirrorDocument(context)
  const presence = mirrorPresence(context, doc)
  let provider: YjsProvider | null = null
  let isClosed = false
  let hasSynced = false
  const onSync = (isSynced: boolean): void => {
    if (isSynced) flush()
    presence.setConnected(isSynced)
    // Copied is not enough: registers count when they are verified.
    void context.settled().then(() => {
      hasSynced ||= isSynced
      onChange()
    })
  }
  void Promise.resolve()
    .then(() => make({ doc, awareness: presence.awareness, room: context.room }))
    .then((made) => {
      if (isClosed) return made.destroy()
      provider = made
      watch(made, onSync, () => reject('link-failed', 'provider'))
    })
    .catch(() => reject('link-failed', 'provider'))
  clock.after(SYNC_MAX_MS, onChange)
  return {
    get isSyncing() {
      return !isClosed && !hasSynced && clock.now() - startedAtMs < SYNC_MAX_MS
    },
    get reached() {
      return presence.reached
    },
    snapshot: () => ({
      kind: 'provider',
      state: isClosed ? 'closed' : presence.isConnected ? 'connected' : 'connecting',
      peers: presence.paths.filter((path) => path.state === 'live').map((path) => path.peer),
      paths: presence.paths,
    }),
    flush,
    sweep: presence.sweep,
    close() {
      isClosed = true
      flush()
      provider?.destroy()
      presence.close()
      closeCopy()
    },
  }
}

/** Follows what the provider says of itself; one that says nothing is believed to work. */
function watch(provider: YjsProvider, onSync: (isSynced: boolean) => void, onRefused: () => void): void {
  const onSyncEvent = (event: unknown): void =>
    onSync(
      event === true ||
        (typeof event === 'object' && event !== null && 'state' in event && event.state === true),
    )
  provider.on?.('synced', onSyncEvent)
  provider.on?.('sync', onSyncEvent)
  provider.on?.('status', ({ status }: { readonly status?: unknown }) => {
    if (status !== 'connected') onSync(false)
    // A provider that never speaks of syncing is in sync when it is connected.
    else if (provider.synced === undefined) onSync(true)
  })
  // Hocuspocus may close a document and leave the socket open.
  provider.on?.('close', () => onSync(false))
  provider.on?.('authenticationFailed', onRefused)
  if (provider.synced ?? provider.on === undefined) onSync(true)
}

interface Copy {
  readonly doc: Yjs.Doc
  flush(): void
  close(): void
}

/** Keeps a copy of the document equal to it, under origins of this link's own. */
function mirrorDocument({ doc, yjs, clock, reject }: LinkContext): Copy {
  const copy = new yjs.Doc()
  // Providers speak for `doc.clientID` in awareness, and presence must be the same person's on every link.
  copy.clientID = doc.clientID
  const out = { link: 'out' }
  const brought = { link: 'brought' }
  const mayHear = createIntake({ clock, reject })
  let cancel: (() => void) | null = null
  let cancelCatchUp: (() => void) | null = null
  // While it is put in the copy has no id: else Yjs takes our own in the update for a clash and changes it.
  const put = (update: Uint8Array): void => {
    copy.clientID = NOBODY
    yjs.applyUpdate(copy, update, out)
    copy.clientID = doc.clientID
  }
  const flush = (): void => {
    cancel?.()
    cancel = null
    put(yjs.encodeStateAsUpdate(doc, yjs.encodeStateVector(copy)))
  }
  const onUpdate = (update: Uint8Array, origin: unknown, _doc: Yjs.Doc, change: Yjs.Transaction): void => {
    if (origin === brought) return
    if (change.local) put(update)
    else cancel ??= clock.after(PASS_ON_AFTER_MS, flush)
  }
  /** What came too fast is in the copy all the same, and is taken over in one piece. */
  const catchUp = (): void => {
    cancelCatchUp = null
    yjs.applyUpdate(doc, yjs.encodeStateAsUpdate(copy, yjs.encodeStateVector(doc)), brought)
  }
  put(yjs.encodeStateAsUpdate(doc))
  copy.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === out) return
    if (mayHear('provider', update.length)) yjs.applyUpdate(doc, update, brought)
    else cancelCatchUp ??= clock.after(CATCH_UP_MS, catchUp)
  })
  doc.on('update', onUpdate)
  return {
    doc: copy,
    flush,
    close() {
      cancel?.()
      cancelCatchUp?.()
      doc.off('update', onUpdate)
      copy.destroy()
    },
  }
}

/** Never drawn for a document; it writes nothing. */
const NOBODY = 0
/** An unreachable server must not hold up a join for longer. */
const SYNC_MAX_MS = 3000
/** What others wrote has come from the server itself by then, and there is nothing to pass on. */
const PASS_ON_AFTER_MS = 400
/** A flood costs one comparison a second. */
const CATCH_UP_MS = 1000
