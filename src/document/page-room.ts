/**
 * One room in one page: a Y.Doc, its awareness and its links, shared by every participant that the page
 * holds (a demo shows four), because y-webrtc allows one room of a name per page and each more would cost
 * connections to all others. Participants are seats in it; the last one out closes it.
 */
import type { Clock } from '../clock.js'
import { createEmitter, type Emitter } from '../events.js'
import { toBase64Url } from './base64.js'
import type { DocumentEvents, DocumentOptions, LinkSnapshot } from './contract.js'
import { createPresenceBoard, type PresenceBoard } from './presence-board.js'
import { createRegisterStore, type RegisterStore } from './register-store.js'
import { createRejections, type Reject } from './rejections.js'
import { type RelayLink, startRelayLink } from './relay-link.js'
import { openRoomBus, type RoomBus } from './room-bus.js'
import { createRoomChannels, type RoomChannels } from './room-channels.js'
import { createSeal } from './seal.js'
import { startWebrtcLink, type WebrtcLink } from './y-webrtc.js'

/** The shared part of the documents of one room. */
export interface PageRoom {
  readonly events: Emitter<DocumentEvents>
  readonly board: PresenceBoard
  readonly store: RegisterStore
  readonly channels: RoomChannels
  readonly clock: Clock
  readonly reject: Reject
  readonly isSyncing: boolean
  readonly hasHeardPage: boolean
  readonly links: readonly LinkSnapshot[]
  resync(): void
  /** Sends presence over every link at once. */
  flush(): void
  close(): void
}

/** Builds the room and starts its links; resolves when the document can be used, not when it is connected. */
export async function openPageRoom(options: DocumentOptions, clock: Clock): Promise<PageRoom> {
  const [yjs, protocol, webrtc, seal] = await Promise.all([
    import('yjs'),
    import('y-protocols/awareness'),
    options.signaling.length > 0 && canUseWebrtc() ? import('y-webrtc') : null,
    options.password ? createSeal(options.password, options.room) : null,
  ])
  const events = createEmitter<DocumentEvents>()
  const reject = createRejections(clock, (error) => events.emit('rejected', error))
  const page = toBase64Url(crypto.getRandomValues(new Uint8Array(PAGE_ID_BYTES)))
  const doc = new yjs.Doc()
  const awareness = new protocol.Awareness(doc)
  const onLink = coalesced(() => events.emit('link', undefined))
  const board = createPresenceBoard({
    awareness,
    page,
    clock,
    reject,
    onChange: coalesced(() => events.emit('presence', undefined)),
  })
  const store = createRegisterStore({
    map: doc.getMap('registers'),
    room: options.room,
    clock,
    reject,
    onChange: coalesced(() => events.emit('registers', undefined)),
    heardAt: board.heardAt,
    isLive: (voter) => clock.now() - board.heardAt(voter) < LIVE_MS,
  })
  const links = startLinks({
    options,
    clock,
    page,
    seal,
    yjs,
    protocol,
    webrtc,
    doc,
    awareness,
    board,
    onLink,
    reject,
  })
  const cancelSweep = repeat(clock, SWEEP_EVERY_MS, (lateMs) => {
    board.sweep()
    links.sweep()
    // This page stood still: what it believes of the others is old (protocol rule 11).
    if (lateMs > FROZEN_AFTER_MS) links.relay.resync()
  })
  return {
    events,
    board,
    store,
    clock,
    reject,
    channels: links.channels,
    get isSyncing() {
      return links.isSyncing()
    },
    get hasHeardPage() {
      return links.hasHeard()
    },
    get links() {
      return links.snapshots()
    },
    resync: () => links.relay.resync(),
    flush() {
      board.flush()
      links.relay.flush()
    },
    close() {
      cancelSweep()
      links.close()
      board.close()
      store.close()
      awareness.destroy()
      doc.destroy()
      events.clear()
    },
  }
}

interface LinksContext {
  readonly options: DocumentOptions
  readonly clock: Clock
  readonly page: string
  readonly seal: Awaited<ReturnType<typeof createSeal>> | null
  readonly yjs: typeof import('yjs')
  readonly protocol: typeof import('y-protocols/awareness')
  readonly webrtc: typeof import('y-webrtc') | null
  readonly doc: import('yjs').Doc
  readonly awareness: import('y-protocols/awareness').Awareness
  readonly board: PresenceBoard
  readonly onLink: () => void
  readonly reject: Reject
}

interface Links {
  readonly relay: RelayLink
  readonly channels: RoomChannels
  isSyncing(): boolean
  hasHeard(): boolean
  snapshots(): readonly LinkSnapshot[]
  sweep(): void
  close(): void
}

