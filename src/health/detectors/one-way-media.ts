/**
 * Media flows one way only. Mine does not arrive: I send, nothing is acknowledged or the others see me silent,
 * while theirs comes. Mine does not leave: every sender stands still while the path answers. Theirs does not arrive: nothing of anybody comes although others see them well and mine
 * is acknowledged.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView, Scene } from '../scene.js'
import { sightOf } from '../word.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'
import { elsewhere } from './elsewhere.js'
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

/** A microphone sends every 20 to 60 ms, muted too, or every 400 in silence (DTX): more is no pause, and one flat sample shows it. */
const UNSENT_MS = 700
/** Evidence that nothing of mine leaves. */
export const UNSENT = 'unsentMs'

/** See the module comment. */
export const oneWayMedia: Detector = {
  kind: 'one-way-media',
  unit: 'ms',
  direction: 'above',
  limit: { low: null, medium: 700, high: 4_000, critical: 15_000, raiseAfterMs: 0, clearAfterMs: 2_000 },
  detect(memory, scene) {
    const broken = [...unheard(scene), ...unseen(scene)]
    const since = noteSince(
      memory,
      broken.map(({ key }) => key),
      scene.atMs,
    )
    return {
      memory: since,
      findings: [
        ...unsent(scene),
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
function unsent({ outbound, paths, facts }: Scene): Finding[] {
  const hasSound = facts.local.some(
    ({ kind, isEnded, isSilenced }) => kind === 'audio' && !isEnded && !isSilenced,
  )
  if (!hasSound || !outbound.some(({ kind }) => kind === 'audio')) return []
  const stillMs = Math.min(...outbound.map(({ sincePacketMs }) => sincePacketMs))
  const isAnswering = paths.some((path) => path.sinceReceivedMs < FLOWING_MS)
  const [first] = outbound
  if (first === undefined || !outbound.every(isSettled) || !(stillMs >= UNSENT_MS) || !isAnswering) return []
  const { connectionId } = first
  return [
    {
      ...{ about: aboutMe(), connectionId, value: stillMs, severityMin: 'high' },
      evidence: evidence([UNSENT, stillMs, 'ms']),
    },
  ]
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
