/**
 * The heartbeat on the wire: a second, tiny awareness state of a page. Presence itself is some hundred bytes and
 * goes out when it changes; that its page still lives is said every second in a dozen. Every link carries
 * awareness, so every link carries the pulse.
 */
import * as v from 'valibot'
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'

/** A page's heartbeat. */
interface Pulse {
  /** The beats of its seats, in the order of its presence. */
  readonly p: readonly number[]
}

/** Makes the own pulse; `send` tells every link. */
export function createPulse(awareness: Awareness, clock: Clock): { send(beats: readonly number[]): void } {
  const client = pulseIdOf(awareness.clientID)
  let count = 0
  let renewed = 0
  return {
    send(beats) {
      count += 1
      const own = awareness.meta.get(awareness.clientID)
      if (own !== undefined && own.clock !== renewed) {
        renewed = own.clock
        own.lastUpdated += RENEWAL_LATER_MS
      }
      awareness.states.set(client, { p: beats } satisfies Pulse)
      awareness.meta.set(client, { clock: count, lastUpdated: clock.wallNow() })
      awareness.emit('update', [{ added: [], updated: [client], removed: [] }, 'local'])
    },
  }
}

/** Awareness client of the pulse that belongs to a page's presence, and the other way round. */
export function pulseIdOf(client: number): number {
  return (client ^ PULSE_MASK) >>> 0
}

/** Beats in a foreign awareness state; null when it is no pulse. Never throws. */
export function parsePulse(value: unknown): readonly number[] | null {
  const parsed = v.safeParse(PULSE, value)
  return parsed.success ? parsed.output.p : null
}

/** Any constant will do: ids are random, and nobody else uses this one by accident. */
const PULSE_MASK = 0x5bd1e995
/**
 * Awareness says each state anew after 15 s, and forgets it after 30: most of what an idle room of twenty costs. With
 * pulses in between 22 to 25 s are enough.
 */
const RENEWAL_LATER_MS = 7000
/** As many as a page has seats. */
const BEATS_MAX = 16
const PULSE = v.object({
  p: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.maxLength(BEATS_MAX)),
})
