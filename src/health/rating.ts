/**
 * Rates and scores of one connection, second by second: what people see of each peer, and how well this
 * participant's own sending goes. Pure; the memory is plain data.
 */
import type { Sample } from './layout.js'
import { type InboundRates, NO_RATES_MEMORY, type Rates, type RatesMemory, readRates } from './rates.js'
import { observationOf, type RiskObservation } from './risk-features.js'
import { type Score, type StreamScore, scoreStreams, worstScore } from './score.js'
import type { PeerHealth } from './verdict.js'

/** What is remembered of one connection and what was said of it last. */
export interface Rating {
  readonly memory: RatesMemory
  /** Greatest height of late, by stream. */
  readonly heights: Readonly<Record<string, number>>
  readonly atMs: number
  readonly peers: Readonly<Record<string, PeerHealth>>
  readonly streams: readonly StreamScore[]
  /** What is sent, and what is received. */
  readonly up: Score | null
  readonly down: Score | null
  /** What the risk model looks at; null while nothing is received. */
  readonly observation: RiskObservation | null
}

/** Whether a peer muted what it publishes of this kind: what it doesn't send is not judged. */
export type IsMuted = (peer: string, kind: 'audio' | 'video') => boolean

/** A greatest height is forgotten by half in half a minute: a smaller picture may be meant. */
const HEIGHT_HALF_LIFE_MS = 30_000

/** Takes one full sample in; null when it is none that is new. */
export function rateSample(
  before: Rating | undefined,
  sample: Sample,
  peers: readonly string[],
  isMuted: IsMuted = () => false,
): Rating | null {
  const { memory, rates } = readRates(before?.memory ?? NO_RATES_MEMORY, sample)
  if (!rates) return null
  const heights = heightsAfter(before, rates)
  const judged: Rates = {
    ...rates,
    inbound: rates.inbound.filter((stream) => {
      const peer = peers[stream.peerIndex]
      return peer === undefined || !isMuted(peer, stream.kind)
    }),
  }
  const streams = scoreStreams(judged, heights)
  const inDirection = (direction: StreamScore['direction']): Score | null =>
    worstScore(streams.filter((one) => one.direction === direction).map(({ score }) => score))
  return {
    memory,
    heights,
    atMs: rates.atMs,
    peers: Object.fromEntries(peers.map((peer, index) => [peer, peerHealth(judged, streams, index)])),
    streams,
    up: inDirection('out'),
    down: inDirection('in'),
    observation: observationOf(rates),
  }
}

function peerHealth(rates: Rates, streams: readonly StreamScore[], index: number): PeerHealth {
  const own = rates.inbound.filter((stream) => stream.peerIndex === index)
  const scores = streams.filter((one) => one.peerIndex === index)
  const scoreOf = (kind?: StreamScore['kind']): Score | null =>
    worstScore(scores.filter((one) => kind === undefined || one.kind === kind).map(({ score }) => score))
  const numbers = new Set(own.map(({ pc }) => pc))
  const worst = (pick: (stream: InboundRates) => number): number | null => greatest(own.map(pick))
  const bitrates = own.map(({ bitrateBps }) => bitrateBps).filter((value) => !Number.isNaN(value))
  const all = scoreOf()
  return {
    rttMs: greatest(rates.paths.filter(({ pc }) => numbers.has(pc)).map(({ rttMs }) => rttMs)),
    lossRatio: worst(({ lossRatio }) => lossRatio),
    fps: greatest(own.map(({ decodedFps }) => decodedFps)),
    bitrateBps: bitrates.length === 0 ? null : bitrates.reduce((sum, value) => sum + value, 0),
    jitterMs: worst(({ jitterMs }) => jitterMs),
    score: all?.score ?? null,
    mos: all?.mos ?? null,
    audioScore: scoreOf('audio')?.score ?? null,
    videoScore: scoreOf('video')?.score ?? null,
  }
}

/** Largest known value: streams are never averaged or summed, so one bad stream stays visible. */
function greatest(values: readonly number[]): number | null {
  const known = values.filter((value) => Number.isFinite(value))
  return known.length === 0 ? null : Math.max(...known)
}

function heightsAfter(before: Rating | undefined, rates: Rates): Readonly<Record<string, number>> {
  const fade = before ? 0.5 ** ((rates.atMs - before.atMs) / HEIGHT_HALF_LIFE_MS) : 1
  const heights: Record<string, number> = {}
  for (const { key, frameHeight } of rates.inbound) {
    const old = before?.heights[key]
    const faded = old === undefined ? Number.NaN : old * fade
    if (frameHeight > 0) heights[key] = Number.isNaN(faded) ? frameHeight : Math.max(faded, frameHeight)
    else if (!Number.isNaN(faded)) heights[key] = faded
  }
  return heights
}
