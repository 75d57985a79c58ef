/**
 * Typed events. `on()` returns its undo; a listener that throws is reported and does not stop the others
 * (the weakness of most small emitters).
 */

/** What every object with moments offers. */
export interface EventSource<Events> {
  /** Adds a listener; call the result to remove it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
}

/** An {@link EventSource} that its owner can fire. */
export interface Emitter<Events> extends EventSource<Events> {
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void
  /** Removes every listener; later `on()` calls still work. */
  clear(): void
}

/** Makes an emitter. */
export function createEmitter<Events>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>()
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      // A wrapper per registration, so that one function added twice is removed once per undo.
      const registered = (event: never): void => listener(event)
      set.add(registered)
      return () => {
        set.delete(registered)
      }
    },
    emit(name, event) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          listener(event as never)
        } catch (error) {
          reportListenerError(error)
        }
      }
    },
    clear() {
      listeners.clear()
    },
  }
}

/** Reports what an app's listener threw as the browser would report an uncaught exception. */
export function reportListenerError(error: unknown): void {
  const report = (globalThis as { reportError?: (error: unknown) => void }).reportError
  if (report) report(error)
  else
    queueMicrotask(() => {
      throw error
    })
}
