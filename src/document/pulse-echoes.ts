/**
 * Round trips over a server that only broadcasts: each pulse repeats one pulse of somebody else, in turn, with how
 * long ago it was heard, and so its author knows what the way there and back takes. Costs no message.
 */
import * as v from 'valibot'
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'

/** The echoes of one link. */
export interface PulseEchoes {
  /** Adds an echo to the own pulse that is about to be sent. */
  attach(mirror: Awareness): void
  /** Looks at a foreign pulse: remembers it, and takes an echo that is meant for us. */
  take(mirror: Awareness, client: number): void
}

/** Makes it; `own` is the client of the own pulse. */
export function createPulseEchoes(
  clock: Clock,
  own: number,
  onMeasured: (client: number, rttMs: number) => void,
): PulseEchoes {
  const sent = new Map<number, number>()
  const heard = new Map<number, { readonly count: number; readonly atMs: number }>()
  return {
    attach(mirror) {
      const state = mirror.states.get(own)
      const meta = mirror.meta.get(own)
      if (state === undefined || meta === undefined) return
      sent.set(meta.clock, clock.now())
      if (sent.size > SENT_MAX) sent.delete([...sent.keys()][0] ?? 0)
      const next = [...heard][0]
      if (next === undefined) return
      const [client, { count, atMs }] = next
      heard.delete(client)
      mirror.states.set(own, { ...state, e: [client, count, Math.round(clock.now() - atMs)] })
    },
    take(mirror, client) {
      const parsed = v.safeParse(ECHO, mirror.states.get(client))
      if (!parsed.success) return
      const { e } = parsed.output
      const count = mirror.meta.get(client)?.clock ?? 0
      // Whoever was echoed last waits longest; a newer pulse does not lose its place in the row.
      heard.set(client, { count, atMs: clock.now() })
      if (heard.size > HEARD_MAX) heard.delete([...heard.keys()][0] ?? 0)
      const sentAtMs = e?.[0] === own ? sent.get(e[1]) : undefined
      if (e && sentAtMs !== undefined) onMeasured(client, clock.now() - sentAtMs - e[2])
    },
  }
}

/** An answer comes within this many own pulses, or the figure is old. */
const SENT_MAX = 128
const HEARD_MAX = 256
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const ECHO = v.object({ p: v.array(v.number()), e: v.optional(v.tuple([count, count, count])) })
