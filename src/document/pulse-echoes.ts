/**
 * Round trips over ways that only broadcast: each pulse repeats the number of one pulse of somebody else, in turn,
 * with how long ago it was heard, so that its author knows what the way there and back takes. Costs no message.
 */
import * as v from 'valibot'
import type { Clock } from '../clock.js'

/** Who is answered, the number of that pulse, and the milliseconds for which it was held. */
export type Echo<Key> = [Key, number, number]

/** The echoes of one link; pages by whatever the link names them with. */
export interface PulseEchoes<Key> {
  /** An own pulse goes out under this number; the echo to send with it, or null. */
  sending(count: number): Echo<Key> | null
  /** A foreign pulse came in; `echo` is what it carried. */
  heard(key: Key, count: number, echo: unknown): void
}

/** Makes it; `own` is the key under which the others know this page. */
export function createPulseEchoes<Key extends string | number>(
  clock: Clock,
  own: Key,
  onMeasured: (key: Key, rttMs: number) => void,
): PulseEchoes<Key> {
  const sent = new Map<number, number>()
  const waiting = new Map<Key, { readonly count: number; readonly atMs: number }>()
  return {
    sending(count) {
      sent.set(count, clock.now())
      if (sent.size > SENT_MAX) sent.delete([...sent.keys()][0] ?? 0)
      const next = [...waiting][0]
      if (next === undefined) return null
      const [key, { count: theirs, atMs }] = next
      waiting.delete(key)
      return [key, theirs, Math.round(clock.now() - atMs)]
    },
    heard(key, count, echo) {
      // Whoever was answered last waits longest; a newer pulse does not lose its place in the row.
      waiting.set(key, { count, atMs: clock.now() })
      if (waiting.size > WAITING_MAX) waiting.delete([...waiting.keys()][0] ?? key)
      const parsed = v.safeParse(ECHO, echo)
      if (!parsed.success || parsed.output[0] !== own) return
      const sentAtMs = sent.get(parsed.output[1])
      if (sentAtMs !== undefined) onMeasured(key, clock.now() - sentAtMs - parsed.output[2])
    },
  }
}

/** An answer comes within this many own pulses, or the figure is old. */
const SENT_MAX = 128
const WAITING_MAX = 256
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const ECHO = v.tuple([v.union([v.string(), v.number()]), count, count])
