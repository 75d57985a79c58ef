/**
 * The directory holds one entry per participant, yet two connections of one participant may stand side by
 * side for a moment (a reconnect beside the old one). The newer one's entry must survive the older one's
 * leave, and the older one's must come back when the newer one is given up. One instance per adapter object.
 */
import type { Json } from '../json.js'
import type { Directory } from './provider.js'

/** Entries of one adapter's connections, the newest shown. */
export interface Announcements {
  /**
   * Shows this connection's entry, or replaces it; `key` is anything unique to the connection. One that is not sure
   * yet is not shown beside another connection's.
   */
  show(key: object, directory: Directory, entry: Json, isUnsure?: boolean): void
  /** Takes it back; shows the next older connection's entry again, if there is one. */
  withdraw(key: object): void
}

/** Makes an empty set. */
export function createAnnouncements(): Announcements {
  const shown = new Map<object, { readonly directory: Directory; readonly entry: Json }>()
  const newest = (): object | undefined => [...shown.keys()].at(-1)
  return {
    show(key, directory, entry, isUnsure) {
      if (isUnsure && newest() !== key && newest()) return
      // Set on an existing key keeps its place: an older connection that changes its entry stays behind.
      shown.set(key, { directory, entry })
      if (newest() === key) directory.announce(entry)
    },
    withdraw(key) {
      const withdrawn = shown.get(key)
      if (!withdrawn) return
      const wasShown = newest() === key
      shown.delete(key)
      if (!wasShown) return
      const next = newest()
      const previous = next === undefined ? undefined : shown.get(next)
      if (previous) previous.directory.announce(previous.entry)
      else withdrawn.directory.announce(null)
    },
  }
}
