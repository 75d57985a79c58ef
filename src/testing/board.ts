/**
 * An in-memory stand-in for what the shared document gives to providers: a notice board (directory) and small
 * messages (channel) among participants of one room in one page or process. Values are copied through JSON on
 * the way, as on a real wire; `deliver` lets a test lose, repeat, delay and reorder messages.
 */
import type { Json } from '../json.js'
import type { Directory, RoomChannel } from '../providers/provider.js'

/** Options of {@link createNoticeBoard}. */
export interface NoticeBoardOptions {
  /**
   * Delays in ms at which one message arrives: `[]` loses it, two numbers repeat it. Default `[0]`. The
   * directory is not shaped: it is state, and arrives in the end.
   */
  readonly deliver?: (from: string, to: string, message: Json) => readonly number[]
}

/** One participant's place at the board. */
export interface NoticeSeat {
  readonly peer: string
  readonly directory: Directory
  readonly channel: RoomChannel
  /** The page is gone: its entry disappears, its messages stop, both without a goodbye. */
  close(): void
}

/** The board of one room. */
export interface NoticeBoard {
  /** The place of a participant; the same one while it is open. */
  seat(peer: string): NoticeSeat
  /** Puts any entry under any name, as a hostile participant could. */
  forgeEntry(peer: string, entry: Json): void
  /** Sends any message under any name. */
  forgeMessage(from: string, message: Json): void
}

interface Seated {
  readonly seat: NoticeSeat
  readonly onEntries: Set<() => void>
  readonly onMessage: Set<(from: string, message: Json) => void>
}

/** Makes a board. Listeners are called in a later turn, never inside `announce` or `send`. */
export function createNoticeBoard(options: NoticeBoardOptions = {}): NoticeBoard {
  const deliver = options.deliver ?? (() => [0])
  const seats = new Map<string, Seated>()
  const entries = new Map<string, Json>()

  const setEntry = (peer: string, entry: Json | null): void => {
    if (entry === null) entries.delete(peer)
    else entries.set(peer, copyOf(entry))
    for (const [other, seated] of seats)
      if (other !== peer) setTimeout(() => tell(seated.onEntries, (listener) => listener()), 0)
  }

  const send = (from: string, to: string | null, message: Json): void => {
    for (const [other, seated] of seats) {
      if (other === from || (to !== null && to !== other)) continue
      const copy = copyOf(message)
      for (const delayMs of deliver(from, other, copy))
        setTimeout(() => tell(seated.onMessage, (listener) => listener(from, copyOf(copy))), delayMs)
    }
  }

  const open = (peer: string): Seated => {
    const onEntries = new Set<() => void>()
    const onMessage = new Set<(from: string, message: Json) => void>()
    let isOpen = true
    const seat: NoticeSeat = {
      peer,
      directory: {
        announce: (entry) => {
          if (isOpen) setEntry(peer, entry)
        },
        entries: () => new Map([...entries].filter(([other]) => other !== peer)),
        subscribe: (listener) => added(onEntries, () => listener()),
      },
      channel: {
        send: (to, message) => {
          if (isOpen) send(peer, to, message)
        },
        subscribe: (listener) => added(onMessage, (from, message) => listener(from, message)),
        get isOpen() {
          return isOpen
        },
      },
      close() {
        if (!isOpen) return
        isOpen = false
        seats.delete(peer)
        onEntries.clear()
        onMessage.clear()
        setEntry(peer, null)
      },
    }
    return { seat, onEntries, onMessage }
  }

  return {
    seat(peer) {
      const seated = seats.get(peer) ?? open(peer)
      seats.set(peer, seated)
      return seated.seat
    },
    forgeEntry: setEntry,
    forgeMessage: (from, message) => send(from, null, message),
  }
}

function added<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

function tell<Listener>(listeners: ReadonlySet<Listener>, call: (listener: Listener) => void): void {
  for (const listener of [...listeners]) call(listener)
}

function copyOf(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