function startLinks(context: LinksContext): Links {
  const { options, clock, page, seal, doc, awareness, board, onLink, reject } = context
  const { room, signaling: urls } = options
  const startedAtMs = clock.now()
  let hasHeard = false
  const bus: RoomBus = openRoomBus({
    urls,
    room,
    page,
    seal,
    clock,
    reject,
    onMessage(message) {
      hasHeard = true
      if (message.kind === 'channel') channels.receive(message.body)
      else relay.receive(message)
    },
    onState(isOpen) {
      if (isOpen) {
        relay.greet()
        channels.open()
        clock.after(FIRST_ANSWER_MS, onLink)
      }
      onLink()
    },
  })
  const channels = createRoomChannels({ bus, clock, reject })
  const relay = startRelayLink({
    ...context,
    send: bus.send,
    onChange: onLink,
    onBye: (id) => mesh?.forget(board.rtcIdOf(id)),
  })
  const mesh: WebrtcLink | null = context.webrtc
    ? startWebrtcLink({
        module: context.webrtc,
        doc,
        awareness,
        room,
        urls,
        iceServers: options.iceServers ?? [],
        seal,
        clock,
        reject,
        onChange: onLink,
        onId: (id) => board.setRtcId(id),
      })
    : null
  const others = (options.links ?? []).map((start) => start({ doc, awareness, room }))
  clock.after(OPEN_MAX_MS, onLink)
  return {
    relay,
    channels,
    hasHeard: () => hasHeard || board.rtcIds().length > 0,
    isSyncing() {
      if (relay.isSyncing) return true
      if (urls.length === 0) return false
      // Before a server was reached nobody can have been heard, and an answer takes a moment more.
      if (bus.openedAtMs === null) return clock.now() - startedAtMs < OPEN_MAX_MS
      return clock.now() - bus.openedAtMs < FIRST_ANSWER_MS
    },
    snapshots: () => [
      ...(urls.length > 0 ? [relaySnapshot(bus, relay, board)] : []),
      ...(mesh ? [meshSnapshot(mesh, board)] : []),
      ...others.map((link) => link.snapshot()),
    ],
    sweep() {
      relay.sweep()
      mesh?.sweep(board.rtcIds())
    },
    close() {
      relay.close()
      mesh?.close()
      for (const link of others) link.close()
      bus.close()
    },
  }
}

function relaySnapshot(bus: RoomBus, relay: RelayLink, board: PresenceBoard): LinkSnapshot {
  const pages = [...relay.pages].filter(([, page]) => page.hasSynced).map(([id]) => id)
  return {
    kind: 'signaling',
    state: bus.isOpen ? 'connected' : 'connecting',
    peers: bus.isOpen ? pages.flatMap((id) => board.participantsOf(id)) : [],
  }
}

function meshSnapshot(mesh: WebrtcLink, board: PresenceBoard): LinkSnapshot {
  const { linked } = mesh
  return {
    kind: 'webrtc',
    state: linked.length > 0 ? 'connected' : 'connecting',
    peers: linked.flatMap((id) => board.participantsOf(id)),
  }
}

/** At most one call per turn. */
function coalesced(task: () => void): () => void {
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    queueMicrotask(() => {
      isWaiting = false
      task()
    })
  }
}

function repeat(clock: Clock, everyMs: number, task: (lateMs: number) => void): () => void {
  let cancel = (): void => undefined
  let isStopped = false
  const next = (dueMs: number): void => {
    cancel = clock.after(everyMs, () => {
      task(clock.now() - dueMs)
      if (!isStopped) next(clock.now() + everyMs)
    })
  }
  next(clock.now() + everyMs)
  return () => {
    isStopped = true
    cancel()
  }
}

function canUseWebrtc(): boolean {
  return typeof RTCPeerConnection !== 'undefined' && typeof WebSocket !== 'undefined'
}

/** Unguessable enough that nobody takes another page's id by accident. */
const PAGE_ID_BYTES = 12
/** How lately a voter must have been heard to keep its place in a full shadow copy. */
const LIVE_MS = 30_000
/** Watchdogs need no finer clock. */
const SWEEP_EVERY_MS = 1000
/** Twice the hidden-tab throttle of one timer a second. */
const FROZEN_AFTER_MS = 3000
/** An unreachable server must not hold up a join for longer. */
const OPEN_MAX_MS = 3000
/** A hello and its answer over the signaling server, on a slow network. */
const FIRST_ANSWER_MS = 250
