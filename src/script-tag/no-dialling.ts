/** In place of `document/dialling.ts`: everybody is dialled at once. For rooms of twenty pages, use the modules. */
import type { Dialling } from '../document/dialling.js'

/** Nobody waits for a turn. */
export function createDialling(): Dialling {
  const wanted = new Set<string>()
  return {
    want: (id) => void wanted.add(id),
    forget: (id) => void wanted.delete(id),
    next() {
      const now = [...wanted]
      wanted.clear()
      return now
    },
    tick: () => undefined,
    lateness: 1,
    patience: () => 1,
  }
}
