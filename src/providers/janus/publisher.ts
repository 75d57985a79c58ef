/**
 * Our own feed: one handle and one sendonly peer connection. Camera and microphone have their m-lines from the
 * first offer on, with or without tracks; a screen adds its own by renegotiation. The m-lines' descriptions
 * tell the others what each is and whether it has a track.
 */
import type { Clock } from '../../clock.js'
import { HoldfastError, isHoldfastError } from '../../errors.js'
import { addOutgoing, type Outgoing } from '../outgoing.js'
import { whenConnected } from '../peer-connection.js'
import type { LocalTrack, TrackSource } from '../provider.js'
import { type JanusMessage, writeDescription } from './messages.js'
import type { JanusRoomId, JanusSettings } from './settings.js'
import type { Handle } from './wire.js'

/** What {@link createPublisher} needs. */
export interface PublisherOptions {
  readonly pc: RTCPeerConnection
  readonly tracks: readonly LocalTrack[]
  readonly settings: JanusSettings
  readonly room: JanusRoomId
  readonly clock: Clock
  readonly scope: AbortSignal
}

/** Our feed. */
export interface Publisher {
  /**
   * Joins the room with the first offer; resolves to Janus's list of the others, before media can flow.
   * `attach` gives fresh handles: one whose offer was refused is spent (Janus answers 490 to the next).
   */
  join(attach: () => Promise<Handle>, body: object): Promise<JanusMessage>
  /** Media can flow. */
  readonly connected: () => Promise<void>
  publish(tracks: readonly LocalTrack[]): Promise<void>
  setSendCap(source: TrackSource, maxBps: number | null): Promise<void>
  requestKeyFrame(source: string): Promise<void>
  restartIce(): Promise<void>
}

const FIRST_SOURCES: readonly TrackSource[] = ['microphone', 'camera']
const NO_SUCH_ROOM = 426
const ROOM_EXISTS = 427

/** Makes the first offer at once; nothing is sent before `join()`. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { pc, scope, clock, settings } = options
  const caps = new Map<TrackSource, number>()
  const sources = [...new Set([...FIRST_SOURCES, ...options.tracks.map(({ source }) => source)])]
  const outgoing = addOutgoing(pc, sources, options.tracks, caps)
  const feed = createFeed(options, outgoing, pc.setLocalDescription())
  let queue: Promise<void> = Promise.resolve()
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = queue.then(task)
    queue = done.catch(reportedByCaller)
    return done
  }
  const publish = async (tracks: readonly LocalTrack[]): Promise<void> => {
    if (scope.aborted) throw new HoldfastError('closed')
    const missing = tracks.filter(({ source }) => !outgoing.sources.includes(source))
    for (const { source } of missing) outgoing.add(source)
    await outgoing.set(tracks)
    if (missing.length > 0) await feed.negotiate()
    else await feed.describe()
  }
  return {
    join: feed.join,
    connected: () => whenConnected(pc, scope, clock, settings.connectTimeoutMs),
    publish: (tracks) => enqueue(() => publish(tracks)),
    async setSendCap(source, maxBps) {
      if (maxBps === null) caps.delete(source)
      else caps.set(source, maxBps)
      await outgoing.refreshCaps()
    },
    requestKeyFrame: (source) => outgoing.requestKeyFrame(source),
    restartIce: () => enqueue(async () => feed.negotiate(await pc.createOffer({ iceRestart: true }))),
  }
}

/** The feed as Janus knows it: its handle, and what it was last told. */
interface Feed {
  readonly join: Publisher['join']
  /** Offers anew: other m-lines, or an ICE restart. */
  negotiate(offer?: RTCLocalSessionDescriptionInit): Promise<void>
  /** Tells what has a track now, if that changed. */
  describe(): Promise<void>
}

function createFeed(options: PublisherOptions, outgoing: Outgoing, offered: Promise<void>): Feed {
  const { pc, scope, settings } = options
  let handle: Handle | null = null
  let told = ''
  offered.catch(reportedByJoin)
  // Those that come before the offer is sent are in it.
  pc.addEventListener('icecandidate', ({ candidate }) => handle?.trickle(candidate), { signal: scope })

  const tell = async (request: object, jsep?: RTCSessionDescriptionInit): Promise<JanusMessage> => {
    if (!handle || scope.aborted) throw new HoldfastError('closed')
    const descriptions = descriptionsOf(outgoing)
    const reply = await handle.message({ ...request, descriptions }, jsep)
    told = JSON.stringify(descriptions)
    if (reply.jsep) await pc.setRemoteDescription(reply.jsep)
    return reply
  }
  const enter = (attached: Handle, body: object): Promise<JanusMessage> => {
    handle = attached
    const reply = tell({ ...body, request: 'joinandconfigure', ptype: 'publisher' }, localOf(pc))
    if (pc.iceGatheringState === 'complete') attached.trickle(null)
    return reply
  }
  return {
    async join(attach, body) {
      const [first] = await Promise.all([attach(), offered])
      try {
        return await enter(first, body)
      } catch (error) {
        if (!settings.canCreate || !isRefusal(error, NO_SUCH_ROOM)) throw error
      }
      const second = await attach()
      await createRoom(second, options)
      return enter(second, body)
    },
    async negotiate(offer) {
      await pc.setLocalDescription(offer)
      await tell({ request: 'configure' }, localOf(pc))
    },
    async describe() {
      if (JSON.stringify(descriptionsOf(outgoing)) !== told) await tell({ request: 'configure' })
    },
  }
}

async function createRoom(handle: Handle, { room, settings }: PublisherOptions): Promise<void> {
  const { maxPublishers, pin, adminKey } = settings
  const facts = { room, publishers: maxPublishers, is_private: true, ...(pin === null ? {} : { pin }) }
  try {
    await handle.message({ request: 'create', ...facts, ...(adminKey === null ? {} : { admin_key: adminKey }) })
  } catch (error) {
    // Two who come at the same moment both find no room; one of them makes it.
    if (!isRefusal(error, ROOM_EXISTS)) throw error
  }
}

function isRefusal(error: unknown, status: number): boolean {
  return isHoldfastError(error) && error.details.status === status
}

function descriptionsOf(outgoing: Outgoing): { mid: string; description: string }[] {
  return outgoing.sources.flatMap((source) => {
    const mid = outgoing.midOf(source)
    return mid === null
      ? []
      : [{ mid, description: writeDescription(source, outgoing.active.includes(source)) }]
  })
}

function localOf(pc: RTCPeerConnection): RTCSessionDescriptionInit {
  const { type, sdp } = pc.localDescription ?? { type: 'offer', sdp: '' }
  return { type, sdp }
}

function reportedByJoin(): void {
  // `join()` awaits this promise and rejects with the same error.
}

function reportedByCaller(): void {
  // The same promise was given to whoever asked.
}
