/** The one way in which this server measures "too fast": an allowance that refills steadily up to a burst. */

/** An allowance. */
export interface TokenBucket {
  /** Takes `count` if there is that much left; otherwise takes nothing and says false. */
  take(count: number, nowMs: number): boolean
}

const MS_PER_SECOND = 1000

/** A full bucket. */
export function tokenBucket(perSecond: number, burst: number, nowMs: number): TokenBucket {
  let left = burst
  let filledAtMs = nowMs
  return {
    take(count, atMs) {
      left = Math.min(burst, left + ((atMs - filledAtMs) / MS_PER_SECOND) * perSecond)
      filledAtMs = atMs
      if (left < count) return false
      left -= count
      return true
    },
  }
}
