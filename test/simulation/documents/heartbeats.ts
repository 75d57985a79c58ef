/**
 * Presence, reduced to what agreement needs of it: who was heard when, under which voter id, and who said goodbye.
 * As in production only a new beat counts as hearing somebody.
 */
import type { Clock } from '../../../src/clock.js'
import type { VoterId } from '../../../src/consensus/record.js'
import { AGREEMENT_DEFAULTS } from '../../../src/consensus/timings.js'

/** What a page says of itself. */
export interface Beat {
  readonly from: number
  readonly voter: VoterId
  readonly beat: number
  readonly hasLeft: boolean
}

/** What one page knows of the others. */
export interface Heartbeats {
  readonly hasHeard: boolean
  /** Voters heard within T_dead, the own one included. */
  live(): ReadonlySet<VoterId>
  /** When the first of them is not live any more unless it is heard. */
  liveUntilMs(): number
  heardAt(voter: VoterId): number
  beat(): void
  /** Says at once what changed, without a new beat. */
  announce(): void
  farewell(): void
  hear(beat: Beat): void
  /** The silence of the others was our own sleep. */
  wake(): void
}

/** What {@link createHeartbeats} needs. */
export interface HeartbeatsOptions {
  readonly id: number
  readonly clock: Clock
  readonly voter: () => VoterId
  /** To one page, or to all. */
  readonly send: (to: number | null, beat: Beat) => void
  /** Who is there has changed, beyond another beat. */
  readonly onChange: () => void
}

/** Starts silent. */
export function createHeartbeats({ id, clock, voter, send, onChange }: HeartbeatsOptions): Heartbeats {
  const heard = new Map<number, Beat & { readonly atMs: number }>()
  let count = 0
  let wokeAtMs = Number.NEGATIVE_INFINITY
  let hasLeft = false
  const tell = (to: number | null): void => send(to, { from: id, voter: voter(), beat: count, hasLeft })
  return {
    get hasHeard() {
      return heard.size > 0
    },
    live() {
      const live = new Set([voter()])
      const since = clock.now() - AGREEMENT_DEFAULTS.deadAfterMs
      for (const other of heard.values())
        if (!other.hasLeft && Math.max(other.atMs, wokeAtMs) > since) live.add(other.voter)
      return live
    },
    liveUntilMs() {
      const alive = [...heard.values()].filter((other) => !other.hasLeft)
      const untilMs = alive.map(({ atMs }) => Math.max(atMs, wokeAtMs) + AGREEMENT_DEFAULTS.deadAfterMs)
      return Math.min(...untilMs.filter((atMs) => atMs > clock.now()))
    },
    heardAt(name) {
      if (name === voter()) return Number.POSITIVE_INFINITY
      const times = [...heard.values()].filter((other) => other.voter === name).map((other) => other.atMs)
      return Math.max(...times)
    },
    beat() {
      count++
      tell(null)
    },
    announce: () => tell(null),
    farewell() {
      hasLeft = true
      count++
      tell(null)
    },
    hear(beat) {
      const known = heard.get(beat.from)
      if (known && (known.beat > beat.beat || known.hasLeft)) return
      const isRepeated = known !== undefined && known.beat === beat.beat
      const atMs = isRepeated ? known.atMs : clock.now()
      const wasSilent = known === undefined || atMs - known.atMs > AGREEMENT_DEFAULTS.deadAfterMs
      heard.set(beat.from, { ...beat, atMs })
      if (known === undefined) tell(beat.from)
      if (wasSilent || known.voter !== beat.voter || beat.hasLeft) onChange()
    },
    wake() {
      wokeAtMs = clock.now()
    },
  }
}
