/**
 * Whether the pages of a room all reach each other without the signaling servers. Each page says so of itself; while all
 * of them do, nobody has to pass on what others wrote, and the signaling servers need not hurry.
 */
import type { PageState } from './presence-wire.js'

/** Of one room, seen from one page. */
export interface Wholeness {
  /** This page reaches every page it knows. */
  readonly isOwn: boolean
  /** So does every page that was heard lately. */
  readonly isAll: boolean
  /** The page with this id in the mesh does not reach all it knows, or has not said so yet. */
  isInNeed(rtc: string): boolean
  /** Takes who is reached without the signaling servers (mesh or page ids); call it whenever it may have changed. */
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
    isInNeed: (rtc) => !pages().some((page) => page.rtc === rtc && page.isWhole),
    setLinked(ids) {
      const known = pages()
      const isOwnNow =
        known.length > 0 && known.every((page) => ids.includes(page.rtc) || ids.includes(page.page))
      if (isOwnNow === isOwn) return
      isOwn = isOwnNow
      onChange()
    },
  }
}
