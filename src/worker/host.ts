/**
 * Starts the health worker wherever it can run: by URL (what bundlers understand), else from a blob of the
 * inlined text (another origin, bundlers that lose the file), else on the page with the same functions (a
 * strict CSP). A worker that a CSP blocks throws nothing in Chromium but fires `error` later; one from another
 * origin throws at once; a broken one only stays silent: all three lead to the next step.
 */
import { proxy, type Remote, releaseProxy, transfer, wrap } from 'comlink'
import type { Clock } from '../clock.js'
import { TICK_MS } from '../health/death.js'
import { HEADER_SIZE } from '../health/layout.js'
import {
  type HealthEngine,
  type SampleBatch,
  WORKER_VERSION,
  type WorkerApi,
  type WorkerResult,
} from './protocol.js'
import type { Recording } from './recorder.js'
import { createTickListeners, type TickListeners } from './tick-listeners.js'
import { workerFromFile, workerText } from './worker-file.js'

/** The engine as the page calls it; null when the worker failed or is gone. */
export type AsyncHealthEngine = {
  readonly [Name in keyof HealthEngine]: (
    ...args: Parameters<HealthEngine[Name]>
  ) => Promise<ReturnType<HealthEngine[Name]> | null>
}

/** A running worker, or its stand-in on the page. */
export interface WorkerHost {
  readonly kind: 'url' | 'blob' | 'main'
  /** Why earlier steps failed, oldest first; for one debug line. */
  readonly fallbacks: readonly string[]
  /** Timers that also run on time in hidden tabs (not when `kind` is `main`). */
  readonly clock: Clock
  readonly engine: AsyncHealthEngine
  /** The last minutes of the engine; null when the worker is gone, or keeps none. */
  recording(): Promise<Recording | null>
  /** Calls back every tick; 250 ms unless {@link WorkerHost.setTickMs} says otherwise. */
  onTick(listener: () => void): () => void
  setTickMs(tickMs: number): void
  close(): void
}

/** Options of {@link startWorker}. */
export interface StartWorkerOptions {
  readonly clock: Clock
  /** `main` skips workers. Default `auto`. */
  readonly mode?: 'auto' | 'main'
  /** Where the worker file is, for another origin under a strict CSP. Default: beside this module. */
  readonly workerUrl?: string
  /** Text for the blob step. Default: what the build inlined. */
  readonly source?: string
}

/**
 * A worker that has not answered by then is not used: loading takes 20 to 300 ms, and a second and more where many
 * pages share a machine, which then needs the worker most. What cannot run tells it at once.
 */
const ANSWER_LIMIT_MS = 4_000
/** Between two attempts to load what runs without a worker. */
const LOAD_AGAIN_MS = 1_000
/** The blob URL must outlive the fetch of the worker. */
const REVOKE_AFTER_MS = 5_000

/** Starts the worker; never rejects, at worst `kind` is `main`. */
export async function startWorker(options: StartWorkerOptions): Promise<WorkerHost> {
  const fallbacks: string[] = []
  const { clock, mode = 'auto', workerUrl } = options
  if (mode === 'main' || typeof Worker === 'undefined') return onPage(clock, fallbacks)
  const byUrl = await attempt('url', clock, fallbacks, () => workerFromFile(workerUrl))
  if (byUrl) return byUrl
  // A text that cannot be loaded is as good as none.
  const source = options.source ?? (await workerText().catch(() => ''))
  if (source !== '') {
    const byBlob = await attempt('blob', clock, fallbacks, () => blobWorker(source, clock))
    if (byBlob) return byBlob
  }
  return onPage(clock, fallbacks)
}

/** Loaded only when it is needed: nearly every page can start a worker. */
async function onPage(clock: Clock, fallbacks: readonly string[]): Promise<WorkerHost> {
  for (;;)
    try {
      const { createPageHost } = await import('./page-host.js')
      return createPageHost(clock, fallbacks)
    } catch {
      // The network that lost the worker's file lost this one too; without it there would be no health at all.
      await new Promise<void>((resolve) => {
        clock.after(LOAD_AGAIN_MS, resolve)
      })
    }
}

function blobWorker(source: string, clock: Clock): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  clock.after(REVOKE_AFTER_MS, () => URL.revokeObjectURL(url))
  return new Worker(url)
}

