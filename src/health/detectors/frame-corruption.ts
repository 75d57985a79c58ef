/**
 * Pictures that are broken: by the corruption score where the browser offers one, else by what a decoder does
 * with garbage: it asks for key frames again and again although hardly anything was lost.
 */
import { aboutPeer } from '../alert.js'
import type { InboundView } from '../scene.js'
import { type Detector, evidence, type Finding } from './detector.js'
import { isSettled } from './settled.js'

/** Key-frame requests are answered within a second; a steady stream of them means that answers do not help. */
const STORM_PER_SECOND = 0.8
/** With this loss the requests are the network's. */
const LOSS_RATIO = 0.02
/** Frames thrown away although they arrived. */
const DROPPED_RATIO = 0.3
const NEWEST_WEIGHT = 0.4

/** See the module comment. */
export const frameCorruption: Detector = {
  kind: 'frame-corruption',
  unit: 'ratio',
  direction: 'above',
  // The score is a probability; compression alone stays below 0.1.
  limit: { low: 0.2, medium: 0.4, high: 0.7, critical: null, raiseAfterMs: 1_500, clearAfterMs: 5_000 },
  detect(memory, { inbound }) {
    const next: Record<string, number> = {}
    const findings = inbound.flatMap((view): Finding[] => {
      if (view.kind !== 'video' || !isSettled(view)) return []
      const rate = sumOfKnown(view.pliPerSecond, view.firPerSecond)
      const before = memory[view.key] ?? rate
      const requests = before + NEWEST_WEIGHT * (rate - before)
      next[view.key] = requests
      const value = Math.max(0, view.corruption || 0, suspicionOf(view, requests))
      return value > 0 ? [findingOf(view, value, requests)] : []
    })
    return { memory: next, findings }
  },
}

/** Without a score: how far the requests of key frames are beyond what loss explains. */
function suspicionOf(view: InboundView, requests: number): number {
  if (view.lossRatio >= LOSS_RATIO) return 0
  const storm = Math.min(1, requests / STORM_PER_SECOND) * 0.5
  const dropped = view.droppedRatio >= DROPPED_RATIO ? 0.2 : 0
  return storm >= 0.25 ? storm + dropped : 0
}

function findingOf(view: InboundView, value: number, requests: number): Finding {
  return {
    about: aboutPeer(view.peer, 'video'),
    connectionId: view.connectionId,
    value,
    evidence: evidence(
      ['corruption', view.corruption, 'ratio'],
      ['keyFrameRequestsPerSecond', requests, 'per-second'],
      ['droppedRatio', view.droppedRatio, 'ratio'],
      ['lossRatio', view.lossRatio, 'ratio'],
    ),
  }
}

function sumOfKnown(one: number, other: number): number {
  return (Number.isNaN(one) ? 0 : one) + (Number.isNaN(other) ? 0 : other)
}
