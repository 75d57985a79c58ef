/**
 * A WHIP/WHEP client in Node, on the same stack as the embedded SFU: for what needs no browser. Its video is
 * made-up VP8 packets, of which the first of each ten is a key frame.
 */
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift'

/** A client's connection to an SFU. */
export interface WeriftSession {
  readonly status: number
  /** Address of the session, absolute. */
  readonly location: string
  readonly headers: Headers
  readonly answer: string
  /** Video packets received so far. */
  readonly packets: RtpPacket[]
  /** Sends one made-up video packet. */
  sendVideo(isKeyFrame: boolean): void
  /** DELETE; resolves to the status. */
  end(): Promise<number>
  close(): Promise<void>
}

/** Publishes (`sendonly`) or subscribes (`recvonly`); resolves when connected, rejects with a refusal's text. */
export async function openWerift(url: string, direction: 'sendonly' | 'recvonly'): Promise<WeriftSession> {
  for (;;) {
    const session = await attempt(url, direction)
    // The stack's DTLS client gives up when the server's first answer comes twice, as it does on a busy machine;
    // browsers do not.
    if (session.isConnected) return session
    await session.end()
    await session.close()
  }
}

interface Attempt extends WeriftSession {
  readonly isConnected: boolean
}

async function attempt(url: string, direction: 'sendonly' | 'recvonly'): Promise<Attempt> {
  const { pc, offer } = await makeOffer(direction)
  const packets: RtpPacket[] = []
  pc.onTrack.subscribe((track) => {
    if (track.kind === 'video') track.onReceiveRtp.subscribe((packet) => packets.push(packet))
  })
  const response = await postOffer(url, offer)
  const answer = await response.text()
  if (response.status !== 201) {
    await pc.close()
    throw new Error(`${response.status} ${answer}`)
  }
  const settled = pc.connectionStateChange.watch((state) => state === 'connected' || state === 'failed')
  await pc.setRemoteDescription({ type: 'answer', sdp: answer })
  const [state] = await settled
  const location = new URL(response.headers.get('location') ?? '', url).href
  return {
    isConnected: state === 'connected',
    status: response.status,
    location,
    headers: response.headers,
    answer,
    packets,
    sendVideo: videoSender(pc),
    end: async () => (await fetch(location, { method: 'DELETE' })).status,
    close: () => pc.close(),
  }
}

function videoSender(pc: RTCPeerConnection): (isKeyFrame: boolean) => void {
  const sender = pc.getTransceivers().find((transceiver) => transceiver.kind === 'video')?.sender
  let sequenceNumber = 0
  return (isKeyFrame) => {
    sequenceNumber += 1
    const header = new RtpHeader({ sequenceNumber, timestamp: sequenceNumber * 3_000, payloadType: 96 })
    void sender?.sendRtp(new RtpPacket(header, Buffer.of(0x10, isKeyFrame ? 0x00 : 0x01)))
  }
}

/** An offer as a browser would make it. */
export async function makeOffer(direction: 'sendonly' | 'recvonly'): Promise<{
  readonly pc: RTCPeerConnection
  readonly offer: string
}> {
  const pc = new RTCPeerConnection({
    codecs: {
      audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
      video: [
        new RTCRtpCodecParameters({
          mimeType: 'video/VP8',
          clockRate: 90_000,
          rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
        }),
      ],
    },
    iceServers: [],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    iceAdditionalHostAddresses: ['127.0.0.1'],
  })
  for (const kind of ['audio', 'video'] as const)
    pc.addTransceiver(direction === 'sendonly' ? new MediaStreamTrack({ kind }) : kind, { direction })
  await pc.setLocalDescription(await pc.createOffer())
  return { pc, offer: pc.localDescription?.sdp ?? '' }
}

/** Posts an offer with the right content type. */
export function postOffer(url: string, offer: string): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: offer })
}
