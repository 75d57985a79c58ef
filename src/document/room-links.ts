/**
 * The ways one page's document travels: signaling servers, data channels, and what the app brings. Says which
 * of them are up and whether somebody who announced itself still has to sync.
 */

import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import type { DocumentOptions } from './contract.js'
import type { DataPort } from './in-band.js'
import { createLateMesh, type LateMesh, type LoadMesh } from './late-mesh.js'
import type { LinkSnapshot } from './link.js'
import { createLinkList } from './link-list.js'
import { meshLink, signalingLink } from './own-links.js'
import type { PresenceBoard } from './presence-board.js'
import type { Reject } from './rejections.js'
import { startRelayLink } from './relay-link.js'
import { openRoomBus, type RoomBus } from './room-bus.js'
import { createRoomChannels, type RoomChannels } from './room-channels.js'
import type { Seal } from './seal.js'
import { checkSockets } from './signaling-socket.js'

/** All links of a room. */
export interface RoomLinks {
  readonly channels: RoomChannels
  /** Somebody who announced itself has not synced, or it is too early to know; bounded to three seconds. */
  readonly isSyncing: boolean
  /** Whether another page was ever heard. */
  readonly hasHeard: boolean
  readonly snapshots: readonly LinkSnapshot[]
  readonly servers: Pick<RoomBus, 'heardAtMs' | 'setServers'>
  /** Lets the document travel on a media provider's data channel too; call the result to end it. */
  carry(port: DataPort): () => void
  /** The network may have changed: every link has to show that it lives, now. */
  check(): void
  resync(): void
  flush(): void
  /** Called once a second. */
  sweep(): void
  close(): void
}

/** What {@link startRoomLinks} needs. */
export interface RoomLinksOptions {
  readonly options: DocumentOptions
  readonly clock: Clock
  readonly page: string
  readonly seal: Seal | null
  readonly yjs: typeof Yjs
  readonly protocol: typeof AwarenessProtocol
  /** Null where there is no WebRTC. */
  readonly loadMesh: LoadMesh | null
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly board: PresenceBoard
  /** Resolves when every register received so far can be read. */
  readonly settled: () => Promise<void>
  readonly onChange: () => void
  readonly reject: Reject
}

/** Starts every link. */
export function startRoomLinks(context: RoomLinksOptions): RoomLinks {
  const { options, clock, board, onChange } = context
  const startedAtMs = clock.now()
  let hasHeard = false
  const bus: RoomBus = openRoomBus({
    ...context,
    urls: options.signaling,
    room: options.room,
    isKnown: (page) => board.linkedPage(page) !== null,
    onMessage(message) {
      hasHeard = true
      if (message.kind === 'channel') channels.receive(message.body)
      else if (message.kind === RTC_KIND) mesh?.receive(message.from, message.body)
      else relay.receive(message)
    },
    onState(isOpen) {
      if (isOpen) {
        relay.greet()
        channels.open()
        mesh?.onServerOpen()
        clock.after(FIRST_ANSWER_MS, onChange)
      }
      onChange()
    },
  })
  const channels = createRoomChannels({ ...context, bus })
  const onBye = (page: string): void => mesh?.forget(board.rtcIdOf(page))
  const relay = startRelayLink({
    ...context,
    ...{ send: bus.send, onBye, pageOf: board.linkedPage },
    // Whom this page does not reach does not reach it either: nobody else has to hurry for the two.
    ...{ isWhole: () => board.wholeness.isOwn, standsBy: board.isSeated },
  })
  const mesh = startMesh(context, bus, () => reached())
  const links = createLinkList(context, [
    ...(options.signaling.length > 0 ? [signalingLink(relay, bus, board)] : []),
    ...(mesh === null ? [] : [meshLink(mesh, board)]),
  ])
  const reached = (): string[] => links.all.flatMap((link) => link.reached ?? [])
  clock.after(OPEN_MAX_MS, onChange)
  return {
    channels,
    get hasHeard() {
      return hasHeard || board.rtcIds().length > 0
    },
    get isSyncing() {
      return isTooEarly(bus, options, startedAtMs, clock.now()) || links.all.some((link) => link.isSyncing)
    },
    get snapshots() {
      return links.all.map((link) => link.snapshot())
    },
    servers: bus,
    carry: links.carry,
    check: () => checkAll(mesh),
    resync: () => links.each((link) => link.resync?.()),
    flush: () => links.each((link) => link.flush?.()),
    sweep() {
      links.each((link) => link.sweep?.())
      board.wholeness.setLinked(reached())
    },
    close() {
      links.close()
      bus.close()
    },
  }
}

function checkAll(mesh: LateMesh | null): void {
  checkSockets()
  mesh?.check()
}

function startMesh(
  context: RoomLinksOptions,
  bus: RoomBus,
  linkedOf: () => readonly string[],
): LateMesh | null {
  const { loadMesh, options, board, page } = context
  if (loadMesh === null) return null
  board.setRtcId(page)
  return createLateMesh(loadMesh, {
    ...context,
    room: options.room,
    iceServers: options.iceServers ?? [],
    send: (to, body) => bus.send(RTC_KIND, to, body),
    canSignal: () => bus.isOpen,
    isWhole: () => board.wholeness.isAll,
    isInNeed: board.wholeness.isInNeed,
    onChange() {
      board.wholeness.setLinked(linkedOf())
      context.onChange()
    },
  })
}

/** Before a server was reached nobody can have been heard, and an answer takes a moment more. */
function isTooEarly(bus: RoomBus, options: DocumentOptions, startedAtMs: number, now: number): boolean {
  if (options.signaling.length === 0) return false
  if (bus.openedAtMs === null) return now - startedAtMs < OPEN_MAX_MS
  return now - bus.openedAtMs < FIRST_ANSWER_MS
}

/** Kind of the messages that set up data channels. */
const RTC_KIND = 'rtc'
/** An unreachable server must not hold up a join for longer. */
const OPEN_MAX_MS = 3000
/** A hello and its answer over the signaling server, on a slow network. */
const FIRST_ANSWER_MS = 250
