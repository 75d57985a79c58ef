/**
 * Virtual time for asynchronous code. Production modules sign, verify and queue with promises; before time moves
 * on, everything they started has come to rest, so that a run depends on its seed and on nothing else.
 */
import type { Clock } from '../../../src/clock.js'
import { Schedule } from '../schedule.js'

/** The clock of a whole simulated room. */
export interface VirtualTime {
  readonly now: number
  /** Runs `task` once; call the result to cancel. */
  after(delayMs: number, task: () => void): () => void
  /** Asynchronous work may have begun: it comes to rest before the next task. */
  touch(): void
  /** Work that ends outside of this thread's microtasks, i.e. real cryptography. */
  track<T>(work: Promise<T>): Promise<T>
  /** Runs everything due within `durationMs`, or until `isDone`; says whether that came true. */
  run(durationMs: number, isDone?: () => boolean): Promise<boolean>
}

/** How a participant's clocks are wrong. */
export interface ClockError {
  /** Of both clocks, in milliseconds. */
  readonly offsetMs: number
  /** 0.01 is a clock that gains 1 %. */
  readonly drift: number
}

/** Some moment; wall clocks begin here. */
export const WALL_START_MS = 1_700_000_000_000

/** More tasks at one moment than a whole room can have. */
const STANDING_MAX = 10_000

/**
 * Starts at zero with nothing to do. With `isWary` everything rests after each task, whether or not it was said that
 * asynchronous work may have begun: slower, and the same if it was said wherever it has to be.
 */
export function createVirtualTime(isWary = false): VirtualTime {
  const schedule = new Schedule()
  let isTouched = false
  let pending = 0
  let standing = 0
  const rest = async (): Promise<void> => {
    // A tick that is asked for by a microtask comes when no microtask is left, and takes no turn of the event loop.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    while (pending > 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return {
    get now() {
      return schedule.now
    },
    after(delayMs, task) {
      let isCancelled = false
      schedule.after(delayMs, () => {
        if (!isCancelled) task()
      })
      return () => {
        isCancelled = true
      }
    },
    touch() {
      isTouched = true
    },
    async track(work) {
      pending++
      try {
        return await work
      } finally {
        pending--
      }
    },
    async run(durationMs, isDone = () => false) {
      const end = schedule.now + durationMs
      for (;;) {
        if (isTouched) {
          isTouched = false
          await rest()
          continue
        }
        if (isDone()) return true
        const before = schedule.now
        if (!schedule.runNext(end)) break
        isTouched ||= isWary
        standing = schedule.now > before ? 0 : standing + 1
        if (standing > STANDING_MAX) throw new Error('time stands still')
      }
      schedule.now = end
      return false
    },
  }
}

/** A participant's clock on top of virtual time. */
export function clockOf(time: VirtualTime, { offsetMs, drift }: ClockError): Clock {
  const pace = 1 + drift
  return {
    now: () => time.now * pace + offsetMs,
    wallNow: () => Math.floor(WALL_START_MS + time.now * pace + offsetMs),
    // Whole milliseconds, as timers of browsers: one that is due within a rounding error must still let time pass.
    after: (delayMs, task) =>
      time.after(Math.ceil(delayMs / pace), () => {
        time.touch()
        task()
      }),
  }
}
