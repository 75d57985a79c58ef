/**
 * A page with one participant without media that counts the bytes it sends and receives for the document, by what
 * they are, and the connections that it makes and loses.
 */
import { joinRoom, type RoomMember } from './room-member.js'

const traffic = { sent: 0, received: 0 }
/** Bytes by way, direction and kind of message. */
const kinds: Record<string, { messages: number; bytes: number }> = {}
const connections = { made: 0, opened: 0, ended: 0 }
let longestTickMs = 0
const TICK_MS = 100

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? new Blob([data]).size : ((data as ArrayBufferView | ArrayBuffer).byteLength ?? 0)

function kindOf(data: unknown): string {
  if (typeof data !== 'string') {
    const [first = -1, second] = data instanceof ArrayBuffer ? new Uint8Array(data) : (data as Uint8Array)
    return first === 0 ? `channel sync ${second}` : `channel ${first}`
  }
  const message = JSON.parse(data) as {
    type: string
    data?: { kind?: string; body?: { type?: string; signal?: { type: string } } }
  }
  const { kind = '', body } = message.data ?? {}
  return ['socket', message.type, kind, body?.type, body?.signal?.type].filter(Boolean).join(' ')
}

function count(way: 'sent' | 'received', data: unknown): void {
  const bytes = sizeOf(data)
  traffic[way] += bytes
  const name = `${way} ${kindOf(data)}`
  const one = kinds[name] ?? { messages: 0, bytes: 0 }
  kinds[name] = { messages: one.messages + 1, bytes: one.bytes + bytes }
}

for (const kind of [RTCDataChannel, WebSocket]) {
  const { send } = kind.prototype as { send(data: unknown): void }
  Object.assign(kind.prototype, {
    send(this: EventTarget, data: unknown) {
      count('sent', data)
      send.call(this, data)
    },
  })
  const onmessage = Object.getOwnPropertyDescriptor(kind.prototype, 'onmessage')
  Object.defineProperty(kind.prototype, 'onmessage', {
    ...onmessage,
    set(this: EventTarget, listener: (event: MessageEvent) => void) {
      onmessage?.set?.call(this, (event: MessageEvent) => {
        count('received', event.data)
        listener.call(this, event)
      })
    },
  })
}

const Native = window.RTCPeerConnection
window.RTCPeerConnection = class extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.made += 1
    this.addEventListener('connectionstatechange', () => {
      if (this.connectionState === 'connected') connections.opened += 1
    })
  }
  override close(): void {
    if (this.signalingState !== 'closed') connections.ended += 1
    super.close()
  }
}

let tickedAtMs = performance.now()
setInterval(() => {
  longestTickMs = Math.max(longestTickMs, performance.now() - tickedAtMs)
  tickedAtMs = performance.now()
}, TICK_MS)

let member: RoomMember | null = null
const api = {
  async join(participant: string, room: string, signaling: string) {
    member = await joinRoom({ participant, room, signaling: [signaling] })
  },
  head: () => member?.head() ?? null,
  linked: () => member?.document.links.find(({ kind }) => kind === 'webrtc')?.peers.length ?? 0,
  traffic: () => ({ ...traffic }),
  kinds: () => structuredClone(kinds),
  connections: () => ({ ...connections }),
  /** The longest time between two ticks that should be 100 ms apart, since it was asked for last. */
  longestTick() {
    const longestMs = longestTickMs
    longestTickMs = 0
    return longestMs
  },
}

/** What the suite calls through `page.evaluate`. */
export type TrafficPage = typeof api

declare global {
  interface Window {
    trafficPage: TrafficPage
  }
}

window.trafficPage = api
