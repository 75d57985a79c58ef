/**
 * Runs one connection between two ends in this process before the first browser comes. The first connection
 * otherwise pays for the certificate, for modules loaded late and for code that is not compiled yet: 70 to
 * 290 ms, which would be part of the gap that a participant sees after a failover.
 */
import type { WeriftModule } from '../dependencies.js'
import { openPublisher } from './publisher.js'
import { openSubscriber } from './subscriber.js'

/** A machine too busy to connect to itself in this time starts without the warm-up. */
const WARM_UP_LIMIT_MS = 2_000

/** Connects a client of werift's own to a publisher and a subscriber, then closes everything. */
export async function warmUp(werift: WeriftModule): Promise<void> {
  await Promise.all([rehearse(werift, 'sendonly'), rehearse(werift, 'recvonly')])
}

async function rehearse(werift: WeriftModule, direction: 'sendonly' | 'recvonly'): Promise<void> {
  const client = new werift.RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
    iceInterfaceAddresses: { udp4: '127.0.0.1' },
    iceAdditionalHostAddresses: ['127.0.0.1'],
  })
  let timer: NodeJS.Timeout | undefined
  const connected = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WARM_UP_LIMIT_MS)
    client.connectionStateChange.subscribe((state) => {
      if (state === 'connected' || state === 'failed') resolve()
    })
  })
  for (const kind of ['audio', 'video'] as const) client.addTransceiver(kind, { direction })
  await client.setLocalDescription(await client.createOffer())
  const offer = client.localDescription?.sdp ?? ''
  const ignore = (): void => undefined
  const session =
    direction === 'sendonly'
      ? await openPublisher(werift, offer, {
          onPacket: ignore,
          onClock: ignore,
          onConnected: ignore,
          onClosed: ignore,
        })
      : await openSubscriber(werift, offer, {
          onConnected: ignore,
          onKeyFrameWanted: ignore,
          onClosed: ignore,
        })
  await client.setRemoteDescription({ type: 'answer', sdp: session.answer })
  await connected
  clearTimeout(timer)
  session.close()
  await client.close()
}
