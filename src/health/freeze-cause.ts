/**
 * Why a picture stands still, as a truth table over four ages: last packet, last whole frame, last decoded
 * frame, last sign of life of the transport. What a sender publishes decides between paused and stalled.
 */
import type { FreezeCause } from './alert.js'
import type { InboundView, Scene } from './scene.js'

/** WebRTC's own rule for a freeze: three usual intervals, or 150 ms more than one. */
const INTERVALS = 3
const INTERVAL_SLACK_MS = 150
/** A picture that never came to more than this cannot be told from a slide show. */
const FPS_MIN = 1.5
/** Something that is younger than this share of the freeze is going on. */
const GOING_SHARE = 0.5
/** The least age that counts as stopped: packets of audio come every 20 to 60 ms, of RTCP about every second. */
const STOPPED_MS = 350
/** Sound comes every 20 to 60 ms; with this much of the freeze without any the path is the common cause. */
const ALIVE_MS = 250
const ALIVE_SHARE = 0.35
/** Counters are read this often while something is odd. */
const STEP_MS = 250
/** Reports of senders and STUN are seconds apart; a transport is silent only after more than that. */
const TRANSPORT_SILENT_MS = 1_500

/** Since the last loss: decoders ask five times a second, so a fresh picture is there by then, also when it was lost once. */
const KEY_FRAME_MS = 1_500
/** Two may be on their way through the decoder; a third is stuck. */
const UNDECODED_MIN = 3
/** Besides round trips: the encoder's next frame, of a slow camera, and its decoding. */
export const ANSWERED_MS = 300

/** Losses this long before the last good frame belong to the freeze: a jitter buffer plays on meanwhile. */
const LOSS_BEFORE_MS = 500

/** With all media paused only checks of the path are left, every 2.5 s. */
const CHECKS_SILENT_MS = 3_500
/** A path that drops this much of one stream may drop all of another; repairs cope with less. */
const DROPPING_RATIO = 0.1

/** Samples further apart than this catch the end of a stream in the middle: one flat step says too little. */
const COARSE_STEP_MS = 600
const COARSE_STEPS = 1.5

/** A picture that has moved for this long has started; a start stands still for a quarter of a second at most, measured. */
const STARTED_MS = 1_500

/** How long the picture of a stream has stood still; null when it moves, or is not known to have moved. */
export function frozenMsOf(view: InboundView, latenessMs: number): number | null {
  if (view.kind !== 'video' || !(view.ageMs >= STARTED_MS) || !(view.usualFps >= FPS_MIN)) return null
  const intervalMs = 1_000 / view.usualFps
  // Counters bound it by the last two samples; the age of the last delivered frame says where in between.
  const leastMs = Number.isFinite(view.sinceDecodedMs) ? view.sinceDecodedMs : 0
  const mostMs = Number.isFinite(view.sinceDecodedMs) ? leastMs + view.stepMs : Number.POSITIVE_INFINITY
  const exactMs = Number.isFinite(view.sinceFrameMs) ? view.sinceFrameMs : leastMs
  const frozenMs = Math.max(leastMs, Math.min(exactMs, mostMs)) - latenessMs
  const isVague = !Number.isFinite(view.sinceFrameMs) && view.stepMs > COARSE_STEP_MS
  if (isVague && frozenMs < view.stepMs * COARSE_STEPS) return null
  return frozenMs > Math.max(INTERVALS * intervalMs, intervalMs + INTERVAL_SLACK_MS) ? frozenMs : null
}

/** The cause of a freeze of `frozenMs`. */
export function causeOfFreeze(view: InboundView, scene: Scene, frozenMs: number): FreezeCause {
  const isGoing = (ageMs: number): boolean => ageMs < Math.max(STOPPED_MS, frozenMs * GOING_SHARE)
  if (view.isMuted === true) return 'paused-sender'
  if (isGoing(view.sincePacketMs)) {
    // After a loss a decoder waits for a key frame; only one that does not come is the decoder's trouble.
    if (isJustLost(view, frozenMs)) return 'network-stall'
    // Not every browser counts whole frames; then only losses tell.
    if (!Number.isFinite(view.sinceReceivedMs)) return isLossy(view) ? 'network-stall' : 'decoder-stall'
    if (isAskedInVain(view, scene, frozenMs)) return 'decoder-stall'
    // Frames came after the last one that was decoded, or what comes makes no whole frame.
    return view.sinceReceivedMs + STEP_MS <= view.sinceDecodedMs ? 'decoder-stall' : 'network-stall'
  }
  if (!isTransportAlive(view, scene, frozenMs)) return 'network-stall'
  // Nothing is known of what it publishes: a sender that stopped by itself is the usual case.
  if (view.isMuted === null && !scene.hasFacts) return 'paused-sender'
  return 'sender-stall'
}

/**
 * Whole frames came, none of them was decoded, and the fresh picture that the decoder asked for did not come within the
 * time that it takes: known at the first look at a picture that stands.
 */
export function isAskedInVain(view: InboundView, scene: Scene, frozenMs: number): boolean {
  if (!(view.undecodedAsks > 0) || !(view.undecodedFrames >= UNDECODED_MIN)) return false
  if (isJustLost(view, frozenMs)) return false
  const path = scene.paths.find((one) => one.pc === view.pc)
  // Behind a server the sender is as far away again.
  return path !== undefined && frozenMs >= ANSWERED_MS + 2 * path.rttMs
}

/** It lost packets in this freeze or right before it. */
function isJustLost({ sinceLossMs }: InboundView, frozenMs: number): boolean {
  return sinceLossMs < Math.min(KEY_FRAME_MS, frozenMs + LOSS_BEFORE_MS)
}

function isLossy(view: InboundView): boolean {
  return view.lossRatio > 0 || view.nackPerSecond > 0 || Number.isNaN(view.lossRatio)
}

/** Other media over the same peer connection still comes whole; where there is none, the path itself answers. */
function isTransportAlive(view: InboundView, scene: Scene, frozenMs: number): boolean {
  const others = scene.inbound.filter(
    (one) => one.key !== view.key && one.pc === view.pc && one.isMuted !== true && one.sincePacketMs >= 0,
  )
  const aliveMs = Math.max(ALIVE_MS, frozenMs * ALIVE_SHARE)
  // A path that drops what else goes over it may have dropped all of this.
  if (others.some((one) => one.lossRatio >= DROPPING_RATIO && isJustLost(one, frozenMs))) return false
  if (others.some((one) => one.sincePacketMs < aliveMs)) return true
  // All of them should come and none does; where nothing is known of what should, only the path can tell.
  if (others.length > 0 && scene.hasFacts) return false
  const path = scene.paths.find((one) => one.pc === view.pc)
  const silentMs = scene.hasFacts ? TRANSPORT_SILENT_MS : CHECKS_SILENT_MS + view.stepMs
  return path !== undefined && path.sinceReceivedMs < silentMs
}
