/** What one link knows of the ways to the others: when each was heard on it, and how long a round trip takes. */
import type { Clock } from '../clock.js'
import type { LinkedPage, LinkPath } from './link.js'

/** The ways of one link, by whatever the link names pages with. */
export interface LinkPaths<Key> {
  heard(key: Key): void
  measured(key: Key, rttMs: number): void
  forget(key: Key): void
  /** Forgets who has been silent for a minute. */
  sweep(): void
  readonly keys: readonly Key[]
  /** Ids of pages heard lately. */
  readonly reached: readonly string[]
  readonly paths: readonly LinkPath[]
}

/** What {@link createLinkPaths} needs. */
export interface LinkPathsOptions<Key> {
  readonly clock: Clock
  readonly pageOf: (key: Key) => LinkedPage | null
  /** The link says something at least so often, in milliseconds. Default: as often as the page beats. */
  readonly speaksEveryMs?: () => number
}

/** Makes it empty. */
export function createLinkPaths<Key>({ clock, pageOf, speaksEveryMs }: LinkPathsOptions<Key>): LinkPaths<Key> {
  const ways = new Map<Key, { heardAtMs: number; rttMs: number | null }>()
  const isLive = (heardAtMs: number, page: LinkedPage): boolean =>
    clock.now() - heardAtMs <= LIVE_BEATS * Math.max(page.beatEveryMs, speaksEveryMs?.() ?? 0)
  const known = (): { page: LinkedPage; isLive: boolean; rttMs: number | null }[] =>
    [...ways].flatMap(([key, { heardAtMs, rttMs }]) => {
      const page = pageOf(key)
      return page === null ? [] : [{ page, isLive: isLive(heardAtMs, page), rttMs }]
    })
  return {
    heard(key) {
      const way = ways.get(key)
      if (way) way.heardAtMs = clock.now()
      else ways.set(key, { heardAtMs: clock.now(), rttMs: null })
    },
    measured(key, rttMs) {
      const way = ways.get(key)
      if (way) way.rttMs = Math.max(0, Math.round(rttMs * 10) / 10)
    },
    forget: (key) => void ways.delete(key),
    sweep() {
      const since = clock.now() - FORGET_AFTER_MS
      for (const [key, way] of ways) if (way.heardAtMs < since) ways.delete(key)
    },
    get keys() {
      return [...ways.keys()]
    },
    get reached() {
      return known().flatMap((way) => (way.isLive ? way.page.page : []))
    },
    get paths() {
      return known().flatMap(({ page, isLive: lives, rttMs }) =>
        page.participants.map((peer) => ({
          peer,
          state: lives ? ('live' as const) : ('silent' as const),
          rttMs,
        })),
      )
    },
  }
}

/** One beat may be lost and one late. */
const LIVE_BEATS = 3
/** As long as presence remembers a silent page. */
const FORGET_AFTER_MS = 60_000
