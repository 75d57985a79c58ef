/**
 * Drives the real peer watch of `src/health` through evidence in virtual time, tick by tick as the page does it: every
 * 250 ms the newest arrival of each stream is read, and sooner when a limit is near.
 */
import { limitsOf } from '../../src/health/failure-detector.js'
import { INITIAL_PEERS_STATE, observePeers, type PeerHeard } from '../../src/health/peer-watch.js'

/** Ascending arrival times of one observed peer. */
export interface PeerEvidence {
  readonly beats: readonly number[]
  readonly media: readonly number[]
}

/** What is driven. */
export interface Drive {
  readonly peers: readonly PeerEvidence[]
  /** Signs of the observer's own network; null: nothing tells. */
  readonly ownPath: readonly number[] | null
  readonly fromMs: number
  readonly untilMs: number
  /** Spans in which the observer's own page or machine stood still. */
  readonly stalls?: readonly (readonly [number, number])[]
}

/** One alarm on the first peer. */
export interface Alarm {
  readonly level: 'suspect' | 'confirmed'
  readonly atMs: number
  /** When the silence had begun, and when it ended. */
  readonly fromMs: number
  readonly untilMs: number
  readonly isOwnPath: boolean
}

/** The limits in force at one tick. */
export interface LimitsAt {
  readonly atMs: number
  readonly suspectMs: number
  readonly confirmMs: number
}

const TICK_MS = 250

/** Plays a drive; alarms and limits are the first peer's. */
export function drive({ peers, ownPath, fromMs, untilMs, stalls = [] }: Drive): {
  readonly alarms: readonly Alarm[]
  readonly limits: readonly LimitsAt[]
} {
  const cursors = peers.map((one) => ({ beats: cursor(one.beats), media: cursor(one.media) }))
  const own = ownPath === null ? null : cursor(ownPath)
  const alarms: Alarm[] = []
  const limits: LimitsAt[] = []
  let state = INITIAL_PEERS_STATE
  let before = 'trusted'
  let atMs = fromMs
  while (atMs < untilMs) {
    const looked: PeerHeard[] = cursors.map(({ beats, media }, index) => ({
      participant: `p${index}`,
      beatAtMs: beats(atMs),
      mediaAtMs: media(atMs),
      beatEveryMs: 1_000,
      isExcused: false,
    }))
    const result = observePeers(state, {
      atMs,
      isOnline: true,
      ownPathAtMs: own?.(atMs) ?? null,
      peers: looked,
    })
    state = result.state
    const watched = state.peers.p0
    const level = watched?.suspicion.level ?? 'trusted'
    if (watched !== undefined && watched.detector.lastMs !== null) {
      limits.push({ atMs, ...limitsOf(watched.detector) })
      const { silentForMs, isOwnPath } = watched.suspicion
      if (level !== before && level !== 'trusted' && !(before === 'confirmed')) {
        const silentFromMs = atMs - silentForMs
        alarms.push({ level, atMs, fromMs: silentFromMs, untilMs: nextArrival(peers[0], atMs), isOwnPath })
      }
    }
    before = level
    atMs = afterStall(atMs + Math.min(TICK_MS, result.nextLookMs), stalls)
  }
  return { alarms, limits }
}

function afterStall(atMs: number, stalls: readonly (readonly [number, number])[]): number {
  for (const [fromMs, toMs] of stalls) if (atMs > fromMs && atMs < toMs) return toMs
  return atMs
}

function nextArrival(peer: PeerEvidence | undefined, atMs: number): number {
  const next = (times: readonly number[]): number => times.find((one) => one > atMs) ?? Number.POSITIVE_INFINITY
  return Math.min(next(peer?.beats ?? []), next(peer?.media ?? []))
}

/** Reads the newest arrival at or before a time that only grows. */
function cursor(times: readonly number[]): (atMs: number) => number | null {
  let index = -1
  return (atMs) => {
    while ((times[index + 1] ?? Number.POSITIVE_INFINITY) <= atMs) index += 1
    return times[index] ?? null
  }
}
