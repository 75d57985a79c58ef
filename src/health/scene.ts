/**
 * What a detector looks at: one moment of the call as named numbers. NaN is unknown and never zero; ages are
 * milliseconds. Rates come from `rates.ts`; here they get names: whose stream, on which connection, muted or not.
 */
import type { PageFacts } from './facts.js'
import type { Sample } from './layout.js'
import {
  type InboundRates,
  NO_RATES_MEMORY,
  type OutboundRates,
  type PathRates,
  type RatesMemory,
  readRates,
} from './rates.js'
import type { ConnectionVerdict } from './verdict.js'

/** Where something was measured. */
interface Place {
  readonly connectionId: string
  readonly provider: string
}

/** One inbound stream. */
export interface InboundView extends InboundRates, Place {
  /** Since the sample before. */
  readonly stepMs: number
  readonly peer: string | null
  /** The peer says that it muted, or does not publish, all of this kind; null when it says nothing. */
  readonly isMuted: boolean | null
}

/** One outbound stream. */
export interface OutboundView extends OutboundRates, Place {
  /** Muted through the call. */
  readonly isMuted: boolean
}

/** One peer connection. */
export interface PathView extends PathRates, Place {
  /** The participant at the other end, where it is one. */
  readonly peer: string | null
}

/** One connection to a provider. */
export interface ConnectionView extends Place {
  readonly hasServer: boolean
  readonly isCurrent: boolean
  readonly expectsInbound: boolean
  readonly expectsOutbound: boolean
  /** Statistics were read just now; else what was found on it stays as it was. */
  readonly isRead: boolean
  readonly verdict: ConnectionVerdict | null
}

/** Media of somebody, as it comes on whichever connection: while a call moves, each person's comes where it came before. */
export type Arriving = Pick<
  InboundView,
  'peer' | 'kind' | 'ageMs' | 'sincePacketMs' | 'sinceDecodedMs' | 'framesDecoded'
>

/** One moment of a call. Streams and paths are those of the current connection. */
export interface Scene {
  readonly atMs: number
  readonly isOnline: boolean
  /** How late our own ticks are: a busy or throttled page sees ghosts. */
  readonly latenessMs: number
  readonly connections: readonly ConnectionView[]
  readonly inbound: readonly InboundView[]
  readonly arriving: readonly Arriving[]
  readonly outbound: readonly OutboundView[]
  readonly paths: readonly PathView[]
  readonly facts: PageFacts
  /** Facts were told at least once; before, nothing is known of mutes. */
  readonly hasFacts: boolean
}

/** One connection as it comes in. */
export interface SceneConnection extends Omit<ConnectionView, 'isRead' | 'verdict'> {
  /** Names for the peer indices of the sample. */
  readonly peers: readonly string[]
  readonly sample: Sample | null
}

/** What {@link takeScene} is made from. */
export interface SceneInput extends Pick<Scene, 'atMs' | 'isOnline' | 'latenessMs' | 'facts' | 'hasFacts'> {
  readonly connections: readonly SceneConnection[]
  readonly verdictOf: (connectionId: string) => ConnectionVerdict | null
}

/** What is remembered between scenes, by connection. */
export type SceneMemory = Readonly<Record<string, ConnectionMemory>>

interface ConnectionMemory {
  readonly rates: RatesMemory
  /** Since when it carries the call; null while it does not. */
  readonly currentAtMs: number | null
}

