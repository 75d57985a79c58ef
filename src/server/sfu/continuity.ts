/**
 * Makes packets of changing sources look like one source to a receiver: sequence numbers go on without a gap,
 * timestamps go on by the time that has really passed. Without it a browser takes the first packet of a
 * republished camera for a huge loss and discards it as late.
 */

/** The two header fields that are rewritten. */
export interface RtpPosition {
  readonly sequenceNumber: number
  readonly timestamp: number
}

/** Rewrites the positions of one outgoing stream. */
export interface Continuity {
  /** Where this packet belongs in the outgoing stream; `source` names where it came from. */
  place(source: string, position: RtpPosition, nowMs: number): RtpPosition
}

/**
 * A source that was silent this long and whose timestamps did not go on meanwhile: a browser's sound clock stands
 * still while no track is sent. Shorter silences are the network's, and what was held up comes after them.
 */
const STANDSTILL_MS = 3_000
const STANDSTILL_SHARE = 0.5

interface LastPosition extends RtpPosition {
  readonly atMs: number
}

const SEQUENCE_MODULUS = 0x1_0000
const TIMESTAMP_MODULUS = 0x1_0000_0000

/** Makes one for a clock rate in Hz. */
export function createContinuity(clockRateHz: number): Continuity {
  let current: { source: string; sequenceOffset: number; timestampOffset: number } | undefined
  let last: LastPosition | undefined
  /** By how much the timestamps fell behind in a silence; 0 in ordinary flow. */
  const standstill = (
    offset: number,
    { timestamp }: RtpPosition,
    before: LastPosition,
    nowMs: number,
  ): number => {
    const silentMs = nowMs - before.atMs
    if (silentMs < STANDSTILL_MS) return 0
    const silent = Math.ceil((silentMs * clockRateHz) / 1_000)
    const advance = wrap(timestamp + offset - before.timestamp, TIMESTAMP_MODULUS)
    return advance < silent * STANDSTILL_SHARE ? silent - advance : 0
  }
  return {
    place(source, position, nowMs) {
      if (current?.source !== source) {
        const elapsedMs = last ? Math.max(1, nowMs - last.atMs) : 0
        const next = last
          ? {
              sequenceNumber: last.sequenceNumber + 1,
              timestamp: last.timestamp + Math.ceil((elapsedMs * clockRateHz) / 1_000),
            }
          : position
        current = {
          source,
          sequenceOffset: next.sequenceNumber - position.sequenceNumber,
          timestampOffset: next.timestamp - position.timestamp,
        }
      } else if (last !== undefined)
        current.timestampOffset += standstill(current.timestampOffset, position, last, nowMs)
      const placed = {
        sequenceNumber: wrap(position.sequenceNumber + current.sequenceOffset, SEQUENCE_MODULUS),
        timestamp: wrap(position.timestamp + current.timestampOffset, TIMESTAMP_MODULUS),
      }
      if (last === undefined || isAhead(placed.sequenceNumber, last.sequenceNumber))
        last = { ...placed, atMs: nowMs }
      return placed
    },
  }
}

/** True when `sequenceNumber` is newer than `reference` (RFC 3550 appendix A.1: half of the range is ahead). */
export function isAhead(sequenceNumber: number, reference: number): boolean {
  const distance = wrap(sequenceNumber - reference, SEQUENCE_MODULUS)
  return distance !== 0 && distance < SEQUENCE_MODULUS / 2
}

function wrap(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus
}
