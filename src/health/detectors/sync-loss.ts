/**
 * Sound and picture of one person that drift apart, by the capture times of what is played now. These are the
 * sender's clock, which a receiver knows from sender reports alone: only what comes over one peer connection is
 * compared, and only while both capture times go on as time does. After reports that were wrong, or a clock that
 * stood still, they run or jump for as long as the browser averages over reports.
 */
import { aboutPeer } from '../alert.js'
import type { InboundView, Scene } from '../scene.js'
import { type Detector, evidence, type Finding, type Memory } from './detector.js'
import { isSettled } from './settled.js'

/** Weight of the newest difference at one sample a second; one late frame is no drift. */
const NEWEST_WEIGHT = 0.3
/** What was out of step from the start is left alone until it was in step once, or for as long as starts take. */
const START_MS = 12_000
const IN_STEP_MS = 400
/** A busy start holds pictures back by half a second, measured; beyond this nothing but a new start helps (P58). */
const HELD_MS = 1_000
/** Capture times of a browser that has not heard a sender report yet are far off. */
const ABSURD_MS = 60_000
/** What holds one of them back for a second makes a second of difference; more is a clock that leaps. */
const CREEP_MAX = 1.2
/** Frames and sounds are read in the middle of what they last. */
const READING_SLACK_MS = 150
/** A difference is believed after it has gone on like that for this long. */
const CREDIT_MS = 3_000

/** A microphone that sent nothing for this long was lost, and its clock stood still meanwhile. */
const PAUSE_MS = 1_000
/** Sound is reported every 5 s, and two reports after a pause make the clock anew. */
const NEW_CLOCK_MS = 15_000

/** Ends the name of what is remembered of a sound that paused. */
const PAUSED = '/paused'
/** Ends the name of what is remembered of a pair that was in step once. */
const EVEN = '/even'

/** See the module comment. */
export const syncLoss: Detector = {
  kind: 'sync-loss',
  unit: 'ms',
  direction: 'above',
  // People notice about 100 ms, and a busy machine has 300; beyond a second nothing but a new start helps (P58).
  limit: { low: 100, medium: 500, high: 1_000, critical: 3_000, raiseAfterMs: 3_000, clearAfterMs: 4_000 },
  detect(memory, scene) {
    const next = { ...everInStep(memory, scene), ...pausesIn(memory, scene) }
    const findings: Finding[] = []
    for (const [audio, video] of pairsOf(scene)) {
      const differenceMs = differenceOf(audio, video, next[`${audio.key}${PAUSED}`] !== undefined)
      if (!(Math.abs(differenceMs) < ABSURD_MS)) continue
      const key = `${audio.key}+${video.key}`
      const isLeap = isLeaping(memory[`${key}/raw`], differenceMs, video.stepMs)
      const believedAtMs = isLeap ? scene.atMs + CREDIT_MS : (memory[`${key}/from`] ?? scene.atMs)
      next[`${key}/raw`] = differenceMs
      next[`${key}/from`] = believedAtMs
      if (scene.atMs < believedAtMs) continue
      const before = memory[key] ?? differenceMs
      const smoothed = before + NEWEST_WEIGHT * (differenceMs - before)
      next[key] = smoothed
      // Sound that was buffered while connecting is played late until the browser has caught up.
      const isStarting =
        memory[`${key}${EVEN}`] === undefined && audio.ageMs < START_MS && !isPictureHeld(audio, video)
      if (isStarting && (Math.abs(smoothed) >= IN_STEP_MS || audio.jitterBufferMs >= IN_STEP_MS)) continue
      next[`${key}${EVEN}`] = 1
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

/** Before two sender reports of each, ten seconds after a start, nothing is known but which of them waits here. */
function differenceOf(audio: InboundView, video: InboundView, wasPaused: boolean): number {
  const playoutMs = wasPaused ? Number.NaN : audio.playoutAtMs - video.playoutAtMs
  const waitMs = video.jitterBufferMs - audio.jitterBufferMs
  return Number.isNaN(playoutMs) && Math.abs(waitMs) >= HELD_MS ? waitMs : playoutMs
}

/** When each sound paused last, until its clock is known again. */
function pausesIn(memory: Memory, { atMs, inbound }: Scene): Memory {
  const pauses = inbound.flatMap(({ key, kind, sincePacketMs }) => {
    const name = `${key}${PAUSED}`
    const pausedAtMs = kind === 'audio' && sincePacketMs >= PAUSE_MS ? atMs : memory[name]
    return pausedAtMs !== undefined && atMs - pausedAtMs < NEW_CLOCK_MS ? [[name, pausedAtMs] as const] : []
  })
  return Object.fromEntries(pauses)
}

/** It waits here for longer than its sound by what the buffers say, which need no clock of the sender: no start does that. */
function isPictureHeld(audio: InboundView, video: InboundView): boolean {
  return video.jitterBufferMs - audio.jitterBufferMs >= HELD_MS
}

/** A picture that stood still for a moment is not one that starts. */
function everInStep(memory: Readonly<Record<string, number>>, { inbound }: Scene): Record<string, number> {
  const streams = new Set(inbound.map(({ key }) => key))
  const kept = Object.keys(memory).filter((name) => {
    const pair = name.endsWith(EVEN) ? name.slice(0, -EVEN.length).split('+') : []
    return pair.length === 2 && pair.every((key) => streams.has(key))
  })
  return Object.fromEntries(kept.map((name) => [name, 1]))
}

/** Coming together may be sudden: a receiver that has waited skips. */
function isLeaping(beforeMs: number | undefined, nowMs: number, stepMs: number): boolean {
  if (beforeMs === undefined) return false
  return Math.abs(nowMs) - Math.abs(beforeMs) > stepMs * CREEP_MAX + READING_SLACK_MS
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
    if (!one || !other || audio.length > 1 || video.length > 1 || one.pc !== other.pc) return []
    return [[one, other] as const]
  })
}