/** Makes the scene of one moment. */
export function takeScene(
  memory: SceneMemory,
  input: SceneInput,
): { readonly memory: SceneMemory; readonly scene: Scene } {
  const { atMs, isOnline, latenessMs, facts, hasFacts, verdictOf } = input
  const next: Record<string, ConnectionMemory> = {}
  const connections: ConnectionView[] = []
  const inbound: InboundView[] = []
  const arriving: Arriving[] = []
  const outbound: OutboundView[] = []
  const paths: PathView[] = []
  for (const { peers, sample, ...connection } of input.connections) {
    const { connectionId, provider } = connection
    const known = memory[connectionId]?.rates ?? NO_RATES_MEMORY
    const read = sample === null ? { memory: known, rates: null } : readRates(known, sample)
    const currentAtMs = connection.isCurrent ? (memory[connectionId]?.currentAtMs ?? atMs) : null
    next[connectionId] = { rates: read.memory, currentAtMs }
    connections.push({ ...connection, isRead: read.rates !== null, verdict: verdictOf(connectionId) })
    for (const rates of read.rates?.inbound ?? [])
      arriving.push({ ...rates, peer: peers[rates.peerIndex] ?? null })
    if (read.rates === null || currentAtMs === null) continue
    const place = { connectionId, provider }
    const named = read.rates.inbound.map((rates) => ({
      ...sinceAtMost(rates, INBOUND_AGES, atMs - currentAtMs),
      peer: peers[rates.peerIndex] ?? null,
    }))
    const { stepMs } = read.rates
    for (const view of named)
      inbound.push({ ...view, ...place, stepMs, isMuted: isMuted(facts, hasFacts, view) })
    for (const rates of read.rates.outbound)
      outbound.push({
        ...sinceAtMost(rates, OUTBOUND_AGES, atMs - currentAtMs),
        ...place,
        isMuted: isOwnMuted(facts, rates),
      })
    for (const rates of read.rates.paths) {
      const own = new Set(named.filter(({ pc }) => pc === rates.pc).map(({ peer }) => peer))
      const [peer = null] = own
      // Several people behind one peer connection, or a server for my own media: the path is mine.
      paths.push({ ...rates, ...place, peer: own.size === 1 && !connection.hasServer ? peer : null })
    }
  }
  const scene = { atMs, isOnline, latenessMs, facts, hasFacts, connections, inbound, arriving, outbound, paths }
  return { memory: next, scene }
}

const INBOUND_AGES = [
  'ageMs',
  'sincePacketMs',
  'sinceReceivedMs',
  'sinceDecodedMs',
  'sinceFrameMs',
] as const satisfies readonly (keyof InboundRates)[]
const OUTBOUND_AGES = [
  'ageMs',
  'sincePacketMs',
  'sinceAcknowledgedMs',
  'sinceEncodedMs',
  'sinceSourceFrameMs',
] as const satisfies readonly (keyof OutboundRates)[]

/** Nothing flows over a connection that stands by: its streams begin when the call moves there. */
function sinceAtMost<
  Rates extends Readonly<Record<Key, number>> & { readonly ageMs: number },
  Key extends keyof Rates,
>(rates: Rates, keys: readonly Key[], mostMs: number): Rates {
  if (rates.ageMs <= mostMs) return rates
  const ages = Object.fromEntries(keys.map((key) => [key, Math.min(rates[key], mostMs)]))
  return { ...rates, ...ages }
}

const SOURCES_OF = {
  audio: ['microphone', 'screen-audio'],
  video: ['camera', 'screen'],
} as const

/** Whether a peer sends nothing of this kind by its own will; null while nothing is known of it. */
export function isMuted(
  { peers }: Pick<PageFacts, 'peers'>,
  hasFacts: boolean,
  { peer, kind }: { readonly peer: string | null; readonly kind: 'audio' | 'video' },
): boolean | null {
  const said = peers.find(({ id }) => id === peer)
  if (!hasFacts || said === undefined) return null
  return !SOURCES_OF[kind].some((source) => said.publishing.includes(source) && !said.muted.includes(source))
}

function isOwnMuted({ local }: PageFacts, rates: OutboundRates): boolean {
  const own = local.filter(({ kind }) => kind === rates.kind)
  if (own.length > 0) return own.every((one) => one.isMuted)
  return rates.isTrackDisabled === true || rates.isInactive === true
}
