/** The connection over which one participant sends audio and video to the SFU. */
import { randomUUID } from 'node:crypto'
import type { RTCRtpReceiver, RtpPacket } from 'werift'
import type { WeriftModule } from '../dependencies.js'
import { type MediaConnection, openConnection } from './connection.js'
import { checkOffer } from './offer.js'
import type { ClockReading } from './sender-reports.js'

/** What a track is. */
export type MediaKind = 'audio' | 'video'

/** A participant who publishes. */
export interface Publisher extends MediaConnection {
  readonly id: string
  /** Asks the browser for a key frame, if there is video. */
  requestKeyFrame(): void
}

/** What happens at a publisher. */
export interface PublisherEvents {
  readonly onPacket: (id: string, kind: MediaKind, packet: RtpPacket) => void
  readonly onClock: (id: string, kind: MediaKind, reading: ClockReading) => void
  readonly onConnected: () => void
  readonly onClosed: (id: string) => void
}

/** Answers a WHIP offer. Throws a Refusal with the reason when the offer cannot work. */
export async function openPublisher(
  werift: WeriftModule,
  offer: string,
  events: PublisherEvents,
): Promise<Publisher> {
  checkOffer(offer, 'from-publisher')
  const id = randomUUID()
  const video: { receiver: RTCRtpReceiver; ssrc: number }[] = []
  const connection = await openConnection(werift, {
    offer,
    prepare(transceiver) {
      transceiver.direction = 'recvonly'
      transceiver.onTrack.subscribe((track) => {
        const kind = transceiver.kind === 'audio' ? 'audio' : 'video'
        if (kind === 'video' && track.ssrc !== undefined)
          video.push({ receiver: transceiver.receiver, ssrc: track.ssrc })
        track.onReceiveRtp.subscribe((packet) => events.onPacket(id, kind, packet))
        track.onReceiveRtcp.subscribe((packet) => {
          if (!(packet instanceof werift.RtcpSrPacket)) return
          const { ntpTimestamp, rtpTimestamp } = packet.senderInfo
          events.onClock(id, kind, { ntpTimestamp, rtpTimestamp, atMs: performance.now() })
        })
      })
    },
    onConnected: events.onConnected,
    onClosed: () => events.onClosed(id),
  })
  return {
    id,
    answer: connection.answer,
    get isConnected() {
      return connection.isConnected
    },
    wasHeard: connection.wasHeard,
    close: connection.close,
    requestKeyFrame() {
      for (const { receiver, ssrc } of video) void receiver.sendRtcpPLI(ssrc)
    },
  }
}
