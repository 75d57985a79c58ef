/**
 * Which entries of the shared map are read when: all that changed in one turn together, those of voters we know
 * first, and no entry more often than an honest writer needs. What comes too fast is read later as it stands
 * then; nothing is lost by that, because the last value is the one that counts.
 */
import type { Clock } from '../clock.js'

/** Entries waiting to be read. */
export interface ReadQueue {
  /** Notes that an entry changed. */
  add(key: string): void
  /** Reads what may be read now; resolves when that is done. */
  drain(): Promise<void>
  close(): void
}

/** What {@link createReadQueue} needs. */
export interface ReadQueueOptions {
  readonly clock: Clock
  /** Reads an entry as it is now; whether anything that readers see has changed. */
  readonly read: (key: string) => Promise<boolean>
  /** Whether an entry of this name was accepted before: only strangers share one allowance. */
  readonly isKnown: (key: string) => boolean
  /** Once after each batch that changed something. */
  readonly onChange: () => void
}

/** Makes an empty queue. */
export function createReadQueue(options: ReadQueueOptions): ReadQueue {
  const { clock, isKnown } = options
  const due = new Set<string>()
  const late = new Set<string>()
  const take = createAllowances(clock, isKnown)
  let isClosed = false
  let draining: Promise<void> | null = null
  let isTimed = false

  const drainAll = async (): Promise<void> => {
    while (due.size > 0 && !isClosed) {
      const known = [...due].sort((one, other) => Number(isKnown(other)) - Number(isKnown(one)))
      const batch = known.slice(0, BATCH_MAX)
      for (const key of batch) due.delete(key)
      const hasChanged = await Promise.all(batch.map(options.read))
      if (hasChanged.includes(true) && !isClosed) options.onChange()
    }
    draining = null
  }
  const drain = (): Promise<void> => {
    draining ??= due.size > 0 && !isClosed ? drainAll() : null
    return draining ?? Promise.resolve()
  }
  const retryLater = (): void => {
    if (isTimed || isClosed) return
    isTimed = true
    clock.after(RETRY_AFTER_MS, () => {
      isTimed = false
      if (isClosed) return
      for (const key of [...late]) {
        if (!take(key)) continue
        late.delete(key)
        due.add(key)
      }
      if (late.size > 0) retryLater()
      void drain()
    })
  }
  return {
    add(key) {
      if (due.has(key) || late.has(key)) return
      if (take(key)) due.add(key)
      else if (isKnown(key) || late.size < LATE_MAX) {
        late.add(key)
        retryLater()
      }
    },
    drain,
    close() {
      isClosed = true
    },
  }
}

interface Allowance {
  readonly left: number
  readonly atMs: number
}

/** Token buckets, one for each known entry and one for all strangers together. */
function createAllowances(clock: Clock, isKnown: (key: string) => boolean): (key: string) => boolean {
  const allowances = new Map<string, Allowance>()
  return (key) => {
    const [name, burst, perSecond] = isKnown(key)
      ? [key, READS_BURST, READS_PER_S]
      : ['', STRANGERS_BURST, STRANGERS_PER_S]
    const now = clock.now()
    const last = allowances.get(name)
    const left = last ? Math.min(burst, last.left + ((now - last.atMs) / 1000) * perSecond) : burst
    if (last === undefined && allowances.size >= ALLOWANCES_MAX)
      allowances.delete([...allowances.keys()].find((one) => one !== '') ?? '')
    allowances.set(name, { left: left >= 1 ? left - 1 : left, atMs: now })
    return left >= 1
  }
}

/** Verifications in flight at once; more would only queue inside WebCrypto. */
const BATCH_MAX = 32
/** A contended switch with all its rounds takes fewer writes of one voter. */
const READS_BURST = 16
/** A voter in a busy call writes a few times a minute; a flood is read at this pace. */
const READS_PER_S = 8
/** As many strangers as a document may hold voters, at once: a newcomer reads the whole document. */
const STRANGERS_BURST = 256
/** People come one by one; invented voters are read at this pace. */
const STRANGERS_PER_S = 32
/** A quarter of the time in which one read is earned back would be too eager, a second too lazy. */
const RETRY_AFTER_MS = 125
/** Strangers that wait; more are looked at when they change again. */
const LATE_MAX = 256
/** One for each voter that is remembered, and some. */
const ALLOWANCES_MAX = 512
