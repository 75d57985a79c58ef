/**
 * In place of the failure detectors of peers (`health/peer-watch.ts`): the page pays for every byte of the one file, so
 * here silence alone counts, after fixed times. The modules learn them from each peer and spare the innocent.
 */
import type { PeerSuspicion, PeersInput, PeersResult, PeersState } from '../health/peer-watch.js'

/** The state before anybody was heard. */
export const INITIAL_PEERS_STATE: PeersState = {
  peers: {},
  lastTickAtMs: null,
  heldAtMs: Number.NEGATIVE_INFINITY,
}

/** Two and three heartbeats, and what a network may delay them. */
const SUSPECT_BEATS = 2.2
const CONFIRMED_BEATS = 3.3
/** Ticks that are so late tell of a sleep of our own. */
const OWN_FREEZE_MS = 2_000

/** Looks at everybody; every level is told each time. */
export function observePeers(state: PeersState, { atMs, isOnline, peers }: PeersInput): PeersResult {
  const wokeAtMs = atMs - (state.lastTickAtMs ?? 0) > OWN_FREEZE_MS ? atMs : state.heldAtMs
  const changes = peers.map(({ participant, beatAtMs, mediaAtMs, beatEveryMs, isExcused }): PeerSuspicion => {
    const silentForMs = isExcused ? 0 : atMs - Math.max(beatAtMs ?? 0, mediaAtMs ?? 0, wokeAtMs)
    const beats = silentForMs / beatEveryMs
    const isConfirmed = isOnline && beats >= CONFIRMED_BEATS
    const level = isConfirmed ? 'confirmed' : beats >= SUSPECT_BEATS ? 'suspect' : 'trusted'
    return { participant, level, silentForMs, isOwnPath: !isOnline }
  })
  return {
    state: { ...state, lastTickAtMs: atMs, heldAtMs: wokeAtMs },
    changes,
    nextLookMs: Number.POSITIVE_INFINITY,
  }
}
