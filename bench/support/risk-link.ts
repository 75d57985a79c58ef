/**
 * A link with a queue, from the times at which it can carry a packet: media in one direction, reports in the other.
 * What a receiver would see of it each second, and when nothing came for a second or more. Same input, same output.
 */
import { OUTAGE_MS, type RiskObservation } from '../../src/health/risk-features.js'

/** A link: milliseconds at which one 1500-byte packet could cross, each way, oldest first. */
export interface Link {
  readonly name: string
  readonly down: readonly number[]
  readonly up: readonly number[]
  readonly durationMs: number
  /** One way without any queue. */
  readonly delayMs: number
  /** Share of packets lost on the way at a time, besides what the queue drops. */
  readonly lossAt: (atMs: number) => number
  readonly random: () => number
}

/** One second with what came after it. */
export interface RiskSample {
  readonly session: string
  readonly observation: RiskObservation
  readonly isInOutage: boolean
  /** Milliseconds until the next outage begins; infinite when none does. */
  readonly untilOutageMs: number
}

const CHUNK_BYTES = 1_500
const AUDIO_BYTES = 160
const AUDIO_EVERY_MS = 20
const VIDEO_BYTES = 1_200
/** Cellular queues are deep: a second and more of media. */
const QUEUE_BYTES = 120_000
const RATE_MIN_BPS = 80_000
const RATE_MAX_BPS = 1_000_000
const ADAPT_EVERY_MS = 500

interface Arrival {
  readonly atMs: number
  readonly sentMs: number
  readonly bytes: number
}

/** Seconds of one link. */
export function observe(link: Link): RiskSample[] {
  const { arrivals, losses } = carry(link)
  const outages = outagesIn(arrivals, link.durationMs)
  const samples: RiskSample[] = []
  let next = 0
  let lost = 0
  let jitterMs = 0
  let transitMs = Number.NaN
  for (let atMs = 1_000; atMs < link.durationMs - 6_000; atMs += 1_000) {
    const first = next
    let bytes = 0
    let silentMs = 0
    let lastMs = arrivals[first - 1]?.atMs ?? atMs - 1_000
    for (; next < arrivals.length && (arrivals[next]?.atMs ?? 0) <= atMs; next += 1) {
      const { atMs: cameMs, sentMs, bytes: size } = arrivals[next] as Arrival
      if (!Number.isNaN(transitMs)) jitterMs += (Math.abs(cameMs - sentMs - transitMs) - jitterMs) / 16
      transitMs = cameMs - sentMs
      bytes += size
      silentMs = Math.max(silentMs, pulseGap(lastMs, cameMs))
      lastMs = cameMs
    }
    silentMs = Math.max(silentMs, atMs - lastMs)
    const lostBefore = lost
    while (lost < losses.length && (losses[lost] ?? 0) <= atMs) lost += 1
    const received = next - first
    const rttMs = received === 0 ? Number.NaN : transitMs + upMs(link, atMs - 500) + link.delayMs
    samples.push({
      session: `${link.name} ${Math.floor(atMs / 40_000)}`,
      observation: {
        atMs,
        rttMs,
        jitterMs,
        lossRatio: received === 0 ? Number.NaN : (lost - lostBefore) / (lost - lostBefore + received),
        bitrateBps: bytes * 8,
        silentMs,
      },
      isInOutage: outages.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs),
      untilOutageMs: outages.find(({ fromMs }) => fromMs > atMs)?.fromMs ?? Number.POSITIVE_INFINITY,
    })
  }
  return samples.map((one) => ({ ...one, untilOutageMs: one.untilOutageMs - one.observation.atMs }))
}

/** Looks come every 250 ms: of a silence at most what one of them found is known. */
function pulseGap(fromMs: number, toMs: number): number {
  const lastLookMs = Math.floor(toMs / 250) * 250
  return Math.max(0, lastLookMs - fromMs)
}

function carry(link: Link): { arrivals: Arrival[]; losses: number[] } {
  const queue: { sentMs: number; bytes: number }[] = []
  const arrivals: Arrival[] = []
  const losses: number[] = []
  const state = { head: 0, queued: 0, chance: 0, rateBps: 400_000, audioMs: 0, videoMs: 0, adaptMs: 1_000 }
  const send = (sentMs: number, bytes: number, atMs: number): void => {
    const isDropped = bytes === VIDEO_BYTES && state.queued > QUEUE_BYTES
    if (isDropped || link.random() < link.lossAt(atMs)) losses.push(atMs + link.delayMs)
    else {
      queue.push({ sentMs, bytes })
      state.queued += bytes
    }
  }
  for (let atMs = 0; atMs < link.durationMs; atMs += 1) {
    for (; state.audioMs <= atMs; state.audioMs += AUDIO_EVERY_MS) send(state.audioMs, AUDIO_BYTES, atMs)
    for (; state.videoMs <= atMs; state.videoMs += (VIDEO_BYTES * 8_000) / state.rateBps)
      send(state.videoMs, VIDEO_BYTES, atMs)
    for (; (link.down[state.chance] ?? Infinity) <= atMs; state.chance += 1) {
      let room = CHUNK_BYTES
      for (;;) {
        const packet = queue[state.head]
        if (packet === undefined || packet.bytes > room) break
        state.head += 1
        room -= packet.bytes
        state.queued -= packet.bytes
        arrivals.push({ ...packet, atMs: atMs + link.delayMs })
      }
    }
    if (atMs >= state.adaptMs) {
      state.adaptMs += ADAPT_EVERY_MS
      state.rateBps = adapted(state.rateBps, arrivals, atMs)
    }
  }
  return { arrivals, losses }
}

/** A sender that backs off when its queue grows and tries more when it does not. */
function adapted(rateBps: number, arrivals: readonly Arrival[], atMs: number): number {
  const last = arrivals.at(-1)
  let bytes = 0
  for (let at = arrivals.length - 1; at >= 0; at -= 1) {
    const one = arrivals[at] as Arrival
    if (one.atMs < atMs - 1_500) break
    bytes += one.bytes
  }
  const throughputBps = (bytes * 8) / 1.5
  const waitMs = last ? last.atMs - last.sentMs : 0
  if (!last || waitMs > 400) return Math.max(RATE_MIN_BPS, Math.min(rateBps * 0.8, throughputBps * 0.85))
  if (waitMs > 150) return Math.max(RATE_MIN_BPS, Math.min(rateBps, throughputBps * 0.9))
  return Math.min(RATE_MAX_BPS, rateBps * 1.08)
}

/** A report waits for the next chance on the way back. */
function upMs({ up }: Link, atMs: number): number {
  let low = 0
  let high = up.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((up[middle] ?? 0) < atMs) low = middle + 1
    else high = middle
  }
  return low < up.length ? (up[low] ?? 0) - atMs : 5_000
}

function outagesIn(arrivals: readonly Arrival[], durationMs: number): { fromMs: number; toMs: number }[] {
  const times = [...arrivals.map(({ atMs }) => atMs), durationMs]
  return times.flatMap((toMs, index) => {
    const fromMs = times[index - 1] ?? 0
    return toMs - fromMs >= OUTAGE_MS ? [{ fromMs, toMs }] : []
  })
}
