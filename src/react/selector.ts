/**
 * The one subscription behind all hooks: `useSyncExternalStore` over the call's snapshots, narrowed by a
 * selector. An equal selection keeps its identity, so snapshots that change elsewhere render nothing.
 */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import type { CallSnapshot } from '../index.js'
import { useCall } from './call-context.js'

/**
 * What `selector` makes of the call's snapshot; renders again when that changes. By default two selections
 * are equal if they are the same value or have the same entries (one level deep).
 *
 * @example
 * ```ts
 * const isAlone = useCallSelector((snapshot) => snapshot.peers.length === 0)
 * ```
 */
export function useCallSelector<Selection>(
  selector: (snapshot: CallSnapshot) => Selection,
  isEqual: (a: Selection, b: Selection) => boolean = isShallowEqual,
): Selection {
  const call = useCall()
  const rendered = useRef<{ readonly selection: Selection } | null>(null)

  const getSelection = useMemo(() => {
    let seen: { readonly snapshot: CallSnapshot; readonly selection: Selection } | null = null
    return (): Selection => {
      const snapshot = call.getSnapshot()
      if (seen?.snapshot === snapshot) return seen.selection
      const next = selector(snapshot)
      // An inline selector is a new function at each render; what was rendered bridges that.
      const previous = seen ?? rendered.current
      const selection = previous && isEqual(previous.selection, next) ? previous.selection : next
      seen = { snapshot, selection }
      return selection
    }
  }, [call, selector, isEqual])
  const subscribe = useCallback((listener: () => void) => call.subscribe(listener), [call])

  // The server renders the call as it stands there: idle, since nothing is joined on a server.
  const selection = useSyncExternalStore(subscribe, getSelection, getSelection)
  useEffect(() => {
    rendered.current = { selection }
  }, [selection])
  return selection
}

function isShallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  // Streams, maps and the like carry their state elsewhere than in their own keys.
  const prototype = Object.getPrototypeOf(a)
  if (prototype !== Object.getPrototypeOf(b)) return false
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false
  const [left, right] = [Object.entries(a), b as Record<string, unknown>]
  if (left.length !== Object.keys(right).length) return false
  return left.every(([key, value]) => Object.hasOwn(right, key) && Object.is(value, right[key]))
}
