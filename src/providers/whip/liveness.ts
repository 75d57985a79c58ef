/**
 * Whether the server lives, known as early as its wire allows. Where it has an event stream, the stream's end
 * is seen within milliseconds of the process's death, and a missing beat makes us ask at once; elsewhere the
 * server is asked every second.
 */
import type { Clock } from '../../clock.js'
import type { ProviderSignal } from '../../health/verdict.js'
import { followStream } from './event-stream.js'
import { type HttpSeat, ignoreAbort, pause } from './resource.js'

/** What {@link watchLiveness} needs. */
export interface LivenessOptions {
  readonly seat: HttpSeat
  readonly clock: Clock
  readonly scope: AbortSignal
  readonly eventsUrl: URL | null
  readonly health: { readonly url: URL; readonly method: 'GET' | 'HEAD' }
  readonly onSignal: (signal: ProviderSignal) => void
  /** The server's stream said this. */
  readonly onEvent: (text: string) => void
}

/** A running watch. */
export interface Liveness {
  /** Asks now; false when nothing answered within the limit. */
  probe(limitMs: number): Promise<boolean>
}

/** Servers beat once a second; a quarter more is scheduling on a busy machine. */
const BEAT_LIMIT_MS = 1_250
/** A server that missed a beat and does not answer this long either hangs. */
const PROBE_LIMIT_MS = 400
/** Without a stream: as often as a stream would beat. */
const POLL_INTERVAL_MS = 1_000
const POLL_LIMIT_MS = 1_000
const REOPEN_DELAYS_MS = [100, 250, 500, 1_000, 2_000] as const

/** Starts watching; ends with the scope. */
export function watchLiveness(options: LivenessOptions): Liveness {
  const { clock, scope, onSignal } = options
  const probe = async (limitMs: number): Promise<boolean> => {
    const startedAt = clock.now()
    const hasAnswered = await isAnswering(options, limitMs)
    if (scope.aborted) return hasAnswered
    if (hasAnswered) onSignal({ type: 'probe-answered', rttMs: clock.now() - startedAt })
    else onSignal({ type: 'probe-timeout', limitMs })
    return hasAnswered
  }
  void watch(options, probe).catch(ignoreAbort)
  return { probe }
}

async function watch(options: LivenessOptions, probe: Liveness['probe']): Promise<void> {
  if (options.eventsUrl) await watchStream(options, options.eventsUrl, probe)
  while (!options.scope.aborted) {
    await pause(options.clock, POLL_INTERVAL_MS, options.scope)
    await probe(POLL_LIMIT_MS)
  }
}

/** Resolves when it turns out that the server has no stream. */
async function watchStream(options: LivenessOptions, url: URL, probe: Liveness['probe']): Promise<void> {
  const { clock, scope, seat, onSignal, onEvent } = options
  let hasLost = false
  for (let failures = 0; !scope.aborted; failures += 1) {
    const beat = createBeatTimer(clock, () => void probe(PROBE_LIMIT_MS))
    const onOpen = (): void => {
      if (hasLost) onSignal({ type: 'socket-open' })
      hasLost = false
      failures = 0
      beat.restart()
    }
    const end = await followStream({ url, seat, scope, onOpen, onBeat: beat.restart, onEvent })
    beat.stop()
    scope.throwIfAborted()
    if (end === 'ended') {
      hasLost = true
      onSignal({ type: 'socket-closed' })
    } else if (end === 'unsupported' || (failures > 0 && !hasLost && (await probe(POLL_LIMIT_MS)))) return
    await pause(clock, REOPEN_DELAYS_MS[Math.min(failures, REOPEN_DELAYS_MS.length - 1)] ?? 0, scope)
  }
}

function createBeatTimer(clock: Clock, onMissed: () => void): { restart: () => void; stop: () => void } {
  let cancel: (() => void) | null = null
  const stop = (): void => {
    cancel?.()
    cancel = null
  }
  const restart = (): void => {
    stop()
    cancel = clock.after(BEAT_LIMIT_MS, () => {
      onMissed()
      restart()
    })
  }
  return { restart, stop }
}

async function isAnswering({ seat, clock, health, scope }: LivenessOptions, limitMs: number): Promise<boolean> {
  const giveUp = new AbortController()
  const cancelTimer = clock.after(limitMs, () => giveUp.abort())
  try {
    // no-cors: any answer will do, and a server without CORS on this route is alive all the same.
    const response = await seat.fetch(health.url.href, {
      method: health.method,
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.any([giveUp.signal, scope]),
    })
    void response.body?.cancel()
    return true
  } catch {
    // Refused or not in time: not answering, which is what is asked.
    return false
  } finally {
    cancelTimer()
  }
}
