/**
 * Media flows one way only. Mine does not arrive: I send, nothing is acknowledged or the others see me silent,
 * while theirs comes. Mine does not leave: every sender stands still while the path answers, or that of sound does.
 * Theirs does not arrive: nothing comes although others see them well and mine is acknowledged, a picture comes and
 * its sound does not, or what they send and came before has no stream any more (`missing-media.ts`).
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView, Scene } from '../scene.js'
import { sightOf } from '../word.js'
import { type Detector, evidence, type Finding, type Memory, noteSince } from './detector.js'
import { elsewhere } from './elsewhere.js'
import { missing, noteArrivals } from './missing-media.js'
import { isSettled } from './settled.js'

/** Acknowledgements of pictures come every second, of sound every 5 s. */
const UNACKNOWLEDGED_MS = { audio: 11_000, video: 5_000 } as const
/** Answers come late on a busy machine; checks come every 2.5 s, and every second while some are unanswered. */
const UNANSWERED_MIN = 4
const UNANSWERED_MS = 5_000
/** What flows has sent something within this time. */
const FLOWING_MS = 1_000
/** Silence of a stream that should flow. */
const SILENT_MS = 2_500

/** Sound alone may have been asked to pause a moment ago, and its next packet is 400 ms away in silence (DTX). */
const SOUND_GONE_MS = 1_500
/** What came before a stream was looked at twice is not known. */
const BEGINNING_MS = 500
/** Ends the name of what is remembered of a sound that should come. */
const DUE = '/due'
/** A microphone sends every 20 to 60 ms, muted too, or every 400 in silence (DTX): more is no pause, least of all beside a picture. */
const UNSENT_MS = 480
/** Sound by itself, and what has just begun: room for a packet of DTX that came late. */
const UNSENT_SOUND_MS = 700
/** Evidence that nothing of mine leaves. */
export const UNSENT = 'unsentMs'

/** See the module comment. */
export const oneWayMedia: Detector = {
  kind: 'one-way-media',
  unit: 'ms',
  direction: 'above',
  limit: { low: null, medium: UNSENT_MS, high: 4_000, critical: 15_000, raiseAfterMs: 0, clearAfterMs: 2_000 },
  detect(memory, scene) {
    const broken = [...unheard(scene), ...unseen(scene)]
    const due = dueIn(scene).map(({ key }) => `${key}${DUE}`)
    const since = noteSince(memory, [...broken.map(({ key }) => key), ...due], scene.atMs)
    const came = noteArrivals(memory, scene)
    return {
      memory: { ...since, ...came },
      findings: [
        ...missing(came, scene),
        ...unsent(scene),
        ...soundless(scene, since),
        ...broken.map(({ key, finding }) => ({ ...finding, value: scene.atMs - (since[key] ?? scene.atMs) })),
      ],
    }
  },
}

/** A stream that does not get through, with its key. */
interface Broken {
  readonly key: string
  readonly finding: Finding
}

function unheard(scene: Scene): Broken[] {
  const isReceiving = scene.inbound.some((view) => view.sincePacketMs < FLOWING_MS)
  return scene.outbound
    .filter((view) => isSettled(view) && !view.isMuted && view.sincePacketMs < FLOWING_MS)
    .filter((view) => isReceiving && isLost(view, scene))
    .map((view) => ({
      key: view.key,
      finding: {
        about: aboutMe(view.kind),
        connectionId: view.connectionId,
        value: 0,
        evidence: evidence(
          ['sinceAcknowledgedMs', view.sinceAcknowledgedMs, 'ms'],
          ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
          ...elsewhere(view, scene.outbound, (one) => (isLost(one, scene) ? 1 : 0)),
        ),
      },
    }))
}

/** Pictures alone may pause, by themselves or on purpose: sound that has a source never does. */
function unsent({ outbound, paths, facts, latenessMs }: Scene): Finding[] {
  const microphones = facts.local.filter(
    ({ kind, isEnded, isSilenced }) => kind === 'audio' && !isEnded && !isSilenced,
  )
  const sounds = outbound.filter(({ kind }) => kind === 'audio')
  const isAnswering = paths.some((path) => path.sinceReceivedMs < FLOWING_MS)
  const [first] = sounds
  // What is about to begin stands still too; what has begun and stops again has stopped, however young it is.
  const hasBegun = outbound.every((view) => isSettled(view) || hasFlowed(view))
  if (microphones.length === 0 || first === undefined || !isAnswering || !hasBegun) return []
  const stillMs = stillnessOf(outbound)
  const hasPicture = outbound.some(({ kind, isMuted }) => kind === 'video' && !isMuted)
  const isEven = hasPicture && outbound.every(isSettled)
  if (stillMs >= (isEven ? UNSENT_MS : UNSENT_SOUND_MS) + latenessMs)
    return [unsentFinding(first, aboutMe(), stillMs)]
  const silentMs = stillnessOf(sounds)
  const isPausing = microphones.some(({ isMuted, source }) => isMuted || source !== 'microphone')
  if (isPausing || !sounds.some(hasFlowed) || !(silentMs >= SOUND_GONE_MS)) return []
  return [unsentFinding(first, aboutMe('audio'), silentMs)]
}

