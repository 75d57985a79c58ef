/**
 * What there is to hear of the other participants, gathered for the failure detectors: heartbeats over any link of the
 * document, and media on any connection. Keeps what the detectors made of it (`health/peer-watch.ts`).
 */
import type { PeerHeard, PeerSuspicion } from '../health/peer-watch.js'
import type { PeersHeard } from '../worker/protocol.js'
import type { CallCore } from './core.js'

/** Heartbeats come every second unless a large room was announced. */
const BEAT_EVERY_MS = 1_000

/** The evidence of a call. */
export interface PeerEvidence {
  /** Media of a participant was known to arrive then. */
  onMedia(peer: string, atMs: number): void
  /** All there is, for the next look. */
  heard(): PeersHeard
  /** Notes what the detectors say; whether anything changed for anybody. */
  take(suspicions: readonly PeerSuspicion[]): void
}

/** Makes an empty book. */
export function createPeerEvidence(core: () => CallCore): PeerEvidence {
  const mediaAtMs = new Map<string, number>()
  return {
    onMedia(peer, atMs) {
      mediaAtMs.set(peer, Math.max(atMs, mediaAtMs.get(peer) ?? atMs))
    },
    heard() {
      const peers = readHeard(core(), mediaAtMs)
      for (const peer of mediaAtMs.keys()) if (!peers.has(peer)) mediaAtMs.delete(peer)
      for (const peer of core().suspicions.keys()) if (!peers.has(peer)) core().suspicions.delete(peer)
      return { peers: [...peers.values()], ownPathAtMs: core().document.heardAtMs() }
    },
    take(suspicions) {
      for (const suspicion of suspicions) core().suspicions.set(suspicion.participant, suspicion)
      core().requestRefresh()
    },
  }
}

function readHeard(core: CallCore, mediaAtMs: ReadonlyMap<string, number>): ReadonlyMap<string, PeerHeard> {
  const peers = new Map<string, PeerHeard>()
  for (const { participant, hasLeft, heardAtMs, beatEveryMs, page } of core.document.presence().values()) {
    if (hasLeft || participant === core.options.me.id) continue
    // Somebody may have several pages, the one before a refresh among them: the page heard last speaks.
    if ((peers.get(participant)?.beatAtMs ?? Number.NEGATIVE_INFINITY) > heardAtMs) continue
    peers.set(participant, {
      participant,
      beatAtMs: heardAtMs,
      mediaAtMs: mediaAtMs.get(participant) ?? null,
      beatEveryMs: beatEveryMs ?? BEAT_EVERY_MS,
      isExcused: page === 'frozen',
    })
  }
  return peers
}
