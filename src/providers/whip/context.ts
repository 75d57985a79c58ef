/** What the parts of one WHIP connection share, and the exchange of offer and answer that all of them do. */
import type { Clock } from '../../clock.js'
import { bundledConfiguration, type IceOptions, type PeerConnectionFactory } from '../peer-connection.js'
import { type HttpSeat, postOffer, type SdpResource } from './resource.js'
import type { WhipSettings } from './settings.js'

/** Shared by the parts of one connection. */
export interface WhipContext {
  readonly settings: WhipSettings
  readonly seat: HttpSeat
  readonly clock: Clock
  readonly ice: IceOptions
  readonly openPeerConnection: PeerConnectionFactory
  /** Aborted when the connection is left. */
  readonly scope: AbortSignal
}

/** A server without trickle gets what was gathered by then: a dead STUN server alone would take 10 s. */
const GATHERING_LIMIT_MS = 1_000

/** Opens a peer connection whose m-lines share one transport. */
export function openMedia(context: WhipContext): RTCPeerConnection {
  return context.openPeerConnection(bundledConfiguration(context.ice))
}

/** An offer on its way into its own peer connection. */
export interface Offered {
  readonly sdp: string
  /** Resolves when the peer connection has taken it. */
  readonly applied: Promise<void>
}

/** Makes an offer, or takes the one that was made; it is applied while others already read it. */
export async function makeOffer(
  pc: RTCPeerConnection,
  made?: Promise<RTCSessionDescriptionInit>,
): Promise<Offered> {
  const offer = await (made ?? pc.createOffer())
  const applied = pc.setLocalDescription(offer)
  applied.catch(reportedByTaker)
  return { sdp: offer.sdp ?? '', applied }
}

/**
 * Posts an offer and applies the answer. The offer is posted while it is still being applied here, and without
 * candidates: the server's come with its answer, and it learns ours from the first connectivity check.
 * `onStage` is called when the offer is on its way, and when the server has answered, before the answer is applied.
 */
export async function negotiate(
  context: WhipContext,
  pc: RTCPeerConnection,
  offered: Promise<Offered>,
  url: URL,
  scope: AbortSignal,
  onStage?: (isAccepted: boolean) => void,
): Promise<SdpResource> {
  const offer = await offered
  if (!context.settings.isTrickling) {
    await offer.applied
    await gathered(context.clock, pc, scope)
  }
  const sdp = context.settings.isTrickling ? offer.sdp : (pc.localDescription?.sdp ?? '')
  const accepted = postOffer(context.seat, url, sdp, scope, () => onStage?.(false)).then((resource) => {
    onStage?.(true)
    return resource
  })
  const [resource] = await Promise.all([accepted, offer.applied])
  try {
    scope.throwIfAborted()
    await pc.setRemoteDescription({ type: 'answer', sdp: resource.answer })
  } catch (error) {
    void resource.remove()
    throw error
  }
  return resource
}

function reportedByTaker(): void {
  // Whoever takes the offer waits for it; a spare one that nobody takes is only closed.
}

function gathered(clock: Clock, pc: RTCPeerConnection, scope: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const listening = new AbortController()
    const finish = (): void => {
      listening.abort()
      cancelTimer()
      resolve()
    }
    const cancelTimer = clock.after(GATHERING_LIMIT_MS, finish)
    const { signal } = listening
    const look = (): void => {
      if (pc.iceGatheringState === 'complete') finish()
    }
    pc.addEventListener('icegatheringstatechange', look, { signal })
    scope.addEventListener('abort', finish, { signal })
    if (scope.aborted) finish()
    else look()
  })
}