async function attempt(
  kind: 'url' | 'blob',
  clock: Clock,
  fallbacks: string[],
  make: () => Worker,
): Promise<WorkerHost | null> {
  let worker: Worker
  try {
    worker = make()
  } catch (error) {
    fallbacks.push(`${kind}: ${error instanceof Error ? error.name : 'threw'}`)
    return null
  }
  const api = wrap<WorkerApi>(worker)
  const failure = await firstAnswer(worker, api, clock)
  if (failure === null) return workerHost(kind, clock, worker, api, [...fallbacks])
  fallbacks.push(`${kind}: ${failure}`)
  worker.terminate()
  return null
}

/** Null when the worker answered; else why it is not used. */
function firstAnswer(worker: Worker, api: Remote<WorkerApi>, clock: Clock): Promise<string | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(ANSWER_LIMIT_MS, () => resolve('silent'))
    const settle = (failure: string | null): void => {
      cancel()
      resolve(failure)
    }
    worker.addEventListener('error', () => settle('error'), { once: true })
    api.ping().then(
      (answer) => settle(answer.ok && answer.value === WORKER_VERSION ? null : 'another version'),
      () => settle('rejected'),
    )
  })
}

interface Ticking {
  readonly listeners: TickListeners
  readonly tasks: Map<number, () => void>
}

function workerHost(
  kind: 'url' | 'blob',
  pageClock: Clock,
  worker: Worker,
  api: Remote<WorkerApi>,
  fallbacks: readonly string[],
): WorkerHost {
  const ticking: Ticking = { listeners: createTickListeners(), tasks: new Map() }
  const callbacks = {
    tick: () => ticking.listeners.fire(),
    timer: (id: number) => ticking.tasks.get(id)?.(),
  }
  // Each mention of a remote method makes a proxy that the garbage collector has to look after.
  const { ingest, signal, probed, sight } = api
  let isClosed = false
  void api.start(proxy(callbacks), TICK_MS)
  const ask =
    <Args extends unknown[], Value>(call: (...args: Args) => Promise<WorkerResult<Value>>) =>
    async (...args: Args): Promise<Value | null> => {
      if (isClosed) return null
      const answer = await call(...args)
      return answer.ok ? answer.value : null
    }
  return {
    kind,
    fallbacks,
    clock: workerClock(pageClock, api, ticking.tasks, () => isClosed),
    engine: {
      ingest: ask((batch) => ingest(transfer(batch, buffersOf(batch)))),
      signal: ask(signal),
      probed: ask(probed),
      sight: ask(sight),
    },
    recording: ask(() => api.recording()),
    onTick: ticking.listeners.add,
    setTickMs(tickMs) {
      if (!isClosed) void api.setTickMs(tickMs)
    },
    close() {
      if (isClosed) return
      isClosed = true
      ticking.listeners.clear()
      api[releaseProxy]()
      worker.terminate()
    },
  }
}

/** Buffers worth moving instead of copying: a pulse is 64 bytes and cheaper to copy. */
function buffersOf(batch: SampleBatch): Transferable[] {
  const buffers: Transferable[] = []
  for (const { values } of batch.connections)
    if (values && values.length > HEADER_SIZE) buffers.push(values.buffer)
  return buffers
}

/** Page and worker both keep the time; whoever is first runs the task, so a throttled page is not late. */
function workerClock(
  pageClock: Clock,
  api: Remote<WorkerApi>,
  tasks: Map<number, () => void>,
  isClosed: () => boolean,
): Clock {
  let lastId = 0
  return {
    now: () => pageClock.now(),
    wallNow: () => pageClock.wallNow(),
    after(delayMs, task) {
      lastId += 1
      const id = lastId
      const run = (): void => {
        if (!tasks.delete(id)) return
        cancelPage()
        task()
      }
      const cancelPage = pageClock.after(delayMs, () => {
        if (tasks.has(id) && !isClosed()) void api.clearTimer(id)
        run()
      })
      tasks.set(id, run)
      if (!isClosed()) void api.setTimer(id, delayMs)
      return () => {
        if (!tasks.delete(id)) return
        cancelPage()
        if (!isClosed()) void api.clearTimer(id)
      }
    },
  }
}
