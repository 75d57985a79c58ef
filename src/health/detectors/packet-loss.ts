/**
 * Packets that did not arrive, per inbound stream, and of ours as the other side reports it. Smoothed over a
 * few seconds: with 50 packets a second one lost packet is already 2 % of a sample.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView } from '../scene.js'
import { type Detector, evidence, type Finding } from './detector.js'
import { isSettled } from './settled.js'

/** Weight of the newest sample at one sample a second: the last three seconds count for most. */
const NEWEST_WEIGHT = 0.4
/** Fewer packets say nothing about a ratio. */
const PACKETS_MIN = 5

/** See the module comment. */
export const packetLoss: Detector = {
  kind: 'packet-loss',
  unit: 'ratio',
  direction: 'above',
  // 2 % is where vendors call a call poor; speech codecs hide less, and video is repaired up to about 10 %.
  limit: { low: 0.02, medium: 0.04, high: 0.12, critical: 0.3, raiseAfterMs: 1_500, clearAfterMs: 4_000 },
  detect(memory, { inbound, outbound }) {
    const next: Record<string, number> = {}
    const findings: Finding[] = []
    const note = (key: string, ratio: number): number => {
      const before = memory[key]
      if (Number.isNaN(ratio)) return before === undefined ? Number.NaN : keep(next, key, before)
      // One report of a few packets may say anything: a stream begins without losses.
      const smoothed = (before ?? 0) + NEWEST_WEIGHT * (ratio - (before ?? 0))
      return keep(next, key, smoothed)
    }
    for (const view of inbound) {
      const isTelling = isSettled(view) && view.packetsPerSecond >= PACKETS_MIN
      const ratio = note(view.key, isTelling ? view.lossRatio : Number.NaN)
      if (ratio > 0) findings.push(received(view, ratio))
    }
    for (const view of outbound) {
      const ratio = note(view.key, isSettled(view) ? view.remoteLossRatio : Number.NaN)
      if (ratio > 0) findings.push(sent(view, ratio))
    }
    return { memory: next, findings }
  },
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

function sent(view: OutboundView, ratio: number): Finding {
  return {
    about: aboutMe(view.kind),
    connectionId: view.connectionId,
    value: ratio,
    evidence: evidence(
      ['remoteLossRatio', ratio, 'ratio'],
      ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
    ),
  }
}
