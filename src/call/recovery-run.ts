/** The app's own code, run with the patience of recovery (promise P63): tried again after a while, and written down. */
import { createAttempts } from './attempts.js'
import type { CallCore } from './core.js'
import type { RunOptions } from './recovery-contract.js'

/** What most failures of a network need. */
const ATTEMPTS_DEFAULT = 3
/** Waited for where policies are not loaded. */
const RETRY_MS = 400
const INCIDENT = 'app-failure'

/** Runs `task` until it succeeds; rejects with its last error, or with the signal's reason. */
export async function runWithPatience<Value>(
  core: CallCore,
  task: (signal: AbortSignal, attempt: number) => Promise<Value>,
  { attemptsMax = ATTEMPTS_DEFAULT, timeoutMs, signal }: RunOptions = {},
): Promise<Value> {
  const policy = core.guard?.policy() ?? null
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    // The first try is no repair; only what follows a failure is written down.
    const log = attempt > 1 ? begin(core) : null
    try {
      const value = await limited(core, (own) => task(own, attempt), timeoutMs, signal)
      policy?.note({ isOk: true })
      log?.settle('succeeded')
      return value
    } catch (error) {
      log?.settle(signal?.aborted ? 'cancelled' : 'failed')
      policy?.note({ isOk: false })
      const delayMs = policy ? policy.nextDelayMs(attempt) : RETRY_MS
      if (signal?.aborted || attempt >= attemptsMax || delayMs === null) throw error
      await pause(core, delayMs, signal)
    }
  }
}

function begin(core: CallCore): ReturnType<typeof createAttempts> {
  const log = createAttempts({
    room: core.options.room,
    session: `app${core.document.session}`,
    clock: core.clock,
    onWrite: (attempt) => void core.history.put(attempt),
    onSettled: () => undefined,
  })
  log.begin({
    incident: INCIDENT,
    strategy: 'retry',
    initiator: core.options.me.id,
    reason: 'the app asked for it',
    ...{ from: null, to: null, lineage: null, epoch: null },
  })
  return log
}

/** One try, which is over when its time is: a task that ignores its signal is left behind. */
function limited<Value>(
  { clock }: CallCore,
  task: (signal: AbortSignal) => Promise<Value>,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const ending = new AbortController()
  return new Promise((resolve, reject) => {
    const abort = (reason: unknown): void => {
      ending.abort(reason)
      reject(reason)
    }
    const onAbort = (): void => abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const late = (): void => abort(new DOMException('The time for this try is up.', 'TimeoutError'))
    const cancel = timeoutMs === undefined ? (): void => undefined : clock.after(timeoutMs, late)
    task(ending.signal)
      .then(resolve, reject)
      .finally(() => {
        cancel()
        signal?.removeEventListener('abort', onAbort)
      })
  })
}

function pause({ clock }: CallCore, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
