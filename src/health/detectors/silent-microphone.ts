/**
 * A microphone that is on and yields digital silence: energy that does not grow at all. A quiet room is never
 * that quiet. Own side by the media source; of others only while packets come and they are not muted.
 */
import { aboutMe, aboutPeer } from '../alert.js'
import type { InboundView, OutboundView } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'
import { isSettled } from './settled.js'

/** Energy per second of a microphone in a silent room is far above this; digital zero is below. */
const ENERGY_MIN = 1e-9

/** See the module comment. */
export const silentMicrophone: Detector = {
  kind: 'silent-microphone',
  unit: 'ms',
  direction: 'above',
  // Some systems gate pauses of speech to zero; nobody pauses for this long in a call unnoticed.
  limit: { low: 3_000, medium: 5_000, high: null, critical: null, raiseAfterMs: 0, clearAfterMs: 500 },
  detect(memory, { atMs, inbound, outbound }) {
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
        ...theirs.map((view) => ofTheirs(view, lasting(view.key))),
      ],
    }
  },
}

function isSilentSource(view: OutboundView): boolean {
  return !view.isMuted && isSettled(view) && view.sourceAudioEnergy < ENERGY_MIN
}

function isSilentStream(view: InboundView): boolean {
  return view.isMuted === false && isSettled(view) && view.packetsPerSecond > 0 && view.audioEnergy < ENERGY_MIN
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
