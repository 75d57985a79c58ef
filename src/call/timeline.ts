/** What happened and why, in plain words, for people: a bounded list, newest last. */
import type { Clock } from '../clock.js'
import type { TimelineEntry } from './snapshot.js'

/** An hour of a lively call fits; the panel and the history keep more. */
const TIMELINE_MAX = 200

/** The growing list. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[]
  /** Returns the line's id. */
  add(
    kind: TimelineEntry['kind'],
    text: string,
    more?: { readonly why?: string; readonly provider?: string },
  ): number
  /** Why it happened was learned later. */
  explain(id: number, why: string): void
}

/** Makes an empty timeline. */
export function createTimeline(clock: Clock, onAdd: (entry: TimelineEntry) => void): Timeline {
  let entries: readonly TimelineEntry[] = []
  let count = 0
  return {
    get entries() {
      return entries
    },
    add(kind, text, more = {}) {
      count += 1
      const entry: TimelineEntry = { id: count, atMs: clock.wallNow(), kind, text, ...more }
      entries = [...entries.slice(-(TIMELINE_MAX - 1)), entry]
      onAdd(entry)
      return entry.id
    },
    explain(id, why) {
      entries = entries.map((entry) => (entry.id === id ? { ...entry, why } : entry))
    },
  }
}
