/**
 * The connection over which one page receives one publisher. It outlives the publisher's connection: whoever
 * publishes under the same name next is heard on the same tracks.
 */
import { randomUUID } from 'node:crypto'
import type { RTCRtpSender, RtpPacket } from 'werift'
import type { WeriftModule } from '../dependencies.js'
import { type MediaConnection, openConnection } from './connection.js'
import { type Continuity, createContinuity } from './continuity.js'
import { checkOffer } from './offer.js'
import type { MediaKind } from './publisher.js'
import { type ClockReading, createSenderReports, type SenderReports } from './sender-reports.js'
import { isKeyFrameStart } from './vp8.js'

/** A page that receives one publisher. */
export interface Subscriber extends MediaConnection {
  readonly id: string
  /** True until a key frame was passed on: earlier packets cannot be decoded and are held back. */
  readonly isWaitingForKeyFrame: boolean
  /** Passes on one packet of the source, and from time to time what its clocks show. */
  deliver(source: string, kind: MediaKind, packet: RtpPacket, clock?: ClockReading): void
}

/** What happens at a subscriber. */
export interface SubscriberEvents {
  readonly onConnected: (subscriber: Subscriber) => void
  /** The browser lost the picture. */
  readonly onKeyFrameWanted: () => void
  readonly onClosed: (id: string) => void
}

interface Output {
  readonly sender: RTCRtpSender
  readonly continuity: Continuity
  readonly reports: SenderReports
}

const CLOCK_RATES_HZ: Readonly<Record<MediaKind, number>> = { audio: 48_000, video: 90_000 }

/** Answers a WHEP offer. Throws a Refusal with the reason when the offer cannot work. */
export async function openSubscriber(
  werift: WeriftModule,
  offer: string,
  events: SubscriberEvents,
): Promise<Subscriber> {
  checkOffer(offer, 'to-subscriber')
  const id = randomUUID()
  const outputs = new Map<MediaKind, Output>()
  let pictureSource: string | undefined
  let subscriber: Subscriber | undefined
  const connection = await openConnection(werift, {
    offer,
    prepare(transceiver) {
      const kind = transceiver.kind === 'audio' ? 'audio' : 'video'
      // Both kinds are always accepted, so that a track that starts later flows without a new offer.
      transceiver.direction = 'sendonly'
      transceiver.sender.onPictureLossIndication.subscribe(events.onKeyFrameWanted)
      const { sender } = transceiver
      const clockRateHz = CLOCK_RATES_HZ[kind]
      outputs.set(kind, {
        sender,
        continuity: createContinuity(clockRateHz),
        reports: createSenderReports(werift, sender, clockRateHz),
      })
    },
    onConnected: () => {
      if (subscriber) events.onConnected(subscriber)
    },
    onClosed: () => events.onClosed(id),
  })
  subscriber = {
    id,
    answer: connection.answer,
    get isConnected() {
      return connection.isConnected
    },
    get isWaitingForKeyFrame() {
      return outputs.has('video') && pictureSource === undefined
    },
    wasHeard: connection.wasHeard,
    close: connection.close,
    deliver(source, kind, packet, clock) {
      if (!connection.isConnected) return
      if (kind === 'video' && pictureSource !== source) {
        pictureSource = isKeyFrameStart(packet.payload) ? source : undefined
        if (pictureSource === undefined) return
      }
      const output = outputs.get(kind)
      if (output) send(output, source, packet, clock)
    },
  }
  return subscriber
}

function send(output: Output, source: string, packet: RtpPacket, clock: ClockReading | undefined): void {
  const copy = packet.clone()
  const nowMs = performance.now()
  const placed = output.continuity.place(source, packet.header, nowMs)
  copy.header.sequenceNumber = placed.sequenceNumber
  copy.header.timestamp = placed.timestamp
  // The publisher's mid would send this packet to the wrong transceiver of the subscriber.
  copy.header.extensions = []
  // A packet that cannot be sent is lost like any other; the receiver asks for it again.
  output.sender.sendRtp(copy).catch(() => undefined)
  output.reports.sent(packet, placed.timestamp, clock, nowMs)
}
