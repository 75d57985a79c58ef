/**
 * The pages that announced themselves and whether their first sync is done: what `isSyncing` is made of. A
 * page that never answers counts for three seconds only, so that a dead one blocks nobody.
 */
import type { Clock } from '../clock.js'

/** One page of the room. */
export interface KnownPage {
  readonly hasSynced: boolean
}

/** All pages heard lately. */
export interface KnownPages {
  readonly all: ReadonlyMap<string, KnownPage>
  readonly isSyncing: boolean
  /** Notes a sign of life. */
  hear(page: string): KnownPage
  setSynced(page: string): void
  /** Everybody has to sync again. */
  reset(): void
  /** Whether it was known. */
  forget(page: string): boolean
  sweep(): void
}

/** Makes an empty list; `onChange` is called when a page appears, syncs or stops counting. */
export function createKnownPages(clock: Clock, onChange: () => void): KnownPages {
  const pages = new Map<string, { hasSynced: boolean; sinceMs: number; heardAtMs: number }>()
  return {
    all: pages,
    get isSyncing() {
      const since = clock.now() - SYNC_MAX_MS
      return [...pages.values()].some((page) => !page.hasSynced && page.sinceMs > since)
    },
    hear(id) {
      const now = clock.now()
      const known = pages.get(id)
      if (known) {
        known.heardAtMs = now
        return known
      }
      if (pages.size >= PAGES_MAX) pages.delete([...pages.keys()][0] ?? '')
      const page = { hasSynced: false, sinceMs: now, heardAtMs: now }
      pages.set(id, page)
      clock.after(SYNC_MAX_MS, onChange)
      onChange()
      return page
    },
    setSynced(id) {
      const page = pages.get(id)
      if (page === undefined || page.hasSynced) return
      page.hasSynced = true
      onChange()
    },
    reset() {
      for (const page of pages.values()) {
        page.hasSynced = false
        page.sinceMs = clock.now()
      }
      clock.after(SYNC_MAX_MS, onChange)
      onChange()
    },
    forget(id) {
      const wasKnown = pages.delete(id)
      if (wasKnown) onChange()
      return wasKnown
    },
    sweep() {
      const since = clock.now() - FORGET_AFTER_MS
      for (const [id, page] of pages) if (page.heardAtMs < since) pages.delete(id)
    },
  }
}

/** A dead page must not hold up a join for longer; protocol rule 13 waits two seconds at most anyway. */
const SYNC_MAX_MS = 3000
/** Twelve missed digests. */
const FORGET_AFTER_MS = 60_000
/** Bound against a flood of invented pages. */
const PAGES_MAX = 256
