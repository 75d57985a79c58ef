/**
 * The worker's stand-in on the page, with the same functions: where a content policy allows no worker at all.
 * A chunk of its own, because hardly any page needs it.
 */
import type { Clock } from '../clock.js'
import { TICK_MS } from '../health/death.js'
import { createHealthEngine } from './health-engine.js'
import type { WorkerHost } from './host.js'
import { recorded } from './recorder.js'
import { createTickListeners } from './tick-listeners.js'

/** Starts ticking at once; `fallbacks` say why there is no worker. */
export function createPageHost(clock: Clock, fallbacks: readonly string[]): WorkerHost {
  const engine = recorded(createHealthEngine())
  const listeners = createTickListeners()
  let tickMs = TICK_MS
  let cancel: () => void = () => undefined
  const schedule = (): void => {
    cancel()
    cancel = clock.after(tickMs, () => {
      schedule()
      listeners.fire()
    })
  }
  schedule()
  return {
    kind: 'main',
    fallbacks,
    clock,
    engine: {
      ingest: async (batch) => engine.ingest(batch),
      signal: async (signal) => engine.signal(signal),
      probed: async (outcome) => engine.probed(outcome),
      sight: async (atMs, others) => engine.sight(atMs, others),
    },
    recording: async () => engine.recording(),
    onTick: listeners.add,
    setTickMs(nextMs) {
      tickMs = nextMs
      schedule()
    },
    close() {
      cancel()
      listeners.clear()
    },
  }
}
