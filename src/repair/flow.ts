/**
 * Whether media flows, by frames and packets alone: a connection that says `connected` proves nothing. Each flow has
 * a key by what it carries, so that it is recognised over another track, receiver or connection.
 */
import type { Connection, LocalTrack, RemoteTrack } from '../providers/provider.js'

/** One flow as counted at one moment. */
export interface FlowCount {
  /** Frames decoded, or packets of sound, or packets sent. */
  readonly count: number
  readonly keyFrames: number
  /** Changes with the track, the receiver or the stream behind it. */
  readonly identity: string
}

/** Flows by key: `in/ana/camera`, `out/camera/`, `ack/`. */
export type Flow = ReadonlyMap<string, FlowCount>

/** Which flows a strategy is about. */
export interface FlowScope {
  /** One participant's alone; null: everybody's, and our own. */
  readonly peer: string | null
  readonly media: 'audio' | 'video' | null
}

/** What counts as flowing again: by growth, with a fresh key frame, or as something other than before. */
export type Freshness = 'any' | 'key-frame' | 'renewed'

/** What was found. */
export type Judgement = 'flowing' | 'not-yet' | 'dead'

/** Two frames are movement, one may be the last of the old; sound comes in 20 ms packets. */
const GROWTH_MIN = { video: 2, audio: 5, packet: 1 } as const
/** A page that hides the receiver leaves the track's own word, counted once for each look. */
const LOOK_MS = 100

/** Counts the flows of a connection within a scope. */
export async function readFlow(
  connection: Connection,
  scope: FlowScope,
  own: readonly LocalTrack[],
  nowMs: number,
): Promise<Flow> {
  const flow = new Map<string, FlowCount>()
  const tracks = [...connection.tracks.values()].filter((track) => isInScope(track, scope))
  const incoming = tracks.map(async (track) => {
    const key = `in/${track.peer ?? ''}/${track.source}`
    const counted = await countIncoming(track, nowMs)
    // Two tracks of one source side by side: the livelier one counts.
    if (counted.count >= (flow.get(key)?.count ?? 0)) flow.set(key, counted)
  })
  const outgoing = scope.peer === null ? countOutgoing(connection, own, flow) : Promise.resolve()
  await Promise.all([...incoming, outgoing])
  return flow
}

/**
 * Compares countings: what is needed has to have grown since `before`, or since it was `first` seen where something
 * else stands for it now.
 */
export function judge(
  before: Flow,
  first: Flow,
  now: Flow,
  needed: ReadonlySet<string>,
  freshness: (key: string) => Freshness,
  isDead: boolean,
): Judgement {
  if (isDead) return 'dead'
  for (const key of needed) {
    const current = now.get(key)
    if (current === undefined) return 'not-yet'
    const past = before.get(key)
    const isSame = past?.identity === current.identity
    const kind = freshness(key)
    if (kind === 'renewed' && isSame) return 'not-yet'
    if (kind === 'key-frame' && current.keyFrames <= (isSame ? past.keyFrames : 0)) return 'not-yet'
    const from = isSame ? past : first.get(key)
    if (from?.identity !== current.identity || current.count - from.count < growthMin(key)) return 'not-yet'
  }
  return 'flowing'
}

function growthMin(key: string): number {
  if (!key.startsWith('in/')) return GROWTH_MIN.packet
  return /\/(?:camera|screen)$/.test(key) ? GROWTH_MIN.video : GROWTH_MIN.audio
}

function isInScope(track: RemoteTrack, { peer, media }: FlowScope): boolean {
  return (peer === null || track.peer === peer) && (media === null || track.track.kind === media)
}

/** Servers give what is received anew the same names and even the same receiver; that it was told anew is certain. */
const names = new WeakMap<RemoteTrack, string>()
let named = 0

function nameOf(remote: RemoteTrack): string {
  const known = names.get(remote)
  if (known !== undefined) return known
  named += 1
  names.set(remote, `${remote.id}#${named}`)
  return nameOf(remote)
}

interface InboundStats {
  readonly type: string
  readonly ssrc?: number
  readonly framesDecoded?: number
  readonly keyFramesDecoded?: number
  readonly packetsReceived?: number
}

async function countIncoming(remote: RemoteTrack, nowMs: number): Promise<FlowCount> {
  const { track, receiver } = remote
  const id = nameOf(remote)
  if (receiver === undefined) {
    const isHeard = !track.muted && track.readyState === 'live'
    return { count: isHeard ? Math.floor(nowMs / LOOK_MS) : 0, keyFrames: 0, identity: id }
  }
  const report = await receiver.getStats().catch(() => null) // a closed connection has no stats: nothing arrives
  let counted: FlowCount = { count: 0, keyFrames: 0, identity: id }
  report?.forEach((entry: InboundStats) => {
    if (entry.type !== 'inbound-rtp') return
    const count = (track.kind === 'video' ? entry.framesDecoded : entry.packetsReceived) ?? 0
    counted = { count, keyFrames: entry.keyFramesDecoded ?? 0, identity: `${id}|${entry.ssrc ?? 0}` }
  })
  return counted
}

interface OutboundStats {
  readonly type: string
  readonly packetsSent?: number
  readonly packetsReceived?: number
  readonly responsesReceived?: number
  readonly keyFramesEncoded?: number
}

/** What leaves, and that somebody answers: reports and checks that come back on the same path. */
async function countOutgoing(
  connection: Connection,
  own: readonly LocalTrack[],
  flow: Map<string, FlowCount>,
): Promise<void> {
  const sources = new Map(own.map(({ track, source }) => [track, source]))
  const entries = (connection.peerConnections?.() ?? []).filter(({ role }) => role !== 'recv')
  await Promise.all(
    entries.flatMap(({ id, pc, peer }) =>
      pc.getSenders().map(async (sender) => {
        const source = sender.track === null ? undefined : sources.get(sender.track)
        if (source === undefined) return
        const sent = { packets: 0, keyFrames: 0, answers: 0 }
        const report = await sender.getStats().catch(() => null) // as above
        report?.forEach((entry: OutboundStats) => {
          sent.packets += entry.type === 'outbound-rtp' ? (entry.packetsSent ?? 0) : 0
          sent.keyFrames += entry.type === 'outbound-rtp' ? (entry.keyFramesEncoded ?? 0) : 0
          if (entry.type === 'transport') sent.answers += entry.packetsReceived ?? 0
          if (entry.type === 'candidate-pair') sent.answers += entry.responsesReceived ?? 0
        })
        const to = peer ?? ''
        flow.set(`out/${source}/${to}`, { count: sent.packets, keyFrames: sent.keyFrames, identity: id })
        flow.set(`ack/${to}`, { count: sent.answers, keyFrames: 0, identity: id })
      }),
    ),
  )
}
