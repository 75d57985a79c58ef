/**
 * Entry of the health worker. A worker's timers are not throttled in hidden tabs, so it keeps the time for
 * ticks, heartbeats and the page's delays, and judges the samples. The bundle of this file has no imports:
 * bundlers that copy it as it is must not break it.
 */
import { expose } from 'comlink'
import { createHealthEngine } from './health-engine.js'
import { type PageCallbacks, WORKER_VERSION, type WorkerApi, type WorkerResult } from './protocol.js'
import { recorded } from './recorder.js'

/** Makes the object that the page talks to; apart from `expose`, so that tests run it without a worker. */
export function createWorkerApi(): WorkerApi {
  const engine = recorded(createHealthEngine())
  const timers = new Map<number, ReturnType<typeof setTimeout>>()
  let callbacks: PageCallbacks | null = null
  let tickMs = 0
  let nextTick: ReturnType<typeof setTimeout> | undefined

  const tick = (): void => {
    nextTick = setTimeout(tick, tickMs)
    callbacks?.tick()
  }
  const restart = (everyMs: number): void => {
    tickMs = everyMs
    clearTimeout(nextTick)
    nextTick = setTimeout(tick, tickMs)
  }

  return {
    ping: () => ({ ok: true, value: WORKER_VERSION }),
    start: (page, everyMs) =>
      result(() => {
        callbacks = page
        restart(everyMs)
        return null
      }),
    setTickMs: (everyMs) =>
      result(() => {
        restart(everyMs)
        return null
      }),
    setTimer: (id, delayMs) =>
      result(() => {
        const fire = (): void => {
          timers.delete(id)
          callbacks?.timer(id)
        }
        timers.set(id, setTimeout(fire, delayMs))
        return null
      }),
    clearTimer: (id) =>
      result(() => {
        clearTimeout(timers.get(id))
        timers.delete(id)
        return null
      }),
    ingest: (batch) => result(() => engine.ingest(batch)),
    signal: (signal) => result(() => engine.signal(signal)),
    probed: (outcome) => result(() => engine.probed(outcome)),
    sight: (atMs, others) => result(() => engine.sight(atMs, others)),
    recording: () => result(() => engine.recording()),
  }
}

function result<Value>(compute: () => Value): WorkerResult<Value> {
  try {
    return { ok: true, value: compute() }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

// Only inside a worker: importing this file elsewhere does nothing.
const { WorkerGlobalScope: Scope } = globalThis as { WorkerGlobalScope?: new () => object }
if (Scope !== undefined && globalThis instanceof Scope) expose(createWorkerApi())
