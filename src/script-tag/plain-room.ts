/**
 * In place of `document/y-webrtc-room.ts` in the script-tag file: the same messages on the same data channels,
 * without y-webrtc, of whose room only these few are used. What cannot be read throws, and the caller drops it.
 */
import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import type { WebrtcConn } from 'y-webrtc'
import { type AwarenessChange, delayGossip, type SendingRoom } from '../document/y-webrtc-gossip.js'
import type { StockRoom, StockRoomOptions } from '../document/y-webrtc-room.js'
import Peer from './simple-peer.js'

/** As in `document/y-webrtc-room.ts`. */
export function openStockRoom(options: StockRoomOptions): StockRoom {
  const { doc, awareness, yjs } = options
  const connections = new Map<string, WebrtcConn>()
  const origin = {}
  let only: readonly string[] | null = null
  const states = (clients: readonly number[]): Uint8Array =>
    message([AWARENESS], encodeAwarenessUpdate(awareness, [...clients]))
  const syncRequest = (): Uint8Array => message([SYNC, STEP_1], yjs.encodeStateVector(doc))
  const answer = (frame: Uint8Array): Uint8Array | null => {
    const isAwareness = frame[0] === AWARENESS
    const body = bodyOf(frame, isAwareness ? 1 : 2)
    if (isAwareness) applyAwarenessUpdate(awareness, body, origin)
    else if (frame[1] === STEP_1) return message([SYNC, STEP_2], yjs.encodeStateAsUpdate(doc, body))
    else yjs.applyUpdate(doc, body, origin)
    return null
  }
  const broadcast = (bytes: Uint8Array): void => {
    for (const [id, { peer }] of connections) if (only?.includes(id) ?? true) trySend(peer, bytes)
  }
  const room: SendingRoom = {
    _docUpdateHandler: (update) => broadcast(message([SYNC, UPDATE], update)),
    _awarenessUpdateHandler: ({ added, updated, removed }: AwarenessChange) =>
      broadcast(states([...added, ...updated, ...removed])),
  }
  const endGossip = delayGossip(room, {
    ...options,
    neighbours: () => [...connections.keys()],
    within(ids, send) {
      only = ids
      send()
      only = null
    },
  })
  doc.on('update', room._docUpdateHandler)
  awareness.on('update', room._awarenessUpdateHandler)
  return {
    connections,
    connect(other, initiator, tell) {
      const peer = new Peer({ initiator, config: { iceServers: [...options.iceServers] } })
      const conn = { peer, connected: false, closed: false }
      const known = conn as unknown as WebrtcConn
      connections.set(other, known)
      peer.on('signal', tell)
      peer.on('connect', () => {
        conn.connected = true
        trySend(peer, syncRequest())
        trySend(peer, states([...awareness.getStates().keys()]))
      })
      peer.on('close', () => {
        conn.connected = false
        conn.closed = true
        if (connections.get(other) === known) connections.delete(other)
      })
      peer.on('data', (frame: Uint8Array) => {
        const reply = answer(frame)
        if (reply !== null) trySend(peer, reply)
      })
      return known
    },
    syncRequest,
    // For a detector, of which this file has none.
    queuedBytes: () => 0,
    close() {
      endGossip()
      doc.off('update', room._docUpdateHandler)
      awareness.off('update', room._awarenessUpdateHandler)
    },
  }
}

function trySend(peer: unknown, bytes: Uint8Array): void {
  try {
    ;(peer as { send(bytes: Uint8Array): void }).send(bytes)
  } catch {
    // The channel is not open (any more): a lost update is found by the next comparison.
  }
}

/** Kinds before a body with its length, as numbers of seven bits a byte: the form of y-protocols. */
function message(kinds: readonly number[], body: Uint8Array): Uint8Array {
  const head = [...kinds]
  let rest = body.length
  for (; rest >= CONTINUED; rest = Math.floor(rest / CONTINUED)) head.push((rest % CONTINUED) + CONTINUED)
  const bytes = new Uint8Array(head.length + 1 + body.length)
  bytes.set([...head, rest])
  bytes.set(body, head.length + 1)
  return bytes
}

function bodyOf(frame: Uint8Array, start: number): Uint8Array {
  let at = start
  let length = 0
  for (let factor = 1; ; factor *= CONTINUED) {
    const byte = frame[at] ?? Number.NaN
    at += 1
    length += (byte % CONTINUED) * factor
    if (!(byte >= CONTINUED)) break
  }
  const body = frame.subarray(at, at + length)
  if (body.length !== length) throw new RangeError('half a message')
  return body
}

/** A byte from here on is followed by another one. */
const CONTINUED = 128
/** Kinds of messages, and those of a sync, as y-protocols numbers them. */
const SYNC = 0
const AWARENESS = 1
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
