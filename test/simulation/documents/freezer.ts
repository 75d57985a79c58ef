/** A page's life as its browser sees it: timers and messages of a frozen page wait, those of a closed one are gone. */
import type { Clock } from '../../../src/clock.js'

/** When a page runs. */
export interface Freezer {
  readonly isFrozen: boolean
  readonly isClosed: boolean
  /** The page's timers. */
  readonly clock: Clock
  /** Runs now, or after the thaw, or never. */
  run(task: () => void): void
  freeze(): void
  /** Hands out what has piled up, oldest first. */
  thaw(): (() => void)[]
  close(): void
}

/** A page that runs. */
export function createFreezer(clock: Clock): Freezer {
  let isFrozen = false
  let isClosed = false
  let backlog: (() => void)[] = []
  const run = (task: () => void): void => {
    if (isClosed) return
    if (isFrozen) backlog.push(task)
    else task()
  }
  return {
    get isFrozen() {
      return isFrozen
    },
    get isClosed() {
      return isClosed
    },
    run,
    clock: {
      now: clock.now,
      wallNow: clock.wallNow,
      after(delayMs, task) {
        let isCancelled = false
        clock.after(delayMs, () =>
          run(() => {
            if (!isCancelled) task()
          }),
        )
        return () => {
          isCancelled = true
        }
      },
    },
    freeze() {
      isFrozen = true
    },
    thaw() {
      isFrozen = false
      const waited = backlog
      backlog = []
      return waited
    },
    close() {
      isClosed = true
      backlog = []
    },
  }
}
