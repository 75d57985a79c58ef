/** How much may go out: so much at once, and so much a second from then on. */
import type { Clock } from '../clock.js'

/** Takes an amount when there is enough left. */
export type Allowance = (amount: number) => boolean

/** Makes a full one. */
export function createAllowance(clock: Clock, perSecond: number, burst: number): Allowance {
  let left = burst
  let atMs = clock.now()
  return (amount) => {
    const now = clock.now()
    left = Math.min(burst, left + ((now - atMs) / 1000) * perSecond)
    atMs = now
    // What is larger than any burst goes when everything else has rested, and is paid for afterwards.
    if (left < Math.min(amount, burst)) return false
    left -= amount
    return true
  }
}
