/**
 * What is remembered of one row (a stream or a peer connection) from sample to sample: its latest numbers, when it
 * was first seen and when each watched counter last grew. Ages count by the page's clock, so a browser whose stamps
 * jump makes no silence.
 */
import { at, type Row } from './layout.js'
import { growth } from './reduce.js'

/** Memory of one row; plain data. */
export interface RowMemory {
  readonly row: Row
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Samples taken in. */
  readonly seen: number
  /** By offset: when the counter was last seen to grow, at first when it was first seen. */
  readonly grownAtMs: Readonly<Record<number, number>>
}

/** One step of one row. */
export interface RowStep {
  readonly memory: RowMemory
  readonly before: Row | undefined
  readonly row: Row
  readonly atMs: number
  /** Length of the step; NaN for a first look. */
  readonly stepMs: number
}

/** Takes the next numbers of a row in. */
export function stepRow(
  known: RowMemory | undefined,
  row: Row,
  atMs: number,
  stepMs: number,
  watched: readonly number[],
): RowStep {
  const grownAtMs: Record<number, number> = {}
  for (const offset of watched) {
    if (Number.isNaN(at(row, offset))) continue
    const grown = growth(known?.row, row, offset)
    const old = known?.grownAtMs[offset]
    // A counter that restarted has moved; one that appears begins to be watched.
    grownAtMs[offset] = grown === 0 && old !== undefined ? old : atMs
  }
  const memory = {
    row,
    firstAtMs: known?.firstAtMs ?? atMs,
    lastAtMs: atMs,
    seen: (known?.seen ?? 0) + 1,
    grownAtMs,
  }
  return { memory, before: known?.row, row, atMs, stepMs: known ? stepMs : Number.NaN }
}

/** Age of the latest growth; NaN where the counter is missing. */
export function sinceGrowthMs(step: RowStep, offset: number): number {
  const grownAtMs = step.memory.grownAtMs[offset]
  return grownAtMs === undefined ? Number.NaN : step.atMs - grownAtMs
}

/** Growth a second. */
export function perSecond(step: RowStep, offset: number): number {
  return (growth(step.before, step.row, offset) / step.stepMs) * 1_000
}

/** Growth in this step. */
export function grown(step: RowStep, offset: number): number {
  return growth(step.before, step.row, offset)
}

/** Growth of one counter for each growth of another: a mean. NaN when the other stood still. */
export function grownPer(step: RowStep, offset: number, perOffset: number): number {
  const per = grown(step, perOffset)
  return per > 0 ? grown(step, offset) / per : Number.NaN
}

/** A share of what was counted; NaN when nothing was. */
export function shareOf(part: number, rest: number): number {
  const whole = part + rest
  return whole > 0 ? part / whole : Number.NaN
}
