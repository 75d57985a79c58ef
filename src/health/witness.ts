/**
 * Evidence beside the finding itself: what this device tells of its own state, what the others tell of the same
 * peer, and how the other senders arrive here. Blame is a question of who else sees it.
 */
import type { Subject } from './alert.js'
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
/** Kinds that say how media arrives. */
const ARRIVAL_KINDS: ReadonlySet<string> = new Set([
  'packet-loss',
  'jitter',
  'freeze',
  'decoder-stall',
  'frame-corruption',
  'buffer-overflow',
  'high-rtt',
])

/** What the call says about a peer. */
export function testimonyOn(peer: string, { scene, entries }: Trial): Testimony {
  const others = scene.facts.peers.filter(({ id }) => id !== peer)
  const sights = others.flatMap(({ word }) => sightOf(word, peer) ?? [])
  const own = scene.facts.peers.find(({ id }) => id === peer)?.word
  const senders = [...new Set(scene.inbound.map((view) => view.peer))].filter((one) => one !== peer)
  const bad = senders.filter((one) => entries.some((entry) => isArrivalOf(entry, one)))
  return {
    hasConfessed: (own?.troubles.length ?? 0) > 0,
    hasSpoken: own !== undefined && (own.troubles.length > 0 || own.senders.length > 0),
    othersBad: sights.filter((sight) => sight !== 'good').length,
    othersGood: sights.filter((sight) => sight === 'good').length,
    sendersBad: bad.length,
    sendersGood: senders.length - bad.length,
  }
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

/** Whether something of a kind is an alert right now. */
export function isRaised({ entries }: Trial, kind: Latched['kind'], about?: Subject['type']): boolean {
  return entries.some(
    (entry) =>
      entry.kind === kind &&
      entry.id !== null &&
      (about ?? entry.finding.about.type) === entry.finding.about.type,
  )
}

/** Notes that nobody was told of yet do not make a sender a bad one. */
function isArrivalOf({ kind, finding, wellSinceMs, id, severity }: Latched, peer: string | null): boolean {
  const { about } = finding
  if (id === null && severity === 'low') return false
  return ARRIVAL_KINDS.has(kind) && wellSinceMs === null && about.type === 'peer' && about.id === (peer ?? '?')
}
