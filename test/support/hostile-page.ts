/** A participant that knows the room and means harm: a raw client of the signaling server in Node. */
import { WebSocket } from 'ws'
import * as Y from 'yjs'

/** What it can do. */
export interface HostilePage {
  /** Publishes anything on a topic. */
  publish(topic: string, data: unknown): void
  /** Changes the room's document as it has been seen so far. */
  write(change: (registers: Y.Map<unknown>) => void): void
  /** The document as it sees it. */
  readonly registers: Y.Map<unknown>
  close(): void
}

/** Joins a room's bus and follows its document. */
export async function joinAsHostile(url: string, room: string): Promise<HostilePage> {
  const socket = new WebSocket(url)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const doc = new Y.Doc()
  const bus = `${room}#holdfast`
  let count = 0
  const publish = (topic: string, data: unknown): void =>
    socket.send(JSON.stringify({ type: 'publish', topic, data }))
  const send = (kind: string, body: unknown): void => {
    count += 1
    publish(bus, { type: 'holdfast', from: 'hostile', id: count, at: performance.now(), kind, body })
  }
  socket.on('message', (raw) => {
    const { data } = JSON.parse(String(raw)) as { data?: { from?: string; body?: { u?: string } } | null }
    // Pages have ids of 16 characters; anything else is what this client or a test sent itself.
    if (data?.from?.length === PAGE_ID_LENGTH && data.body?.u)
      Y.applyUpdate(doc, Buffer.from(data.body.u, 'base64'))
  })
  doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, change: Y.Transaction) => {
    if (change.local) send('update', { u: Buffer.from(update).toString('base64') })
  })
  // What is for one page goes to a topic of its own.
  socket.send(JSON.stringify({ type: 'subscribe', topics: [room, bus, `${bus}/hostile`] }))
  const registers = doc.getMap('registers')
  send('hello', { v: Buffer.from(Y.encodeStateVector(doc)).toString('base64') })
  return {
    publish,
    write: (change) => doc.transact(() => change(registers)),
    registers,
    close: () => socket.close(),
  }
}

const PAGE_ID_LENGTH = 16
