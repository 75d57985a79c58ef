/**
 * One room in one page: a Y.Doc, its awareness and its links, shared by every participant that the page
 * holds (a demo shows four), because y-webrtc allows one room of a name per page and each more would cost
 * connections to all others. Participants are seats in it; the last one out closes it.
 */
import type { Clock } from '../clock.js'
import { createEmitter, type Emitter } from '../events.js'
import type { AdmissionGate } from './admission.js'
import { toBase64Url } from './base64.js'
import type { DocumentEvents, DocumentOptions } from './contract.js'
import { createPresenceBoard, type PresenceBoard } from './presence-board.js'
import type { RegisterStore } from './register-store.js'
import { createRejections } from './rejections.js'
import { type RoomLinks, startRoomLinks } from './room-links.js'
import { createRoomRecords, type RoomRecords } from './room-records.js'
import { createSeal } from './seal.js'
import { holdSocket } from './signaling-socket.js'

/** The shared part of the documents of one room. */
export interface PageRoom {
  readonly events: Emitter<DocumentEvents>
  readonly board: PresenceBoard
  readonly store: RegisterStore
  readonly links: RoomLinks
  /** Null where the app demands no tokens. */
  readonly gate: AdmissionGate | null
  /** Sends presence over every link at once. */
  flush(): void
  close(): void
}

/** Builds the room and starts its links; resolves when the document can be used, not when it is connected. */
export async function openPageRoom(options: DocumentOptions, clock: Clock): Promise<PageRoom> {
  // A socket takes longest of all to open: it is on its way while code is loaded.
  const held = options.signaling.map((url) => holdSocket(url, clock))
  try {
    return buildRoom(options, clock, await loadModules(options))
  } finally {
    for (const release of held) release()
  }
}

async function loadModules(options: DocumentOptions) {
  const [yjs, protocol, seal, admission] = await Promise.all([
    import('yjs'),
    import('y-protocols/awareness'),
    options.password ? createSeal(options.password, options.room) : null,
    options.auth ? import('./admission-gate.js') : null,
  ])
  return { yjs, protocol, seal, admission }
}

function buildRoom(
  options: DocumentOptions,
  clock: Clock,
  { yjs, protocol, seal, admission }: Awaited<ReturnType<typeof loadModules>>,
): PageRoom {
  const events = createEmitter<DocumentEvents>()
  const reject = createRejections(clock, (error) => events.emit('rejected', error))
  const page = toBase64Url(crypto.getRandomValues(new Uint8Array(PAGE_ID_BYTES)))
  const doc = new yjs.Doc()
  const awareness = new protocol.Awareness(doc)
  const onPresence = coalesced(() => events.emit('presence', undefined))
  const board = createPresenceBoard({
    awareness,
    page,
    clock,
    reject,
    isFirstOnly: !options.auth,
    stands: (presence) => records.stands(presence),
    sits: (voter) => store.registers.get(voter)?.head.committee.includes(voter) ?? false,
    onChange: onPresence,
  })
  const records: RoomRecords = createRoomRecords({
    doc,
    room: options.room,
    clock,
    reject,
    auth: options.auth,
    admission,
    heardAt: board.heardAt,
    onRegisters: coalesced(() => events.emit('registers', undefined)),
    onPresence: board.recount,
  })
  const { store, gate } = records
  const onChange = coalesced(() => events.emit('link', undefined))
  const loadMesh = options.signaling.length > 0 && canUseWebrtc() ? () => import('./y-webrtc.js') : null
  const parts = { clock, page, seal, yjs, protocol, loadMesh, doc, awareness, board, reject }
  const links = startRoomLinks({ ...parts, options, settled: store.settled, onChange })
  const stopSweeping = repeat(clock, SWEEP_EVERY_MS, (lateMs) => {
    board.sweep()
    links.sweep()
    records.sweep(lateMs <= FROZEN_AFTER_MS)
    // This page stood still: what it believes of the others is old (protocol rule 11).
    if (lateMs > FROZEN_AFTER_MS) links.resync()
  })
  const close = (): void => {
    stopSweeping()
    links.close()
    board.close()
    records.close()
    awareness.destroy()
    doc.destroy()
    events.clear()
  }
  const flush = (): void => {
    board.flush()
    links.flush()
  }
  return { events, board, store, gate, links, close, flush }
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
/** Watchdogs need no finer clock. */
const SWEEP_EVERY_MS = 1000
/** Twice the hidden-tab throttle of one timer a second. */
const FROZEN_AFTER_MS = 3000
