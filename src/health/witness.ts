/**
 * Evidence beside the finding itself: what this device tells of its own state, what the others tell of the same
 * peer, and how the other senders arrive here. Blame is a question of who else sees it.
 */

import type { AlertKind, Subject } from './alert.js'
import { LATE_MS } from './detectors/encoder-limited.js'
import type { Latched } from './latch.js'
import type { Scene } from './scene.js'
import { sightOf } from './word.js'

/** Everything wrong at this moment, with the scene. */
export interface Trial {
  readonly scene: Scene
  readonly entries: readonly Latched[]
}

/** What speaks for and against a peer as the source of a trouble. */
export interface Testimony {
  /** The peer itself tells of a trouble of its own. */
  readonly hasConfessed: boolean
  /** It tells that nothing comes from its device for this. */
  readonly hasNoSource: boolean
  /** The peer tells anything at all. */
  readonly hasSpoken: boolean
  /** Other receivers who see its media bad, and good. */
  readonly othersBad: number
  readonly othersGood: number
  /** Other senders that arrive here badly, and well. */
  readonly sendersBad: number
  readonly sendersGood: number
}

/** Share of the time of a frame that decoding it may take before the machine is the suspect. */
const DECODE_SHARE = 0.8
/** What loses 2 % of 50 packets a second loses one a second. */
const LOSING_MS = 2_000
/** Kinds that say how media arrives. */
const ARRIVAL_KINDS: ReadonlySet<string> = new Set([
  'packet-loss',
  'jitter',
  'freeze',
  'decoder-stall',
  'frame-corruption',
  'high-rtt',
])

/** What the call says about a peer. */
export function testimonyOn(
  { id: peer, media }: Pick<Subject, 'id' | 'media'>,
  kind: AlertKind,
  { scene, entries }: Trial,
): Testimony {
  const others = scene.facts.peers.filter(({ id }) => id !== peer)
  const sights = others.flatMap(({ word }) => sightOf(word, peer) ?? [])
  const own = scene.facts.peers.find(({ id }) => id === peer)?.word
  const senders = [...new Set(scene.inbound.map((view) => view.peer))].filter((one) => one !== peer)
  const isBad = (one: string | null): boolean =>
    entries.some((entry) => isArrivalOf(entry, one, kind)) || (kind === 'packet-loss' && isLosing(scene, one))
  const bad = senders.filter(isBad)
  return {
    hasConfessed: (own?.troubles.length ?? 0) > 0,
    hasNoSource: media !== null && own?.troubles.includes(media === 'audio' ? 'microphone' : 'camera') === true,
    hasSpoken: own !== undefined && (own.troubles.length > 0 || own.senders.length > 0),
    othersBad: sights.filter((sight) => sight !== 'good').length,
    othersGood: sights.filter((sight) => sight === 'good').length,
    sendersBad: bad.length,
    sendersGood: senders.length - bad.length,
  }
}

/** Whether the media of a peer arrives badly here. */
export function isArrivingBadly({ entries }: Pick<Trial, 'entries'>, peer: string | null): boolean {
  return entries.some((entry) => isArrivalOf(entry, peer, null))
}

/** Paths in good health lose nothing for seconds; a small loss on every one of them has one cause. */
function isLosing({ inbound }: Scene, peer: string | null): boolean {
  return inbound.some((view) => view.peer === peer && view.sinceLossMs < LOSING_MS)
}

/** This machine is short of time, by its own account and not by what arrives. */
export function isMachineBusy({ scene, entries }: Trial): boolean {
  const { pressure } = scene.facts.device
  if (pressure === 'critical') return true
  // Late ticks count there too, once they have lasted: one late look is no evidence against this machine.
  if (entries.some(({ kind, id }) => kind === 'encoder-limited' && id !== null)) return true
  return scene.inbound.some(
    ({ decodeMsPerFrame, usualFps }) => decodeMsPerFrame * Math.max(usualFps, 1) > 1_000 * DECODE_SHARE,
  )
}

/** Own ticks come so late, and have for so long, that it is an alert. */
export function isPageLate({ scene, entries }: Trial): boolean {
  return (
    scene.latenessMs >= LATE_MS && entries.some(({ kind, id }) => kind === 'encoder-limited' && id !== null)
  )
}

/** Whether something of a kind is an alert right now. */
export function isRaised({ entries }: Trial, kind: Latched['kind'], about?: Subject['type']): boolean {
  return entries.some(
    (entry) =>
      entry.kind === kind &&
      entry.id !== null &&
      (about ?? entry.finding.about.type) === entry.finding.about.type,
  )
}

/**
 * Notes do not make a sender a bad one; and what buffers hold is the memory of seconds ago: it counts only beside
 * other buffers.
 */
function isArrivalOf(
  { kind, finding, wellSinceMs, severity }: Latched,
  peer: string | null,
  asked: AlertKind | null,
): boolean {
  const { about } = finding
  const isArrival = ARRIVAL_KINDS.has(kind) || (kind === 'buffer-overflow' && asked === kind)
  if (!isArrival || severity === 'low' || wellSinceMs !== null) return false
  return about.type === 'peer' && about.id === (peer ?? '?')
}
