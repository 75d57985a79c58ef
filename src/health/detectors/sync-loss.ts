/**
 * Sound and picture of one person that drift apart, by the capture times of what is played now. Only the change
 * against the best of late counts as drift beyond what every call has.
 */
import { aboutPeer } from '../alert.js'
import type { InboundView, Scene } from '../scene.js'
import { type Detector, evidence, type Finding } from './detector.js'
import { isSettled } from './settled.js'

/** Weight of the newest difference at one sample a second; one late frame is no drift. */
const NEWEST_WEIGHT = 0.3
/** What was out of step from the start is left alone until it was in step once, or for as long as starts take. */
const START_MS = 12_000
const IN_STEP_MS = 400
/** Capture times of a browser that has not heard a sender report yet are far off. */
const ABSURD_MS = 60_000

/** See the module comment. */
export const syncLoss: Detector = {
  kind: 'sync-loss',
  unit: 'ms',
  direction: 'above',
  // People notice about 100 ms, and a busy machine has 300; beyond a second nothing but a new start helps (P58).
  limit: { low: 100, medium: 500, high: 1_000, critical: 3_000, raiseAfterMs: 3_000, clearAfterMs: 4_000 },
  detect(memory, scene) {
    const next: Record<string, number> = {}
    const findings: Finding[] = []
    for (const [audio, video] of pairsOf(scene)) {
      const differenceMs = audio.playoutAtMs - video.playoutAtMs
      if (!(Math.abs(differenceMs) < ABSURD_MS)) continue
      const key = `${audio.key}+${video.key}`
      const before = memory[key] ?? differenceMs
      const smoothed = before + NEWEST_WEIGHT * (differenceMs - before)
      next[key] = smoothed
      // Sound that was buffered while connecting is played late until the browser has caught up.
      const isStarting = memory[`${key}/even`] === undefined && audio.ageMs < START_MS
      if (isStarting && (Math.abs(smoothed) >= IN_STEP_MS || audio.jitterBufferMs >= IN_STEP_MS)) continue
      next[`${key}/even`] = 1
      findings.push({
        about: aboutPeer(audio.peer, 'video'),
        connectionId: audio.connectionId,
        value: Math.abs(smoothed),
        evidence: evidence(
          ['pictureBehindMs', smoothed, 'ms'],
          ['audioBufferMs', audio.jitterBufferMs, 'ms'],
          ['videoBufferMs', video.jitterBufferMs, 'ms'],
        ),
      })
    }
    return { memory: next, findings }
  },
}

/** Sound and picture of each peer that are both playing; several of a kind cannot be paired. */
function pairsOf({ inbound }: Scene): readonly (readonly [InboundView, InboundView])[] {
  const playing = inbound.filter(
    (view) => isSettled(view) && view.peer !== null && view.packetsPerSecond > 0 && !view.isMuted,
  )
  const peers = [...new Set(playing.map((view) => view.peer))]
  return peers.flatMap((peer) => {
    const audio = playing.filter((view) => view.peer === peer && view.kind === 'audio')
    const video = playing.filter((view) => view.peer === peer && view.kind === 'video' && view.decodedFps > 1)
    const [one] = audio
    const [other] = video
    if (!one || !other || audio.length > 1 || video.length > 1) return []
    return [[one, other] as const]
  })
}
