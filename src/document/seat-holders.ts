/**
 * Where no tokens say who is who, the first page of a participant is that participant for as long as it lives: a
 * second page that claims the same id is not shown and counts as nobody, until the first has said goodbye or has
 * been silent for T_dead. Only who is taken for live depends on it, never what is decided (S1).
 */
import type { Clock } from '../clock.js'
import { silenceLimitMs } from './beat-pace.js'
import type { Presence } from './presence.js'

/** Who holds which participant's place. */
export interface SeatHolders {
  /** Looks at everybody, those heard first in front; whether a place has changed hands. */
  update(own: Iterable<Presence>, others: Iterable<Presence>): boolean
  /** Whether this page of a participant is the one that counts. */
  stands(presence: Presence): boolean
}

/** Makes it with all places free. */
export function createSeatHolders(clock: Clock): SeatHolders {
  const sessions = new Map<string, string>()
  return {
    update(own, others) {
      const before = new Map(sessions)
      const now = clock.now()
      const live = new Map<string, string[]>()
      const note = ({ participant, session, hasLeft }: Presence): void => {
        if (!hasLeft) live.set(participant, [...(live.get(participant) ?? []), session])
      }
      for (const presence of own) note(presence)
      for (const presence of others)
        if (now - presence.heardAtMs < silenceLimitMs(HELD_MS, presence)) note(presence)
      sessions.clear()
      for (const [participant, pages] of live) {
        const held = before.get(participant)
        const holder = held !== undefined && pages.includes(held) ? held : pages[0]
        if (holder !== undefined) sessions.set(participant, holder)
      }
      return sessions.size !== before.size || [...sessions].some(([id, page]) => before.get(id) !== page)
    },
    stands({ participant, session, hasLeft }) {
      const holder = sessions.get(participant)
      return hasLeft || holder === undefined || holder === session
    },
  }
}

/** T_dead: the silence after which a voter is not live (call/participants.ts). */
const HELD_MS = 2400
