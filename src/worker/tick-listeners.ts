/** Who is told of each tick, whether a worker or the page keeps the time. */

/** A set of listeners; the same function may be added twice. */
export interface TickListeners {
  /** Returns the function that takes the listener off again. */
  readonly add: (listener: () => void) => () => void
  fire(): void
  clear(): void
}

/** An empty set. */
export function createTickListeners(): TickListeners {
  const listeners = new Set<() => void>()
  return {
    add(listener) {
      const registered = (): void => listener()
      listeners.add(registered)
      return () => {
        listeners.delete(registered)
      }
    },
    fire() {
      for (const listener of [...listeners]) listener()
    },
    clear: () => listeners.clear(),
  }
}
