/**
 * Evidence that no recording of ../shared/data holds: hours of a wired network, and an observer whose own page or
 * machine stalls and sleeps while everybody else is fine. Seeded; nobody ever dies here, so every confirmation is a
 * mistake.
 */
import type { Figure } from '../figure.js'
import { drive } from './peer-drive.js'

/** Enough that no mistake in them means fewer than 0.05 an hour with 95 % confidence. */
const WIRED_HOURS = 60
/** Played in pieces to keep memory small. */
const PIECE_MS = 1_800_000
const STALL_RUNS = 300
const STALL_RUN_MS = 90_000
const STALL_AT_MS = 20_000
/** Shorter than a blink up to the longest sleep that is promised to hurt nobody. */
const STALLS_MS = [300, 700, 1_000, 1_500, 2_500, 5_000, 15_000, 30_000, 60_000]
/** What comes back after a sleep needs its sockets first. */
const RETURN_MAX_MS = 2_000

/** Rows of both. */
export function simulatedFigures(): Figure[] {
  const random = seeded(5)
  let mistakes = 0
  for (let played = 0; played < WIRED_HOURS * 3_600_000; played += PIECE_MS) {
    const evidence = wired(random, PIECE_MS)
    const { alarms } = drive({
      peers: [evidence],
      ownPath: steps(2_500, PIECE_MS),
      fromMs: 0,
      untilMs: PIECE_MS,
    })
    mistakes += alarms.filter(({ level }) => level === 'confirmed').length
  }
  const deaths = Array.from({ length: STALL_RUNS }, (_, run) => stalled(random, run)).filter(Boolean).length
  return [
    row('CONFIRMED on a simulated wired network: every alarm', mistakes / WIRED_HOURS, '/h', 0.05, WIRED_HOURS),
    row('false deaths by own stalls, throttling and sleeps up to 60 s', deaths, 'peers', 0, STALL_RUNS),
  ]
}

/** Heartbeats and, at the pace of the page's looks, media: jitter of some milliseconds, 0.5 % lost, in twos and threes. */
function wired(random: () => number, lengthMs: number): { beats: number[]; media: number[] } {
  const jittered = (everyMs: number): number[] => {
    let lost = 0
    return steps(everyMs, lengthMs)
      .filter(() => {
        if (lost === 0 && random() < 0.0025) lost = 1 + Math.floor(random() * 3)
        lost = Math.max(0, lost - 1)
        return lost === 0
      })
      .map((sentMs) => sentMs + 20 - 8 * Math.log(1 - random()))
      .sort((a, b) => a - b)
  }
  // Half of the time the peer is muted and heartbeats are all there is.
  const media = jittered(200).filter((atMs) => Math.floor(atMs / 300_000) % 2 === 0)
  return { beats: jittered(1_000), media }
}

/** Whether anybody was confirmed dead around a stall of our own. */
function stalled(random: () => number, run: number): boolean {
  const lengthMs = STALLS_MS[run % STALLS_MS.length] ?? 0
  const [fromMs, toMs] = [STALL_AT_MS, STALL_AT_MS + lengthMs]
  // A sleep cuts the network too; a short stall only delays the reading of what came.
  const backMs = lengthMs > 5_000 ? toMs + random() * RETURN_MAX_MS : toMs
  const heard = (times: readonly number[]): number[] =>
    times
      .map((atMs) => (atMs > fromMs && atMs < toMs ? backMs : atMs))
      .filter((atMs) => atMs <= fromMs || atMs >= backMs)
  const peer = (): { beats: number[]; media: number[] } => {
    const { beats, media } = wired(random, STALL_RUN_MS)
    return { beats: heard(beats), media: run % 2 === 0 ? heard(media) : [] }
  }
  const { alarms } = drive({
    peers: run % 3 === 0 ? [peer()] : [peer(), peer()],
    ownPath: run % 4 === 0 ? null : heard(steps(2_500, STALL_RUN_MS)),
    fromMs: 0,
    untilMs: STALL_RUN_MS - 1_000,
    stalls: [[fromMs, toMs]],
  })
  return alarms.some(({ level }) => level === 'confirmed')
}

function steps(everyMs: number, lengthMs: number): number[] {
  return Array.from({ length: Math.floor(lengthMs / everyMs) }, (_, index) => index * everyMs)
}

/** A small generator, so that two runs are the same. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function row(name: string, value: number, unit: string, bar: number, n: number): Figure {
  return { name, value, unit, bar: `<= ${bar}`, holds: value <= bar, n }
}
