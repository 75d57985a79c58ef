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
/** Losses explain requests for this long: an answer may be lost again. */
const CLEAN_MS = 5_000
/**
 * Whoever stood still asks until a key frame comes, and then all that was asked for is there. Who has to ask again and
 * again within this time, key frames or not, has another trouble.
 */
const ANSWERED_MS = 10_000
/** With this loss the requests are the network's. */
const LOSS_RATIO = 0.005
/** What is asked for again was lost, whatever the counter of losses says after it came. */
const NACKS_PER_SECOND = 0.5
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
  detect(memory, { atMs, inbound }) {
    const next: Record<string, number> = {}
    const findings = inbound.flatMap((view): Finding[] => {
      if (view.kind !== 'video' || !isSettled(view)) return []
      const rate = sumOfKnown(view.pliPerSecond, view.firPerSecond)
      const before = memory[view.key] ?? rate
      const answeredAtMs = memory[`${view.key}/answered`] ?? Number.NEGATIVE_INFINITY
      const isAnswered = view.keyFramesPerSecond > 0 && !(atMs - answeredAtMs < ANSWERED_MS)
      const requests = isAnswered ? 0 : before + NEWEST_WEIGHT * (rate - before)
      next[view.key] = requests
      if (isAnswered || atMs - answeredAtMs < ANSWERED_MS)
        next[`${view.key}/answered`] = isAnswered ? atMs : answeredAtMs
      const lostAtMs = isLossy(view) ? atMs : memory[`${view.key}/lost`]
      if (lostAtMs !== undefined) next[`${view.key}/lost`] = lostAtMs
      const isClean = atMs - (lostAtMs ?? Number.NEGATIVE_INFINITY) > CLEAN_MS
      // Scores rise with losses too (1.0 measured at 18 %), and then losses are what is wrong.
      const value = isClean ? Math.max(0, view.corruption || 0, suspicionOf(view, requests)) : 0
      return value > 0 ? [findingOf(view, value, requests)] : []
    })
    return { memory: next, findings }
  },
}

function isLossy(view: InboundView): boolean {
  return view.lossRatio >= LOSS_RATIO || view.nackPerSecond >= NACKS_PER_SECOND
}

/** Without a score: how far the requests of key frames are beyond what loss explains. */
function suspicionOf(view: InboundView, requests: number): number {
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
