/** Passes one publisher's packets on to everybody who watches, and sees to it that each gets a picture soon. */
import type { RtpPacket } from 'werift'
import { createKeyFrameRequests } from './key-frames.js'
import type { MediaKind } from './publisher.js'
import { createReplay } from './replay.js'
import type { ClockReading } from './sender-reports.js'
import type { Subscriber } from './subscriber.js'
import { isKeyFrameStart } from './vp8.js'

/** The flow from one seat's publisher to its subscribers. */
export interface Forwarding {
  push(source: string, kind: MediaKind, packet: RtpPacket): void
  /** The publisher said what its clocks show. */
  setClock(kind: MediaKind, reading: ClockReading): void
  /** A subscriber is about to connect: gets a picture under way, so that it is here by then. */
  anticipate(): void
  /** A subscriber has connected: gives it the picture that is here, or asks for one. */
  catchUp(source: string | undefined, subscriber: Subscriber): void
  /** A subscriber lost the picture. */
  wantKeyFrame(): void
  /** The publisher is another one, or gone. */
  reset(): void
}

/** Makes the flow; `subscribers` is read at each packet. */
export function createForwarding(
  subscribers: ReadonlyMap<string, Subscriber>,
  requestKeyFrame: () => void,
): Forwarding {
  const replay = createReplay()
  const clocks = new Map<MediaKind, ClockReading>()
  const keyFrames = createKeyFrameRequests(requestKeyFrame)
  return {
    push(source, kind, packet) {
      if (kind === 'video') {
        replay.push(packet, performance.now())
        if (isKeyFrameStart(packet.payload)) keyFrames.arrived()
      }
      for (const subscriber of subscribers.values()) subscriber.deliver(source, kind, packet, clocks.get(kind))
    },
    setClock: (kind, reading) => void clocks.set(kind, reading),
    anticipate() {
      if (replay.packets(performance.now()).length === 0) keyFrames.want()
    },
    catchUp(source, subscriber) {
      if (source !== undefined)
        for (const packet of replay.packets(performance.now())) subscriber.deliver(source, 'video', packet)
      if (subscriber.isWaitingForKeyFrame) keyFrames.want()
    },
    wantKeyFrame: keyFrames.want,
    reset() {
      replay.clear()
      clocks.clear()
      keyFrames.stop()
    },
  }
}
