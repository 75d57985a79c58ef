/**
 * The only file that makes y-webrtc's objects: its rooms and connections are used; its provider, its sockets, its
 * announcing and its BroadcastChannel are not (docs/decisions.md). When y-webrtc heals by itself, the files
 * around this one can go.
 */
import type { Awareness } from 'y-protocols/awareness'
import { Room, type SignalingConn, WebrtcConn, type WebrtcProvider } from 'y-webrtc'
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import { delayGossip, type SendingRoom } from './y-webrtc-gossip.js'

/** A room that sends changes over the connections that were made in it. */
export interface StockRoom {
  readonly connections: Map<string, WebrtcConn>
  /** Begins a connection; what it wants to signal goes to `tell`. */
  connect(other: string, isInitiator: boolean, tell: (signal: unknown) => void): WebrtcConn
  /** Sync step 1 of y-protocols: whoever gets it answers with what is missing here. */
  syncRequest(): Uint8Array
  /** Bytes that wait in the data channels. */
  queuedBytes(): number
  close(): void
}

/** What {@link openStockRoom} needs. */
export interface StockRoomOptions {
  readonly yjs: typeof Yjs
  readonly doc: Yjs.Doc
  readonly awareness: Awareness
  readonly room: string
  /** Id of this page, on the bus as in the mesh. */
  readonly page: string
  readonly iceServers: readonly RTCIceServer[]
  readonly clock: Clock
  /** Whether everybody is linked with everybody. */
  readonly isWhole: () => boolean
  /** Whether the page does not reach all others, as far as is known. */
  readonly isInNeed: (page: string) => boolean
}

/** Opens a room of nothing but data channels. */
export function openStockRoom(options: StockRoomOptions): StockRoom {
  const { doc, awareness, page, yjs } = options
  const peerOpts = { config: { iceServers: [...options.iceServers] } }
  const provider = { doc, awareness, peerOpts, emit: () => undefined }
  const room = new Room(doc, provider as unknown as WebrtcProvider, options.room, null)
  // It would disconnect every room of the page even when the user stays; pagehide is handled by the call.
  window.removeEventListener('beforeunload', room._beforeUnloadHandler)
  room.peerId = page
  const sending = room as unknown as SendingRoom
  const all = room.webrtcConns
  const endGossip = delayGossip(sending, {
    ...options,
    neighbours: () => [...all].filter(([, conn]) => conn.connected).map(([id]) => id),
    within(ids, send) {
      // y-webrtc sends to all connections of its room, in the same turn.
      room.webrtcConns = new Map([...all].filter(([id]) => ids.includes(id)))
      send()
      room.webrtcConns = all
    },
  })
  doc.on('update', room._docUpdateHandler)
  awareness.on('update', room._awarenessUpdateHandler)
  return {
    connections: all,
    connect(other, isInitiator, tell) {
      const conn = new WebrtcConn(signalTo(tell), isInitiator, other, room)
      all.set(other, conn)
      return conn
    },
    syncRequest() {
      const vector = yjs.encodeStateVector(doc)
      return Uint8Array.from([SYNC, STEP_1, ...varuint(vector.length), ...vector])
    },
    queuedBytes: () =>
      [...room.webrtcConns.values()].reduce(
        (sum, { peer }) => sum + (peer as unknown as Buffered).bufferSize,
        0,
      ),
    close() {
      endGossip()
      doc.off('update', room._docUpdateHandler)
      awareness.off('update', room._awarenessUpdateHandler)
    },
  }
}

/** simple-peer's name for its channel's `bufferedAmount`. */
interface Buffered {
  readonly bufferSize: number
}

/** In place of y-webrtc's socket. */
function signalTo(tell: (signal: unknown) => void): SignalingConn {
  const send = ({ data }: { readonly data: { readonly signal: unknown } }): void => tell(data.signal)
  return { send } as unknown as SignalingConn
}

function varuint(value: number): readonly number[] {
  const rest = value >>> VARUINT_BITS
  const low = value & ((1 << VARUINT_BITS) - 1)
  return rest === 0 ? [low] : [low | (1 << VARUINT_BITS), ...varuint(rest)]
}

/** Message kinds of y-protocols/sync, and the bits of a byte that its numbers use. */
const SYNC = 0
const STEP_1 = 0
const VARUINT_BITS = 7
