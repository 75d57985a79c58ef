/**
 * Whether the pages of a room all reach each other by data channels. Each page says so of itself; while all
 * of them do, nobody has to pass on what others wrote, and the signaling servers need not hurry.
 */
import type { PageState } from './presence-wire.js'

/** Of one room, seen from one page. */
export interface Wholeness {
  /** This page reaches every page it knows. */
  readonly isOwn: boolean
  /** So does every page that was heard lately. */
  readonly isAll: boolean
  /** Takes the ids of open data channels; call it whenever they may have changed. */
  setLinked(ids: readonly string[]): void
}

/** Makes it; `onChange` is called when this page has something new to say. */
export function createWholeness(pages: () => readonly PageState[], onChange: () => void): Wholeness {
  let isOwn = false
  return {
    get isOwn() {
      return isOwn
    },
    get isAll() {
      return isOwn && pages().every((page) => page.isWhole)
    },
    setLinked(ids) {
      const known = pages()
      // A page without an id in the mesh is reached by the signaling servers alone.
      const isOwnNow = known.length > 0 && known.every((page) => ids.includes(page.rtc))
      if (isOwnNow === isOwn) return
      isOwn = isOwnNow
      onChange()
    },
  }
}
