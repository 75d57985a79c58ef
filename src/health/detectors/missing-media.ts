/**
 * Media that nothing brings any more: its sender says that it is sent, it came before, and no stream on any connection
 * carries it now, or makes a picture of it. Streams alone do not show that: a browser has no figures of a receiver that
 * was made anew and never got a packet, and to one that never decoded a frame nothing can be compared, so that a repair
 * which lost somebody's sound or picture would look like the end of the trouble.
 */
import { aboutPeer } from '../alert.js'
import type { PeerFacts } from '../facts.js'
import { type Arriving, isMuted, type Scene } from '../scene.js'
import { evidence, type Finding, type Memory } from './detector.js'

/** Longer than a subscription made anew takes to bring its first frame, and than pauses in silence (DTX). */
const MISSING_MS = 2_000
/** Of a stream that was looked at once it is not known whether anything ever came. */
const BEGINNING_MS = 500
/** Ends the name of what is remembered: when somebody's media last came. */
const CAME = '/came'
const KINDS = ['video', 'audio'] as const

type Kind = (typeof KINDS)[number]

/** When all that is expected last came; what never came, or is no longer published, is not in it. */
export function noteArrivals(memory: Memory, scene: Scene): Memory {
  const came: Record<string, number> = {}
  for (const peer of scene.facts.peers)
    for (const kind of KINDS) {
      const atMs = cameAtMs(memory, scene, peer, kind)
      if (atMs !== null) came[keyOf(peer.id, kind)] = atMs
    }
  return came
}

/** One finding for each person whose media is missing; about both media where neither comes. */
export function missing(came: Memory, scene: Scene): readonly Finding[] {
  const current = scene.connections.find((one) => one.isCurrent && one.isRead)
  // Of a connection that is dead others tell.
  if (current === undefined || current.verdict?.state === 'dead') return []
  return scene.facts.peers.flatMap(({ id }): Finding[] => {
    const sinceMs = (kind: Kind): number => {
      const silentMs = scene.atMs - (came[keyOf(id, kind)] ?? scene.atMs) - scene.latenessMs
      return silentMs >= MISSING_MS ? silentMs : 0
    }
    const [videoMs, audioMs] = [sinceMs('video'), sinceMs('audio')]
    // A picture that has a stream stands still, which is told of it.
    if ((videoMs === 0 && audioMs === 0) || (videoMs > 0 && hasStream(scene, id))) return []
    const media = videoMs === 0 ? 'audio' : audioMs === 0 ? 'video' : null
    const value = Math.max(videoMs, audioMs)
    return [
      {
        ...{ about: aboutPeer(id, media), connectionId: current.connectionId, value },
        evidence: evidence(['missingMs', value, 'ms']),
      },
    ]
  })
}

function keyOf(peer: string, kind: Kind): string {
  return `${peer}/${kind}${CAME}`
}

function cameAtMs(memory: Memory, scene: Scene, peer: PeerFacts, kind: Kind): number | null {
  const known = memory[keyOf(peer.id, kind)] ?? null
  const { publishing, suspicion, isAway } = peer
  if (isMuted(scene.facts, scene.hasFacts, { peer: peer.id, kind }) === true) {
    const isPublished = publishing.some(
      (source) => (source.startsWith('mic') || source.endsWith('audio')) === (kind === 'audio'),
    )
    return isPublished && known !== null ? scene.atMs : null
  }
  // Who is not heard of is not here; that is told elsewhere.
  const isHere = !isAway && (suspicion === null || suspicion === 'trusted')
  if (known !== null && !isHere) return scene.atMs
  const times = scene.arriving
    .filter((one) => one.peer === peer.id && one.kind === kind)
    .filter(({ ageMs, sincePacketMs }) => known !== null || ageMs - sincePacketMs >= BEGINNING_MS)
    .map((one) => scene.atMs - silenceOf(one))
    .filter(Number.isFinite)
  // The page looks from the first track on, statistics a moment later: what stopped in between came as well.
  if (known === null && times.length === 0) return peer.came?.includes(kind) ? scene.atMs : null
  return Math.max(known ?? Number.NEGATIVE_INFINITY, ...times)
}

/** Packets make sound, and no picture: of a receiver that is broken from its first frame on they are all that comes. */
function silenceOf({ kind, sincePacketMs, sinceDecodedMs, framesDecoded }: Arriving): number {
  if (kind === 'audio' || Number.isNaN(framesDecoded)) return sincePacketMs
  return framesDecoded === 0 ? Number.POSITIVE_INFINITY : sinceDecodedMs
}

/** A stream of pictures that once moved here is there still. */
function hasStream({ inbound }: Scene, peer: string): boolean {
  return inbound.some((view) => view.kind === 'video' && view.peer === peer && view.usualFps > 0)
}
