/** The rooms of one SFU: opened by whoever comes first, gone with whoever leaves last. */
import type { WeriftModule } from '../dependencies.js'
import { Refusal } from '../http.js'
import { SFU_LIMITS } from '../limits.js'
import { createRoom, type Room } from './room.js'

/** All rooms. */
export interface Rooms {
  readonly all: ReadonlyMap<string, Room>
  /** Opens the room if needed; throws a Refusal when there are too many. */
  open(name: string): Room
}

/** Makes an empty set of rooms. */
export function createRooms(werift: WeriftModule): Rooms {
  const all = new Map<string, Room>()
  return {
    all,
    open(name) {
      const existing = all.get(name)
      if (existing) return existing
      if (all.size >= SFU_LIMITS.roomsMax)
        throw new Refusal(503, 'This server has too many rooms.', { 'retry-after': '5' })
      const room = createRoom(werift, () => {
        if (all.get(name) === room) all.delete(name)
      })
      all.set(name, room)
      return room
    },
  }
}
