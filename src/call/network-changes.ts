/**
 * One reaction to every sign that this page's network may have changed: the browser's `online` and `offline`, another
 * kind of connection, a wake from sleep, ICE that lost its path (VPN on or off, Wi-Fi to cellular). Shortly after, links
 * and media paths have to show at once that they live, instead of waiting for their turns. Signs that come together
 * are one; pages that share a network do not all knock at the same moment.
 */
import type { Clock } from '../clock.js'

/** What may tell of a change. */
export type NetworkSign = 'online' | 'offline' | 'connection' | 'wake' | 'path'

/** The watch over this page's network. */
export interface NetworkWatch {
  /** False while the browser says that there is no network at all. */
  readonly isOnline: boolean
  /** When the latest sign came; minus infinity before the first. */
  readonly changedAtMs: number
  /** Takes a sign that does not come from the browser's own events. */
  note(sign: NetworkSign): void
  stop(): void
}

/** What {@link watchNetwork} needs. */
export interface NetworkWatchOptions {
  readonly clock: Clock
  /** In [0, 1). Default: `Math.random`. */
  readonly random?: () => number
  /** Links and media paths are to show that they live. */
  readonly onCheck: () => void
  /** What is said here of the network has changed. */
  readonly onChange: () => void
}

/** A call of twenty on one access point spreads its knocking over this time; nobody sees so short a wait. */
export const CHECK_JITTER_MS = 200
/** Networks flap while they change: there is no more than one check in this time. */
export const CHECK_EVERY_MS = 1_000

/** Starts listening where there is a page to listen to. */
export function watchNetwork(options: NetworkWatchOptions): NetworkWatch {
  const { clock, random = Math.random, onCheck, onChange } = options
  let changedAtMs = Number.NEGATIVE_INFINITY
  let checkedAtMs = Number.NEGATIVE_INFINITY
  let cancelCheck: (() => void) | null = null

  const checkSoon = (): void => {
    const waitMs = Math.max(0, checkedAtMs + CHECK_EVERY_MS - clock.now())
    cancelCheck ??= clock.after(waitMs + random() * CHECK_JITTER_MS, () => {
      cancelCheck = null
      checkedAtMs = clock.now()
      onCheck()
    })
  }
  const note = (sign: NetworkSign): void => {
    changedAtMs = clock.now()
    // Without a network there is nothing to ask; what comes back brings a sign of its own.
    if (sign !== 'offline') checkSoon()
    onChange()
  }
  const stopListening = listen(note)
  return {
    get isOnline() {
      return browserIsOnline()
    },
    get changedAtMs() {
      return changedAtMs
    },
    note,
    stop() {
      stopListening()
      cancelCheck?.()
      cancelCheck = null
    },
  }
}

function browserIsOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false
}

function listen(note: (sign: NetworkSign) => void): () => void {
  if (typeof window === 'undefined') return () => undefined
  const controller = new AbortController()
  const { signal } = controller
  window.addEventListener('online', () => note('online'), { signal })
  window.addEventListener('offline', () => note('offline'), { signal })
  // Chromium alone has it; the others tell by `online` and by what ICE says.
  const { connection } = navigator as { connection?: EventTarget }
  connection?.addEventListener?.('change', () => note('connection'), { signal })
  return () => controller.abort()
}
