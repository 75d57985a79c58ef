/** A page with one participant without media that counts the bytes it sends and receives for the document. */
import { joinRoom, type RoomMember } from './room-member.js'

const traffic = { sent: 0, received: 0 }
const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? new Blob([data]).size : ((data as ArrayBufferView | ArrayBuffer).byteLength ?? 0)

for (const kind of [RTCDataChannel, WebSocket]) {
  const { send } = kind.prototype as { send(data: unknown): void }
  Object.assign(kind.prototype, {
    send(this: EventTarget, data: unknown) {
      traffic.sent += sizeOf(data)
      send.call(this, data)
    },
  })
  const onmessage = Object.getOwnPropertyDescriptor(kind.prototype, 'onmessage')
  Object.defineProperty(kind.prototype, 'onmessage', {
    ...onmessage,
    set(this: EventTarget, listener: (event: MessageEvent) => void) {
      onmessage?.set?.call(this, (event: MessageEvent) => {
        traffic.received += sizeOf(event.data)
        listener.call(this, event)
      })
    },
  })
}

let member: RoomMember | null = null
const api = {
  async join(participant: string, room: string, signaling: string) {
    member = await joinRoom({ participant, room, signaling: [signaling] })
  },
  head: () => member?.head() ?? null,
  linked: () => member?.document.links.find(({ kind }) => kind === 'webrtc')?.peers.length ?? 0,
  traffic: () => ({ ...traffic }),
}

/** What the suite calls through `page.evaluate`. */
export type TrafficPage = typeof api

declare global {
  interface Window {
    trafficPage: TrafficPage
  }
}

window.trafficPage = api
