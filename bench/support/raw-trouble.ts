/**
 * When a recorded call was in trouble by its raw counters alone, without anything of `src/health`: many packets of a
 * stretch lost, or a round trip of seconds. What is reported there is no false alarm; the lines are far
 * above those of the detectors, so that nothing a detector merely believes can excuse it.
 */
import { readDump, type StatsSnapshot } from './dumps.js'

/** A stretch between two looks, milliseconds since the first. */
export interface Trouble {
  readonly fromMs: number
  readonly toMs: number
  /** What the counters say, for the reader of the table. */
  readonly why: string
}

/** One packet in ten: three times what `packet-loss` calls medium. */
const LOST_SHARE = 0.1
/** Fewer packets say nothing about a share. */
const PACKETS_MIN = 50
/** Twice what `high-rtt` calls high. */
const RTT_MS = 2_000

/** The stretches of a recording that were troubled. */
export function rawTroubles(text: string): readonly Trouble[] {
  const snapshots = readDump(text)
  const startMs = snapshots[0]?.atMs ?? 0
  const last = new Map<string, StatsSnapshot>()
  const troubles: Trouble[] = []
  for (const snapshot of snapshots) {
    const before = last.get(snapshot.pc)
    last.set(snapshot.pc, snapshot)
    const why = before === undefined ? null : troubleBetween(before, snapshot)
    if (before !== undefined && why !== null)
      troubles.push({ fromMs: before.atMs - startMs, toMs: snapshot.atMs - startMs, why })
  }
  return troubles
}

function troubleBetween(before: StatsSnapshot, after: StatsSnapshot): string | null {
  const received = grownBy(before, after, 'packetsReceived')
  const lost = grownBy(before, after, 'packetsLost')
  if (received + lost >= PACKETS_MIN && lost / (received + lost) >= LOST_SHARE)
    return `${lost} of ${received + lost} packets lost`
  const rttMs = rttOf(after)
  if (rttMs >= RTT_MS) return `round trip ${rttMs.toFixed(0)} ms`
  return null
}

function grownBy(before: StatsSnapshot, after: StatsSnapshot, field: string): number {
  let sum = 0
  for (const entry of after.entries) {
    if (entry.type !== 'inbound-rtp') continue
    const old = before.entries.find(({ id }) => id === entry.id)
    sum += Math.max(0, numberOf(entry[field]) - numberOf(old?.[field]))
  }
  return sum
}

function rttOf({ entries }: StatsSnapshot): number {
  const used = entries.filter(({ type, nominated }) => type === 'candidate-pair' && nominated === true)
  return Math.max(0, ...used.map(({ currentRoundTripTime }) => numberOf(currentRoundTripTime) * 1_000))
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
