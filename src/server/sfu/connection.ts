/**
 * One WebRTC connection of the SFU, with the settings that werift needs to work against browsers on loopback.
 * Publisher and subscriber differ only in what they do with the transceivers.
 */
import type { RTCDtlsTransport, RTCPeerConnection, RTCRtpTransceiver } from 'werift'
import type { WeriftModule } from '../dependencies.js'
import { Refusal } from '../http.js'
import { LOOPBACK_HOST } from '../loopback.js'
import { keepEarlyPackets } from './early-packets.js'
import { withBundledPorts } from './offer.js'

/** What a connection is made with. */
export interface ConnectionOptions {
  readonly offer: string
  /** Sets up one transceiver; runs while the offer is applied, because werift fires its events in there. */
  readonly prepare: (transceiver: RTCRtpTransceiver) => void
  /** DTLS is up: packets may be sent. */
  readonly onConnected: () => void
  /** Gone, for whatever reason; called once. */
  readonly onClosed: () => void
}

/** A negotiated connection. */
export interface MediaConnection {
  readonly answer: string
  readonly isConnected: boolean
  /** True when the browser sent anything since the last call. */
  wasHeard(): boolean
  close(): void
}

/** Applies the offer and makes the answer, candidates included. Throws a {@link Refusal} for a bad offer. */
export async function openConnection(
  werift: WeriftModule,
  options: ConnectionOptions,
): Promise<MediaConnection> {
  let isHeard = true
  let isClosed = false
  const pc = new werift.RTCPeerConnection(
    settings(werift, () => {
      isHeard = true
    }),
  )
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    // Closing a connection that never got as far as a transport rejects; there is nothing left to release then.
    pc.close().catch(() => undefined)
    options.onClosed()
  }
  const transports = new Set<RTCDtlsTransport>()
  pc.onRemoteTransceiverAdded.subscribe((transceiver) => {
    options.prepare(transceiver)
    const transport = transceiver.dtlsTransport
    // All sections share one transport in a bundle.
    if (transports.has(transport)) return
    transports.add(transport)
    // As DTLS client werift waits 100 ms before its first flight; as server it answers at once.
    transport.role = 'server'
    keepEarlyPackets(transport)
    transport.onRtp.subscribe(() => {
      isHeard = true
    })
    transport.onStateChange.subscribe((state) => {
      // A page that is closed says goodbye with a DTLS alert; the connection's own state tells nothing of it.
      if (state === 'closed' || state === 'failed') close()
    })
  })
  pc.connectionStateChange.subscribe((state) => {
    if (state === 'connected') options.onConnected()
    if (state === 'failed' || state === 'closed') close()
  })
  const answer = await negotiate(pc, options.offer).catch((error: unknown) => {
    close()
    throw error
  })
  return {
    answer,
    get isConnected() {
      return pc.connectionState === 'connected'
    },
    wasHeard() {
      const was = isHeard
      isHeard = false
      return was
    },
    close,
  }
}

async function negotiate(pc: RTCPeerConnection, offer: string): Promise<string> {
  try {
    await pc.setRemoteDescription({ type: 'offer', sdp: withBundledPorts(offer) })
    await pc.setLocalDescription(await pc.createAnswer())
  } catch {
    // The stack's message may quote the SDP, which must not travel in an error.
    throw new Refusal(400, 'The offer could not be applied.')
  }
  const sdp = pc.localDescription?.sdp
  if (sdp === undefined) throw new Refusal(500, 'No answer could be made.')
  return sdp
}

function settings(werift: WeriftModule, onHeard: () => void) {
  const { RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters } = werift
  const mid = new RTCRtpHeaderExtensionParameters({ uri: werift.RTP_EXTENSION_URI.sdesMid })
  return {
    codecs: {
      audio: [
        new RTCRtpCodecParameters({
          mimeType: 'audio/opus',
          clockRate: 48_000,
          channels: 2,
          payloadType: 111,
          parameters: 'minptime=10;useinbandfec=1',
        }),
      ],
      video: [
        new RTCRtpCodecParameters({
          mimeType: 'video/VP8',
          clockRate: 90_000,
          payloadType: 96,
          rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
        }),
        new RTCRtpCodecParameters({
          mimeType: 'video/rtx',
          clockRate: 90_000,
          payloadType: 97,
          parameters: 'apt=96',
        }),
      ],
    },
    // Nothing but mid: with the transport-wide sequence number browsers drop from 15 to about 10 frames a second.
    headerExtensions: { audio: [mid], video: [mid] },
    // The default is a public STUN server; nothing here leaves the machine.
    iceServers: [],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle' as const,
    // Both are needed: the first alone yields no candidate, because loopback is never gathered by itself.
    iceInterfaceAddresses: { udp4: LOOPBACK_HOST },
    iceAdditionalHostAddresses: [LOOPBACK_HOST],
    iceFilterStunResponse: () => {
      // A connection check is the only sign of life of a publisher that sends no media yet.
      onHeard()
      return true
    },
  }
}
