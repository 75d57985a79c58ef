/** One publication over WHIP: a sendonly peer connection and the resource that the server keeps for it. */
import { addOutgoing, type Outgoing, type SendCaps } from '../outgoing.js'
import { watchState, whenConnected } from '../peer-connection.js'
import type { LocalTrack, TrackSource } from '../provider.js'
import { makeOffer, negotiate, openMedia, type WhipContext } from './context.js'
import { restartIceOver } from './ice-restart.js'
import { pause, type SdpResource } from './resource.js'
import type { Ready } from './stash.js'

/** One publication. */
export interface Publication {
  readonly stream: string
  readonly session: string
  readonly pc: RTCPeerConnection
  readonly outgoing: Outgoing
  /** Whether the server has taken the offer; null before it was asked. */
  readonly isAccepted: boolean | null
  /** Resolves when the offer is on its way to the server, or never will be. */
  readonly offered: Promise<void>
  /** Resolves when media can flow; rejects with a HoldfastError or the scope's reason. */
  readonly connected: Promise<void>
  restartIce(): Promise<void>
  close(): Promise<void>
}

/** What {@link openPublication} needs. */
export interface PublicationOptions {
  readonly url: URL
  readonly stream: string
  readonly session: string
  readonly sources: readonly TrackSource[]
  readonly tracks: readonly LocalTrack[]
  readonly caps: SendCaps
  /** A peer connection with m-lines for these sources. */
  readonly ready: Ready | null
  readonly onStage: () => void
  readonly onState: (state: RTCPeerConnectionState) => void
}

/** Starts one. */
export function openPublication(context: WhipContext, options: PublicationOptions): Publication {
  const ending = new AbortController()
  const scope = AbortSignal.any([context.scope, ending.signal])
  const { ready } = options
  const pc = ready?.pc ?? openMedia(context)
  const outgoing = addOutgoing(pc, options.sources, options.tracks, options.caps)
  watchState(pc, scope, options.onState)
  let resource: SdpResource | null = null
  let isAccepted: boolean | null = null

  const offer = makeOffer(pc, ready?.description)
  const connect = async (): Promise<void> => {
    resource = await negotiate(context, pc, offer, options.url, scope, (isTaken) => {
      isAccepted = isTaken
      options.onStage()
    })
    await whenConnected(pc, scope, context.clock, context.settings.connectTimeoutMs)
  }
  const connected = connect()
  connected.catch(reportedByCaller)

  return {
    stream: options.stream,
    session: options.session,
    pc,
    outgoing,
    get isAccepted() {
      return isAccepted
    },
    offered: offer.then(() => pause(context.clock, 0, scope)).catch(reportedByCaller),
    connected,
    restartIce: () => restartIceOver(pc, resource),
    async close() {
      const removed = resource?.remove()
      ending.abort()
      pc.close()
      await removed
    },
  }
}

function reportedByCaller(): void {
  // Whoever opened the publication awaits this promise too; it must not count as unhandled before.
}
