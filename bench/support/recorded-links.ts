/**
 * The recorded mobile links of ../shared/data as evidence of one peer: each line of a recording is a moment at which a
 * packet could cross, so a packet sent at any time arrives at the next such moment, and a gap between two lines is a real
 * outage. Nobody dies in them. The drive-test ping sessions of the reference are not among them; pings, heartbeats
 * and media are sent through these links instead.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One direction of one recorded link. */
export interface RecordedLink {
  readonly name: string
  /** Moments at which a packet could cross, ascending, in milliseconds. */
  readonly crossingsMs: readonly number[]
}

/** Where recordings are read in place: `HOLDFAST_MOBILE_TRACES`, else the shared folder beside the project. */
const FOLDER = process.env.HOLDFAST_MOBILE_TRACES ?? join(process.cwd(), '../shared/data/mobile-traces')

/** All recordings by name; empty where there are none. */
export function recordedLinks(): readonly RecordedLink[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((name) => /\.(up|down)$/.test(name))
    .sort()
    .map((name) => ({ name, crossingsMs: crossingsOf(readFileSync(join(FOLDER, name), 'utf8')) }))
}

/** When packets sent every `everyMs` arrive, each moment once. */
export function arrivals({ crossingsMs }: RecordedLink, everyMs: number, phaseMs = 0): readonly number[] {
  const arrived: number[] = []
  let at = 0
  for (let sentMs = (crossingsMs[0] ?? 0) + phaseMs; ; sentMs += everyMs) {
    while ((crossingsMs[at] ?? Number.POSITIVE_INFINITY) < sentMs) at += 1
    const crossedMs = crossingsMs[at]
    if (crossedMs === undefined) return arrived
    if (arrived.at(-1) !== crossedMs) arrived.push(crossedMs)
  }
}

function crossingsOf(text: string): readonly number[] {
  const times = text.split('\n').filter(Boolean).map(Number)
  return [...new Set(times)].filter(Number.isFinite).sort((a, b) => a - b)
}
