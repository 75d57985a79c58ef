/**
 * Beats over the data channel. They notice a page that is gone while ICE still looks fine, and answer probes.
 * Silence alone never ends a link whose ICE is well for long: a page with a stuck main thread still sends
 * media.
 */
import type { Clock } from '../../clock.js'
import type { MeshNote } from './wire.js'

/** Options of {@link createHeartbeat}. */
export interface HeartbeatOptions {
  readonly clock: Clock
  readonly send: (note: MeshNote) => void
  /** Nothing was heard for a few beats; told once per silence. */
  readonly onSilent: () => void
  /** Nothing was heard for so long that the other page must be gone. */
  readonly onDead: () => void
}

/** See the file's comment. */
export interface Heartbeat {
  /** Anything at all arrived on the data channel. */
  onHeard(): void
  onEcho(n: number): void
  /** Beats at once; resolves to whether it was echoed in time. */
  probe(limitMs: number): Promise<boolean>
  close(): void
}

/** A hidden page's timers run once a second at best. */
const BEAT_INTERVAL_MS = 1_000

/** Three beats: one may be lost in a stalled channel, one delayed. */
const SILENT_AFTER_MS = 3_200

/** Longer than any stuck main thread that people put up with. */
const DEAD_AFTER_MS = 20_000

/** Starts beating. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock } = options
  const echoes = new Map<number, () => void>()
  let count = 0
  let heardAtMs = clock.now()
  let isSilent = false
  let cancel = (): void => undefined

  const beat = (): void => {
    count += 1
    options.send({ t: 'beat', n: count })
    cancel = clock.after(BEAT_INTERVAL_MS, beat)
    const silentForMs = clock.now() - heardAtMs
    if (silentForMs > DEAD_AFTER_MS) options.onDead()
    else if (silentForMs > SILENT_AFTER_MS && !isSilent) {
      isSilent = true
      options.onSilent()
    }
  }
  beat()

  return {
    onHeard() {
      heardAtMs = clock.now()
      isSilent = false
    },
    onEcho(n) {
      for (const [sent, answer] of [...echoes]) if (sent <= n) answer()
    },
    probe: (limitMs) =>
      new Promise((resolve) => {
        count += 1
        const n = count
        const finish = (hasAnswered: boolean): void => {
          cancelLimit()
          echoes.delete(n)
          resolve(hasAnswered)
        }
        const cancelLimit = clock.after(limitMs, () => finish(false))
        echoes.set(n, () => finish(true))
        options.send({ t: 'beat', n })
      }),
    close() {
      cancel()
    },
  }
}