/** A track of an audio context that no click has started yet never sent anything: it did not die, and no repair helps. */
function hasFlowed({
  ageMs,
  sincePacketMs,
}: {
  readonly ageMs: number
  readonly sincePacketMs: number
}): boolean {
  return ageMs - sincePacketMs >= BEGINNING_MS
}

function stillnessOf(streams: readonly OutboundView[]): number {
  return Math.min(...streams.map(({ sincePacketMs }) => sincePacketMs))
}

function unsentFinding({ connectionId }: OutboundView, about: Finding['about'], value: number): Finding {
  return { about, connectionId, value, severityMin: 'high', evidence: evidence([UNSENT, value, 'ms']) }
}

/** Sound that is gone beside a picture of the same person that comes: no path does that for long. */
function soundless(scene: Scene, since: Memory): Finding[] {
  const { atMs, inbound } = scene
  return dueIn(scene).flatMap((view): Finding[] => {
    const silentMs = Math.min(view.sincePacketMs, atMs - (since[`${view.key}${DUE}`] ?? atMs))
    const isSeen = inbound.some(
      ({ kind, peer, pc, sincePacketMs }) =>
        kind === 'video' && peer === view.peer && pc === view.pc && sincePacketMs < FLOWING_MS,
    )
    if (!isSeen || !(silentMs >= SOUND_GONE_MS)) return []
    return [
      {
        ...{ about: aboutPeer(view.peer, 'audio'), connectionId: view.connectionId, value: silentMs },
        ...(silentMs >= SILENT_MS ? { severityMin: 'high' as const } : {}),
        evidence: evidence(['sincePacketMs', view.sincePacketMs, 'ms']),
      },
    ]
  })
}

/** Who says that a microphone is on sends sound all the time; a shared screen may have none for a while. */
function dueIn({ inbound, facts }: Scene): readonly InboundView[] {
  const sharing = facts.peers
    .filter(({ publishing }) => publishing.includes('screen-audio'))
    .map(({ id }) => id)
  return inbound.filter(
    (view) =>
      view.kind === 'audio' &&
      view.isMuted === false &&
      isSettled(view) &&
      hasFlowed(view) &&
      !sharing.includes(view.peer ?? ''),
  )
}

/** Reports go on over a dead uplink, and repeat what they said; checks of the path are what it cannot answer. */
function isLost(view: OutboundView, scene: Scene): boolean {
  const path = scene.paths.find(({ pc }) => pc === view.pc)
  const isUnanswered =
    path !== undefined &&
    path.unanswered >= UNANSWERED_MIN &&
    path.sinceAnswerMs >= UNANSWERED_MS &&
    path.sinceReceivedMs < FLOWING_MS
  return isUnanswered || view.sinceAcknowledgedMs >= UNACKNOWLEDGED_MS[view.kind] || isSeenSilent(view, scene)
}

/** Everybody who says anything about me says that nothing comes. */
function isSeenSilent(view: OutboundView, { facts }: Scene): boolean {
  const { me } = facts
  if (view.kind !== 'video' || me === null) return false
  const sights = facts.peers.flatMap(({ word }) => sightOf(word, me) ?? [])
  return sights.length > 0 && sights.every((sight) => sight === 'silent')
}

function unseen(scene: Scene): Broken[] {
  const isHeard = scene.outbound.some(
    (view) => view.sincePacketMs < FLOWING_MS && view.sinceAcknowledgedMs < SILENT_MS,
  )
  if (!isHeard) return []
  return scene.inbound
    .filter((view) => isMissing(view) && isSeenByOthers(view, scene))
    .map((view) => ({
      key: view.key,
      finding: {
        about: aboutPeer(view.peer, view.kind),
        connectionId: view.connectionId,
        value: 0,
        evidence: evidence(['sincePacketMs', view.sincePacketMs, 'ms']),
      },
    }))
}

function isMissing(view: InboundView): boolean {
  return view.isMuted === false && isSettled(view) && view.sincePacketMs >= SILENT_MS
}

function isSeenByOthers({ peer }: InboundView, { facts }: Scene): boolean {
  return peer !== null && facts.peers.some(({ word }) => sightOf(word, peer) === 'good')
}
