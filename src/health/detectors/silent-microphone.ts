/**
 * A microphone that is on and yields digital silence for so long that it is no pause: energy that does not grow at
 * all. A quiet room is never that quiet, but one that is cleaned of noise and echo is, between two sounds. Own side by
 * the media source; of others only while packets come, are played here, they are not muted and say themselves that a
 * device of theirs fails: whom this page plays at volume zero is digital silence here as well, with a microphone that
 * works.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView, Scene } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'
import { isSettled } from './settled.js'

/** The last bit of sixteen, flickering for a quarter of a second, is above this; digital zero is below. */
const ENERGY_MIN = 1e-10

/** See the module comment. */
export const silentMicrophone: Detector = {
  kind: 'silent-microphone',
  unit: 'ms',
  direction: 'above',
  // Cleaned of noise and echo, who listens is digital silence for seconds; one sound within ten tells a live microphone.
  limit: { low: null, medium: 10_000, high: null, critical: null, raiseAfterMs: 0, clearAfterMs: 500 },
  detect(memory, { atMs, inbound, outbound, facts }) {
    const mine = outbound.filter((view) => view.kind === 'audio' && isSilentSource(view))
    const theirs = inbound.filter((view) => view.kind === 'audio' && isSilentStream(view))
    const since = noteSince(
      memory,
      [...mine, ...theirs].map((view) => view.key),
      atMs,
    )
    const lasting = (key: string): number => atMs - (since[key] ?? atMs)
    return {
      memory: since,
      findings: [
        ...mine.map((view) => ofMine(view, lasting(view.key))),
        ...theirs.filter((view) => isAdmitted(view, facts)).map((view) => ofTheirs(view, lasting(view.key))),
      ],
    }
  },
}

function isSilentSource(view: OutboundView): boolean {
  return !view.isMuted && isSettled(view) && view.sourceAudioEnergy < ENERGY_MIN
}

function isSilentStream(view: InboundView): boolean {
  // Sound that nothing plays is not decoded by Chromium, and its energy never grows.
  const isPlayed = Number.isFinite(view.concealedRatio)
  const isComing = view.isMuted === false && view.packetsPerSecond > 0 && isPlayed
  return isComing && isSettled(view) && view.audioEnergy < ENERGY_MIN
}

function isAdmitted({ peer }: InboundView, { peers }: Scene['facts']): boolean {
  return peers.some(({ id, word }) => id === peer && word.troubles.includes('device'))
}

function ofMine(view: OutboundView, value: number): Finding {
  return {
    about: aboutMe('audio'),
    connectionId: view.connectionId,
    value,
    evidence: evidence(['silentMs', value, 'ms'], ['sourceAudioEnergy', view.sourceAudioEnergy, 'ratio']),
  }
}

function ofTheirs(view: InboundView, value: number): Finding {
  return {
    about: aboutPeer(view.peer, 'audio'),
    connectionId: view.connectionId,
    value,
    evidence: evidence(
      ['silentMs', value, 'ms'],
      ['audioEnergy', view.audioEnergy, 'ratio'],
      ['packetsPerSecond', view.packetsPerSecond, 'per-second'],
    ),
  }
}
