/**
 * Packets that did not arrive, per inbound stream, and of ours as the other side reports it. Smoothed over a
 * few seconds: with 50 packets a second one lost packet is already 2 % of a sample.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView } from '../scene.js'
import { type Detector, evidence, type Finding, type Memory } from './detector.js'
import { elsewhere } from './elsewhere.js'
import { isSettled, SETTLE_MS } from './settled.js'

/** Weight of the newest sample at one sample a second: the last three seconds count for most. */
const NEWEST_WEIGHT = 0.4
/** Of a report about as much as that many samples would have weighed; sound is reported every 5 s. */
const REPORT_MAX_S = 4
/** Fewer packets say nothing about a ratio. */
const PACKETS_MIN = 5
/** Nothing at all for this long is no loss but a standstill, and what was sent meanwhile counts as lost when it is over. */
const STANDSTILL_MS = 1_000
/** Pictures are reported every second, sound every five (measured); a report that comes later tells of a standstill. */
const REPORT_LATE_MS = { video: 3_000, audio: 8_000 } as const

/** See the module comment. */
export const packetLoss: Detector = {
  kind: 'packet-loss',
  unit: 'ratio',
  direction: 'above',
  // 2 % is where vendors call a call poor, and half as much again is no chance of a few packets any more; video is
  // repaired up to about 10 %.
  limit: { low: 0.02, medium: 0.03, high: 0.12, critical: 0.3, raiseAfterMs: 1_500, clearAfterMs: 4_000 },
  detect(memory, { atMs, inbound, outbound }) {
    const next: Record<string, number> = {}
    const findings: Finding[] = []
    const note = (key: string, ratio: number, weight = NEWEST_WEIGHT): number => {
      const before = memory[key]
      if (Number.isNaN(ratio)) return before === undefined ? Number.NaN : keep(next, key, before)
      // One report of a few packets may say anything: a stream begins without losses.
      const smoothed = (before ?? 0) + weight * (ratio - (before ?? 0))
      return keep(next, key, smoothed)
    }
    for (const view of inbound) {
      const stood = `${view.key}/stood`
      if (view.sincePacketMs >= STANDSTILL_MS) keep(next, stood, 1)
      const isTelling = isSettled(view) && view.packetsPerSecond >= PACKETS_MIN && !memory[stood]
      const ratio = note(view.key, isTelling ? view.lossRatio : Number.NaN)
      if (ratio > 0) findings.push(received(view, ratio))
    }
    const lost: { readonly view: OutboundView; readonly ratio: number }[] = []
    for (const view of outbound) {
      const report = reportOf(view, memory, next, atMs)
      const ratio = note(view.key, report.ratio, report.weight)
      if (ratio > 0) lost.push({ view, ratio })
    }
    const ratioOf = (one: OutboundView): number => next[one.key] ?? Number.NaN
    for (const { view, ratio } of lost)
      findings.push(
        sent(
          view,
          ratio,
          elsewhere(view, outbound, (one) => ratioOf(one) / ratio),
        ),
      )
    return { memory: next, findings }
  },
}

/** What a receiver reports, once: browsers repeat it until the next report, which for sound is 5 s later. */
function reportOf(
  view: OutboundView,
  memory: Memory,
  next: Record<string, number>,
  atMs: number,
): { readonly ratio: number; readonly weight: number } {
  const { key, remoteLossRatio, sinceAcknowledgedMs } = view
  const [saidAt, said] = [`${key}/at`, `${key}/said`]
  const isNew = sinceAcknowledgedMs === 0 || (remoteLossRatio !== (memory[said] ?? 0) && remoteLossRatio >= 0)
  const beganAtMs = memory[saidAt] ?? atMs - view.ageMs
  if (!isNew) {
    if (memory[saidAt] !== undefined) keep(next, saidAt, beganAtMs)
    if (memory[said] !== undefined) keep(next, said, memory[said])
    return { ratio: Number.NaN, weight: 0 }
  }
  keep(next, saidAt, atMs)
  if (remoteLossRatio >= 0) keep(next, said, remoteLossRatio)
  const coversMs = atMs - beganAtMs
  const coversS = Math.min(REPORT_MAX_S, coversMs / 1_000)
  // It tells of all the time since the one before, and beginnings are lossy everywhere.
  const isTelling = view.ageMs - coversMs >= SETTLE_MS && coversMs <= REPORT_LATE_MS[view.kind]
  return { ratio: isTelling ? remoteLossRatio : Number.NaN, weight: 1 - (1 - NEWEST_WEIGHT) ** coversS }
}

function keep(into: Record<string, number>, key: string, value: number): number {
  into[key] = value
  return value
}

function received(view: InboundView, ratio: number): Finding {
  return {
    about: aboutPeer(view.peer, view.kind),
    connectionId: view.connectionId,
    value: ratio,
    evidence: evidence(
      ['lossRatio', ratio, 'ratio'],
      ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
      ['nackPerSecond', view.nackPerSecond, 'per-second'],
      ['concealedRatio', view.concealedRatio, 'ratio'],
    ),
  }
}

function sent(view: OutboundView, ratio: number, others: ReturnType<typeof elsewhere>): Finding {
  return {
    about: aboutMe(view.kind),
    connectionId: view.connectionId,
    value: ratio,
    evidence: evidence(
      ['remoteLossRatio', ratio, 'ratio'],
      ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
      ...others,
    ),
  }
}
